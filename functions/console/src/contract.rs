//! A person confirms a contract that the book leaves to people.

use domain::Version;
use domain::command::{Command, CreateOrder};
use domain::judge::confirm_contract;
use domain::{Record, Reference};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    deal: String,
    /// The order's date; today in the entity's zone when nobody says otherwise.
    #[serde(default)]
    signed_on: Option<Date>,
}

impl Console {
    /// Confirms a contract's draft order, as soon as as many people agree as it needs; its project is
    /// made when the order is confirmed. A contract that its signature confirms is not for a person to
    /// confirm.
    pub(crate) async fn confirm_contract(
        &self,
        body: &str,
        person: &str,
    ) -> Result<Value, ConsoleError> {
        let Confirmation { deal, signed_on } = serde_json::from_str(body)?;
        let deal: Reference = deal.parse()?;
        let not_open = || ConsoleError::NotToConfirm {
            deal: deal.to_string(),
        };
        let (order, draft) = self.draft(&deal).await?.ok_or_else(not_open)?;
        let signature = deal.sibling("signature");
        let known = self.ledger.versions(&signature).await?;
        if known
            .iter()
            .any(|record| !record.state.is_final() || record.state.is_in_odoo())
        {
            return Err(not_open());
        }
        // Only where the book leaves it to people, a project waits for a signature nobody has sent.
        let project = self.ledger.versions(&deal.sibling("project")).await?;
        let waits = |record: &Record| record.waits_for.as_ref() == Some(&signature);
        if !project.first().is_some_and(waits) {
            return Err(not_open());
        }
        let now = self.clock.now();
        let agreed = self
            .agreements
            .agree(&deal, draft.version, person, now)
            .await?;
        let needed = order.approvers;
        if agreed < usize::try_from(needed).unwrap_or(usize::MAX) {
            return Ok(json!({"deal": deal, "agreed": agreed, "needed": needed}));
        }
        let zone = TimeZone::get(&order.company.zone).map_err(|_| not_open())?;
        let day = signed_on.unwrap_or_else(|| now.to_zoned(zone).date());
        let planned = confirm_contract(&deal, &order, day, Version::at(now));
        let record = planned
            .record(&self.tokens.fresh(), &draft.book, now, now)
            .map_err(ConsoleError::Unstorable)?;
        self.ledger.accept(&record).await?;
        self.bells.ring(record.shard).await?;
        tracing::info!(reference = %deal, correlation = %record.correlation, "contract confirmed by a person");
        Ok(json!({"deal": deal, "signed_on": day, "correlation": record.correlation}))
    }

    /// The newest version of a deal's order, and its record.
    async fn draft(&self, deal: &Reference) -> Result<Option<(CreateOrder, Record)>, ConsoleError> {
        let newest = self.ledger.versions(deal).await?.into_iter().next();
        Ok(newest.and_then(|record| match &record.command {
            Some(Command::CreateOrder(order)) => Some((order.clone(), record)),
            _ => None,
        }))
    }
}
