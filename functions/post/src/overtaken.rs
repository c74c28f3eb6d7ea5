//! Versions that a newer one superseded while they may have been under way to Odoo.
//!
//! A newer version that has something to post changes whatever it finds in Odoo. One that has
//! nothing to post, because it is not approved any more for example, does not look there: so
//! whoever knows that the older one was sent looks, and asks a person when it is in Odoo.

use aws::{Lease, Pending};
use domain::command::Command;
use domain::judge::changed_after_posting;
use domain::record::Posted;
use domain::{NextStep, Record, State};
use odoo::{Odoo, ours};
use tracing::info;

use crate::Post;
use crate::ending::Ending;
use crate::error::PostError;
use crate::flows::made_for;
use crate::job::{Job, Past, was_tried};

/// What Odoo has of a version.
pub enum Found {
    /// Exactly what was sent.
    AsSent(Posted),
    /// The record, with other content.
    Otherwise,
    /// Nothing.
    Nothing,
}

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
            let is_superseded = record.state == State::Superseded;
            let ending = match is_superseded && was_tried(lease, &record) {
                true => self.look_for(odoo, &record).await?,
                false => Ending::Settled,
            };
            if ending != Ending::Settled {
                return Ok(ending);
            }
            if record.state.is_in_odoo() {
                // Its worker died before it could ask.
                self.ask_if_overtaken(&record).await?;
            }
            let (reference, version) = (record.reference, record.version);
            let pointer = Pending { reference, version };
            self.ledger.forget_pending(lease.shard, &pointer).await?;
        }
        Ok(Ending::Settled)
    }

    /// Looks for a superseded version in Odoo, unless a newer one does.
    async fn look_for(&self, odoo: &Odoo, record: &Record) -> Result<Ending, PostError> {
        let versions = self.ledger.versions(&record.reference).await?;
        let newer = versions.first().filter(|n| n.version > record.version);
        let found = match newer {
            Some(newest) if has_nothing_to_post(newest) => self.find(odoo, record).await,
            // What the older one added to it would be something else than what was posted.
            Some(newest) if newest.state.is_in_odoo() => self.find(odoo, newest).await,
            _ => return Ok(Ending::Settled),
        };
        match found {
            Ok(Found::AsSent(_)) if newer.is_some_and(|n| n.state.is_in_odoo()) => {}
            Ok(Found::AsSent(posted)) => {
                info!(reference = %record.reference, version = record.version.0, "superseded version is in Odoo");
                let posted = [self.posted(record.clone(), posted)];
                self.ledger.settle_records(&posted).await?;
                self.ask_if_overtaken(record).await?;
            }
            Ok(Found::Otherwise) => self.ask_if_overtaken(record).await?,
            Ok(Found::Nothing) => {}
            Err(failure) => match failure.next_step() {
                NextStep::Retry => return Ok(Ending::Rest(self.rest_until(&failure))),
                NextStep::LookFirst => return Ok(Ending::Uncertain),
                NextStep::Reject | NextStep::Park => self.ask_if_overtaken(record).await?,
            },
        }
        Ok(Ending::Settled)
    }

    /// Looks, and makes nothing.
    async fn find(&self, odoo: &Odoo, record: &Record) -> Result<Found, PostError> {
        let Some(command) = &record.command else {
            return Ok(Found::Nothing);
        };
        if matches!(command, Command::LogTime(_)) {
            return self.find_time(odoo, record).await;
        }
        if matches!(command, Command::CreateProject(project) if project.is_odoos()) {
            // Finding what Odoo made makes nothing.
            let posted = self.post_one(odoo, &found(record)).await?;
            return Ok(Found::AsSent(posted));
        }
        match made_for(command) {
            // Insert-once leaves what is there as it is, and compares.
            Some(company) if ours::is_there(odoo, company, &record.reference).await? => {
                let posted = self.post_one(odoo, &found(record)).await?;
                Ok(Found::AsSent(posted))
            }
            Some(_) | None => Ok(Found::Nothing),
        }
    }

    /// Asks a person when a newer version of a posted record has nothing to post, or is in Odoo
    /// already: then two workers were at it, which only clocks far apart allow, and the older one
    /// wrote last.
    pub(crate) async fn ask_if_overtaken(&self, posted: &Record) -> Result<(), PostError> {
        let versions = self.ledger.versions(&posted.reference).await?;
        let newer = versions.into_iter().next();
        let newer = newer.filter(|newest| newest.version > posted.version);
        let Some(newest) = newer.filter(|n| has_nothing_to_post(n) || n.state.is_in_odoo()) else {
            return Ok(());
        };
        let objection = changed_after_posting(&newest, posted);
        let (now, correlation) = (self.clock.now(), newest.correlation.clone());
        let exception = objection.raise(newest.reference.clone(), newest.version, now, correlation);
        info!(reference = %newest.reference, code = %exception.code, "exception raised");
        Ok(self.exceptions.raise(&exception).await?)
    }
}

fn has_nothing_to_post(record: &Record) -> bool {
    record.command.is_none() && matches!(record.state, State::Held | State::Rejected)
}

fn found(record: &Record) -> Job {
    let past = Past::MaybeSent {
        earlier: Vec::new(),
    };
    let record = record.clone();
    Job { record, past }
}
