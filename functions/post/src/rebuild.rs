//! A lost ledger is rebuilt from Odoo: what is there under our external ids is noted as posted,
//! so that a replay of the sources compares and changes, and neither creates twice nor brings back
//! what a person has deleted since.

use aws::Rebuild;
use domain::record::Posted;
use domain::{Fingerprint, Lane, LaneShard, Record, Reference, State, Version};
use futures::{StreamExt, TryStreamExt};
use odoo::ours::{self, Ours};
use tokio::time::Instant;
use tracing::info;

use crate::Post;
use crate::error::PostError;

/// How many records are read at once.
const PAGE: usize = 1_000;

/// How many small writes are under way at once.
const WRITES_AT_ONCE: usize = 16;

/// A time entry's hours that nobody pays have a line of their own, beside it.
const UNBILLED: &str = "time_entry_unbilled";

/// The model whose records a lane makes, and what they are posted under. Contacts and order lines
/// are posted with their company and order, and have no record of their own.
const fn models(lane: Lane) -> &'static [(&'static str, &'static [&'static str])] {
    match lane {
        Lane::Master => &[
            ("res.partner", &["company"]),
            ("sale.order", &["deal"]),
            ("project.project", &["project"]),
        ],
        Lane::Work => &[("account.analytic.line", &["time_entry", UNBILLED])],
        Lane::Billing => &[("account.move", &["invoice"])],
    }
}

impl Post {
    /// Goes through the lane's models; what time does not allow is left to the next message.
    pub(crate) async fn rebuild(
        &self,
        mut rebuild: Rebuild,
        deadline: Instant,
    ) -> Result<(), PostError> {
        let odoo = self.odoo(rebuild.lane).await?;
        while let Some((model, entities)) = models(rebuild.lane).get(rebuild.models_done) {
            if Instant::now() > self.last_start(deadline) {
                return Ok(self.bells.rebuild(&rebuild).await?);
            }
            let (companies, after) = (&rebuild.companies, rebuild.after);
            let page = ours::page(&odoo, companies, model, after, PAGE).await?;
            let found = page.ours.into_iter();
            let found = found.filter(|one| entities.contains(&one.reference.entity()));
            let found: Vec<Ours> = found.collect();
            info!(model, found = found.len(), after, "records found in Odoo");
            self.note_found(rebuild.lane, model, found).await?;
            match page.last {
                Some(last) => rebuild.after = last,
                None => {
                    rebuild.models_done += 1;
                    rebuild.after = 0;
                }
            }
        }
        Ok(())
    }

    async fn note_found(&self, lane: Lane, model: &str, found: Vec<Ours>) -> Result<(), PostError> {
        futures::stream::iter(found)
            .map(|one| self.note_one(lane, model, one))
            .buffer_unordered(WRITES_AT_ONCE)
            .try_collect::<Vec<()>>()
            .await?;
        Ok(())
    }

    /// An entry's billable line is the one that an invoice points to; the other one stands for it
    /// only where there is no billable one.
    async fn note_one(&self, lane: Lane, model: &str, one: Ours) -> Result<(), PostError> {
        let main = one.reference.sibling("time_entry");
        if one.reference.entity() == UNBILLED {
            let record = self.found(lane, model, main, one.id);
            return Ok(self.ledger.note_found_once(&record).await?);
        }
        let record = self.found(lane, model, one.reference, one.id);
        Ok(self.ledger.note_found(&record).await?)
    }

    /// Older than every version of a source, and without content: that is compared in Odoo.
    fn found(&self, lane: Lane, model: &str, reference: Reference, id: i64) -> Record {
        let (shard, now) = (LaneShard::of(lane, &reference), self.clock.now());
        Record {
            state: State::Posted,
            posted: Some(Posted {
                model: model.to_owned(),
                id,
                others: Vec::new(),
                name: None,
                customer: domain::customer::Noted::default(),
            }),
            correlation: "ledger rebuild".to_owned(),
            ..Record::new(reference, Version(0), Fingerprint::of(""), shard, now)
        }
    }
}
