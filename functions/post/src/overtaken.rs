//! Versions that a newer one superseded while they may have been under way to Odoo.
//!
//! A newer version that has something to post changes whatever it finds in Odoo. One that has
//! nothing to post, because it is not approved any more for example, does not look there: so
//! whoever knows that the older one was sent looks, and asks a person when it is in Odoo.

use aws::{Lease, Pending};
use domain::command::Command;
use domain::judge::changed_after_posting;
use domain::{NextStep, Record, State};
use odoo::{Odoo, ours};
use tracing::info;

use crate::Post;
use crate::ending::Ending;
use crate::error::{Outcome, PostError};
use crate::flows::made_for;
use crate::job::{Job, Past, was_tried};

impl Post {
    /// Clears away pointers whose records are not to be posted any more, after a look at what may
    /// have been sent.
    pub(crate) async fn clear(
        &self,
        lease: &Lease,
        odoo: &Odoo,
        stale: Vec<Record>,
    ) -> Result<Ending, PostError> {
        for record in stale {
            if record.state.is_in_odoo() {
                // Its worker died before it could ask.
                self.ask_if_overtaken(&record).await?;
            } else if record.state == State::Superseded && was_tried(lease, &record) {
                match self.find(odoo, &record).await {
                    Ok(posted) => {
                        info!(reference = %record.reference, version = record.version.0, "superseded version is in Odoo");
                        let posted = self.posted(record.clone(), posted);
                        let posted = std::slice::from_ref(&posted);
                        for overtaken in self.ledger.settle_records(posted).await? {
                            self.ask_if_overtaken(overtaken).await?;
                        }
                    }
                    Err(failure) => match failure.next_step() {
                        NextStep::Retry => return Ok(Ending::Rest(self.rest_until(&failure))),
                        NextStep::LookFirst => return Ok(Ending::Uncertain),
                        // It is not there.
                        NextStep::Reject | NextStep::Park => {}
                    },
                }
            }
            let (reference, version) = (record.reference, record.version);
            let pointer = Pending { reference, version };
            self.ledger.forget_pending(lease.shard, &pointer).await?;
        }
        Ok(Ending::Settled)
    }

    /// Where a record is in Odoo. Nothing is made: what is not there is a difference.
    async fn find(&self, odoo: &Odoo, record: &Record) -> Outcome {
        let reference = &record.reference;
        match &record.command {
            Some(Command::LogTime(_)) => self.find_time(odoo, record).await,
            Some(command) => match made_for(command) {
                // Insert-once leaves what is there as it is.
                Some(company) if ours::is_there(odoo, company, reference).await? => {
                    self.post_one(odoo, &found(record)).await
                }
                Some(_) | None => Err(PostError::Deleted),
            },
            None => Err(PostError::Deleted),
        }
    }

    /// Asks a person when a newer version of a posted record has nothing to post.
    pub(crate) async fn ask_if_overtaken(&self, posted: &Record) -> Result<(), PostError> {
        let versions = self.ledger.versions(&posted.reference).await?;
        let Some(newest) = versions.first().filter(|v| v.version > posted.version) else {
            return Ok(());
        };
        if newest.command.is_some() || !matches!(newest.state, State::Held | State::Rejected) {
            return Ok(());
        }
        let objection = changed_after_posting(newest, posted);
        let (now, correlation) = (self.clock.now(), newest.correlation.clone());
        let exception = objection.raise(newest.reference.clone(), newest.version, now, correlation);
        info!(reference = %newest.reference, code = %exception.code, "exception raised");
        Ok(self.exceptions.raise(&exception).await?)
    }
}

fn found(record: &Record) -> Job {
    let past = Past::MaybeSent {
        earlier: Vec::new(),
    };
    let record = record.clone();
    Job { record, past }
}
