//! A customer: one that is new to us is taken on where it is in Odoo already, asked about where it may
//! be, and made where it is not; one that was posted before follows its source.
//!
//! All customers are in one partition ([`domain::LaneShard::of_customers`]): between the search and
//! the creation nobody else makes one.

use domain::command::{Command, CreateCustomer, CreateOrder};
use domain::customer::{Decision, Identity, Noted};
use domain::judge::{Found, duplicate_suspect};
use domain::{Record, Reference, State};
use odoo::customer::Known;
use odoo::{Odoo, customer};
use tracing::info;

use crate::Post;
use crate::error::{Outcome, PostError};
use crate::job::{Job, Past};

/// Who decides where the source itself has merged two customers.
const MERGED: &str = "its source has merged a customer into it that is this partner";

impl Post {
    /// Posts a customer.
    pub(crate) async fn customer(
        &self,
        odoo: &Odoo,
        job: &Job,
        wanted: &CreateCustomer,
    ) -> Outcome {
        let reference = &job.record.reference;
        let earlier = job.earlier(as_customer);
        let there = match earlier.is_empty() {
            true => None,
            false => customer::there(odoo, &wanted.company, reference).await?,
        };
        if there.is_some() {
            let known = Known {
                earlier: &earlier,
                noted: noted(&job.past),
                ownership: &job.record.ownership,
            };
            return Ok(customer::follow(odoo, reference, &known, wanted).await?);
        }
        match self.identity(odoo, reference, wanted).await? {
            Some(partner) => Ok(customer::adopt(odoo, reference, wanted, partner).await?),
            None => Ok(customer::create(odoo, reference, wanted).await?),
        }
    }

    /// A customer is in another partition than its orders: what is pending of it is posted before them.
    pub(crate) async fn customer_goes_first(&self, order: &CreateOrder) -> Result<(), PostError> {
        let versions = self.ledger.versions(&order.customer).await?;
        let is_pending = |newest: &Record| {
            newest.state == State::Waiting && newest.command.is_some() && newest.waits_for.is_none()
        };
        match versions.first().is_some_and(is_pending) {
            false => Ok(()),
            true => Err(PostError::CustomerFirst {
                customer: order.customer.to_string(),
            }),
        }
    }

    /// The partner that a customer was before it came to us; none when it is none, or ours already.
    async fn identity(
        &self,
        odoo: &Odoo,
        reference: &Reference,
        wanted: &CreateCustomer,
    ) -> Result<Option<i64>, PostError> {
        if let Some(decision) = self.identities.of(reference).await? {
            return Ok(partner(&decision));
        }
        let company = &wanted.company;
        if customer::there(odoo, company, reference).await?.is_some() {
            return Ok(None);
        }
        for merged in &wanted.hints.also_known_as {
            if let Some(id) = customer::there(odoo, company, merged).await? {
                return self.decided(reference, id, MERGED).await;
            }
        }
        match customer::search(odoo, reference, wanted).await? {
            Found::Nobody => Ok(None),
            Found::Certain { id, because } => self.decided(reference, id, because).await,
            Found::Perhaps(suspects) => {
                let sought = customer::sought(reference, wanted);
                let question = duplicate_suspect(&sought, &suspects);
                Err(PostError::Asked(Box::new(question)))
            }
        }
    }

    /// Writes down what a rule decided, before Odoo is asked to follow it.
    async fn decided(
        &self,
        reference: &Reference,
        id: i64,
        by: &str,
    ) -> Result<Option<i64>, PostError> {
        let decision = Decision {
            identity: Identity::Partner { id },
            by: by.to_owned(),
            at: self.clock.now(),
        };
        if self.identities.decide_first(reference, &decision).await? {
            info!(%reference, odoo.id = id, by, "customer is in Odoo already");
            return Ok(Some(id));
        }
        let decided = self.identities.of(reference).await?;
        Ok(decided.as_ref().and_then(partner))
    }
}

const fn partner(decision: &Decision) -> Option<i64> {
    match decision.identity {
        Identity::Partner { id } => Some(id),
        Identity::Distinct => None,
    }
}

const fn as_customer(command: &Command) -> Option<&CreateCustomer> {
    if let Command::CreateCustomer(customer) = command {
        return Some(customer);
    }
    None
}

const fn noted(past: &Past) -> Option<&Noted> {
    match past {
        Past::InOdoo { posted, .. } => Some(&posted.customer),
        Past::New | Past::MaybeSent { .. } => None,
    }
}
