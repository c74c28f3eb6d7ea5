//! A steward says which partner in Odoo a customer is, or that it is none of those that are there.

use domain::command::Command;
use domain::customer::{Decision, Identity};
use domain::{Reference, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    customer: String,
    partner: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Distinct {
    customer: String,
}

impl Console {
    /// The customer is this partner: it is taken on as it is.
    pub(crate) async fn link_customer(
        &self,
        body: &str,
        person: &str,
    ) -> Result<Value, ConsoleError> {
        let Link { customer, partner } = serde_json::from_str(body)?;
        let identity = Identity::Partner { id: partner };
        self.decide(&customer, identity, person).await
    }

    /// The customer is none of the partners that are there: it is made.
    pub(crate) async fn distinct_customer(
        &self,
        body: &str,
        person: &str,
    ) -> Result<Value, ConsoleError> {
        let Distinct { customer } = serde_json::from_str(body)?;
        self.decide(&customer, Identity::Distinct, person).await
    }

    /// Keeps a decision with who and when, and puts the customer back to work.
    async fn decide(
        &self,
        customer: &str,
        identity: Identity,
        person: &str,
    ) -> Result<Value, ConsoleError> {
        let reference: Reference = customer.parse()?;
        let versions = self.ledger.versions(&reference).await?;
        let not_asked = || ConsoleError::NoCustomerAsked {
            reference: reference.to_string(),
        };
        if versions.iter().any(|record| record.state.is_in_odoo()) {
            return Err(ConsoleError::InOdooAlready {
                reference: reference.to_string(),
            });
        }
        let newest = versions.into_iter().next().ok_or_else(not_asked)?;
        let is_customer = matches!(newest.command, Some(Command::CreateCustomer(_)));
        if !is_customer || newest.state != State::Held {
            return Err(not_asked());
        }
        let now = self.clock.now();
        let decision = Decision {
            identity,
            by: person.to_owned(),
            at: now,
        };
        self.identities.decide(&reference, &decision).await?;
        if !self.ledger.retry(&newest, now).await? {
            return Err(not_asked());
        }
        self.exceptions.resolve(&reference).await?;
        self.bells.ring(newest.shard).await?;
        tracing::info!(%reference, ?identity, "a person has decided which partner a customer is");
        Ok(json!({"customer": reference, "decision": identity, "correlation": newest.correlation}))
    }
}
