//! A judged version, placed beside the others that the ledger has of its fact.

use aws::{Accepted, Settled, StoreError};
use domain::command::Command;
use domain::judge::{Standing, predecessor, standing};
use domain::{Record, State};
use tracing::info;

use crate::error::ValidateError;
use crate::flows::since_the_first;
use crate::objections::conflict;
use crate::{Case, Validate};

/// How often a version is placed anew because an older one moved on meanwhile.
const MOST_LOOKS: usize = 5;

/// Where a version stands once the ledger has seen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offered {
    /// It is the newest: what it says counts.
    Current,
    /// A newer one is known: it says nothing any more.
    Stale,
    /// It contradicts what is there, and a person was asked about that.
    Questioned,
}

impl Validate {
    /// Offers a version to the ledger, in version order.
    pub(crate) async fn offer(
        &self,
        case: &Case<'_>,
        record: Record,
    ) -> Result<Offered, ValidateError> {
        for _ in 0..MOST_LOOKS {
            if let Some(offered) = self.offer_once(case, record.clone()).await? {
                return Ok(offered);
            }
        }
        Err(ValidateError::Restless {
            reference: record.reference.to_string(),
        })
    }

    /// None when a known version moved on meanwhile: what is known has to be looked at again.
    async fn offer_once(
        &self,
        case: &Case<'_>,
        record: Record,
    ) -> Result<Option<Offered>, ValidateError> {
        let known = self.ledger.versions(&record.reference).await?;
        let record = following(record, &known, case);
        for superseded in known.iter().filter(|k| k.state == State::Superseded) {
            // Whoever superseded it may have died before its pointer.
            self.ledger.forget_waiter(superseded).await?;
        }
        let (outcome, offered) = match standing(record.version, &record.fingerprint, &known) {
            Standing::Stale => ("stale", Offered::Stale),
            Standing::Known => match self.again(case, &record, &known).await? {
                Some(again) => again,
                None => return Ok(None),
            },
            Standing::Unchanged { in_odoo, open } => {
                if self.supersede(&open).await? == Settled::MovedOn {
                    return Ok(None);
                }
                let unchanged = unchanged(&record, &in_odoo);
                match self.accept(case, &unchanged, &known).await? {
                    Some(_) => ("unchanged", Offered::Current),
                    None => return Ok(None),
                }
            }
            Standing::Changed { in_odoo, .. } if !may_change(&record, &in_odoo) => {
                self.hold_change(case, &record, &in_odoo).await?;
                ("changed after posting", Offered::Questioned)
            }
            Standing::Changed { open, .. } | Standing::Newest(open) => {
                if self.supersede(&open).await? == Settled::MovedOn {
                    return Ok(None);
                }
                let Some(accepted) = self.accept(case, &record, &known).await? else {
                    return Ok(None);
                };
                match record.command.is_none() && !open.is_empty() {
                    // A worker that had one of them in hand asked before this was there to be seen.
                    true if self.ask_if_posted(case, &record).await? => {
                        ("changed after posting", Offered::Questioned)
                    }
                    _ => accepted,
                }
            }
        };
        info!(reference = %record.reference, version = record.version.0, state = record.state.name(), outcome, book = %record.book, "version offered to the ledger");
        Ok(Some(offered))
    }

    /// A version that the ledger has already. It may have come there late, when an older one that
    /// did not know of it was accepted; then what its acceptance did not see is made up for. None
    /// when a known version moved on meanwhile.
    async fn again(
        &self,
        case: &Case<'_>,
        record: &Record,
        known: &[Record],
    ) -> Result<Option<(&'static str, Offered)>, ValidateError> {
        if let Some(overtaken) = overtaken(record, known) {
            self.ledger.supersede(overtaken).await?;
            return Ok(Some(("overtaken", Offered::Stale)));
        }
        let is_newest = known.first().is_none_or(|k| k.version <= record.version);
        self.follow_late(record, known).await?;
        let Some((outcome, offered)) = self.accept(case, record, known).await? else {
            return Ok(None);
        };
        if outcome == "conflict" {
            return Ok(Some((outcome, offered)));
        }
        if !is_newest {
            return Ok(Some((outcome, Offered::Stale)));
        }
        let older = known.iter().filter(|k| k.version < record.version);
        let open: Vec<Record> = older.filter(|k| is_open(k)).cloned().collect();
        if self.supersede(&open).await? == Settled::MovedOn {
            return Ok(None);
        }
        let is_asked = outcome == "redelivered" && is_asked(record, known);
        match self.ask_if_posted(case, record).await? || is_asked {
            true => Ok(Some((outcome, Offered::Questioned))),
            false => Ok(Some((outcome, offered))),
        }
    }

    /// Notes which version a pending one changes, when that one was not there to be seen before.
    async fn follow_late(&self, record: &Record, known: &[Record]) -> Result<(), StoreError> {
        let this = known.iter().find(|known| known.version == record.version);
        let is_waiting = |this: &&Record| this.state == State::Waiting;
        let unaware = this.filter(|this| is_waiting(this) && this.changes < record.changes);
        if let (Some(this), Some(earlier)) = (unaware, record.changes) {
            self.ledger.follow(this, earlier).await?;
        }
        Ok(())
    }

    /// Asks a person when an older version is in Odoo and this one cannot change it there.
    async fn ask_if_posted(&self, case: &Case<'_>, record: &Record) -> Result<bool, ValidateError> {
        let known = self.ledger.versions(&record.reference).await?;
        let mut older = known.iter().filter(|k| k.version < record.version);
        let in_odoo = older.find(|older| older.state.is_in_odoo());
        let this = known.iter().find(|known| known.version == record.version);
        // Where this one said that nothing changes, it meant what an older one had put there.
        let contradicts = |in_odoo: &&Record| match this.map(|this| this.state) {
            Some(State::Held | State::Rejected) => !may_change(record, in_odoo),
            Some(State::Unchanged) => in_odoo.fingerprint != record.fingerprint,
            _ => false,
        };
        let Some(in_odoo) = in_odoo.filter(contradicts) else {
            return Ok(false);
        };
        let question = self.question_about(record, in_odoo).await?;
        self.raise(case, &record.reference, record.version, question)
            .await?;
        Ok(true)
    }

    /// None when it has to be placed once more, beside a version that came meanwhile.
    async fn accept(
        &self,
        case: &Case<'_>,
        record: &Record,
        known: &[Record],
    ) -> Result<Option<(&'static str, Offered)>, ValidateError> {
        let outcome = match self.ledger.accept_knowing(record, known).await? {
            Accepted::Beside => return Ok(None),
            Accepted::New => "accepted",
            Accepted::Reconsidered => "reconsidered",
            Accepted::Redelivered(_) => "redelivered",
            // Two deals of one customer each bring their own terms and contact with it: the first counts.
            Accepted::Conflict(_) if is_customer(record) => "another deal's",
            Accepted::Conflict(existing) => {
                let objection = conflict(record, &existing);
                self.raise(case, &record.reference, record.version, objection)
                    .await?;
                return Ok(Some(("conflict", Offered::Questioned)));
            }
        };
        // Rung even for a redelivery: the first bell may have been lost with its worker.
        if record.state == State::Waiting && !record.is_held_back() {
            self.bells.ring(record.shard).await?;
        }
        Ok(Some((outcome, Offered::Current)))
    }

    async fn supersede(&self, open: &[Record]) -> Result<Settled, StoreError> {
        for older in open {
            if self.ledger.supersede(older).await? == Settled::MovedOn {
                return Ok(Settled::MovedOn);
            }
        }
        Ok(Settled::Written)
    }

    async fn hold_change(
        &self,
        case: &Case<'_>,
        record: &Record,
        posted: &Record,
    ) -> Result<(), ValidateError> {
        let objection = self.question_about(record, posted).await?;
        let held = Record {
            state: State::Held,
            held_back: None,
            waits_for: None,
            reason: Some(objection.sentence.clone()),
            ..record.clone()
        };
        self.raise(case, &record.reference, record.version, objection)
            .await?;
        self.ledger.accept(&held).await?;
        Ok(())
    }
}

/// Whether a person was asked about this version and has not decided: it was parked, or Odoo has an
/// older one. That it is told once more is no decision.
fn is_asked(record: &Record, known: &[Record]) -> bool {
    let older_in_odoo = || {
        let mut older = known.iter().filter(|k| k.version < record.version);
        older.any(|older| older.state.is_in_odoo())
    };
    let this = known.iter().find(|known| known.version == record.version);
    this.is_some_and(|this| {
        this.state == State::Held
            && !this.is_held_back()
            && (this.command.is_some() || older_in_odoo())
    })
}

/// The same version as the ledger has it, when it is open and a newer one is known: its delivery was
/// under way while the newer one was accepted, and its first acceptance may have been cut off.
fn overtaken<'a>(record: &Record, known: &'a [Record]) -> Option<&'a Record> {
    let newest = known.first()?.version;
    let this = known.iter().find(|known| known.version == record.version)?;
    let is_same = this.fingerprint == record.fingerprint;
    (newest > this.version && is_open(this) && is_same).then_some(this)
}

const fn is_customer(record: &Record) -> bool {
    matches!(record.command, Some(Command::CreateCustomer(_)))
}

fn is_open(record: &Record) -> bool {
    matches!(record.state, State::Waiting | State::Held)
}

/// The record with what it changes in Odoo, as far as the ledger knows. `known` come newest first.
fn following(record: Record, known: &[Record], case: &Case<'_>) -> Record {
    if record.command.is_none() {
        return record;
    }
    let newer = known.iter().take_while(|k| k.version >= record.version);
    let earlier = known.get(newer.count()..).unwrap_or_default();
    let record = Record {
        changes: predecessor(earlier),
        policies: case.book.policies.time_entry,
        ownership: case.book.ownership.customer,
        ..record
    };
    since_the_first(record, known)
}

/// The version that says what Odoo has already.
fn unchanged(record: &Record, in_odoo: &Record) -> Record {
    Record {
        state: State::Unchanged,
        held_back: None,
        waits_for: None,
        reason: None,
        changes: None,
        feedback: in_odoo.feedback.clone(),
        posted: in_odoo.posted.clone(),
        ..record.clone()
    }
}

/// Whether a posted fact may follow its source. A fact that was found in Odoo after the ledger was lost
/// has no content here: it is compared in Odoo.
fn may_change(record: &Record, in_odoo: &Record) -> bool {
    let command = record.command.as_ref();
    let follows = command.is_some_and(Command::follows_its_source);
    let was_found = in_odoo.command.is_none() && in_odoo.observed.is_none();
    follows || (was_found && record.command.is_some())
}
