//! From a judged event to the ledger.

use aws::{Accepted, Settled, StoreError};
use domain::command::Command;
use domain::event::{Event, PsaProject, Removed};
use domain::judge::{
    CHANGED_AFTER_POSTING, Planned, Standing, Verdict, changed_after_posting, judge_deal,
    judge_project, judge_time, judge_unposted, judge_withdrawn, predecessor, standing,
};
use domain::{Record, Reference, State};
use tracing::info;

use crate::error::ValidateError;
use crate::objections::conflict;
use crate::records::fact;
use crate::{Case, Validate};

/// How often a version is placed anew because an older one moved on meanwhile.
const MOST_LOOKS: usize = 5;

/// Where a version stands once the ledger has seen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offered {
    /// It is the newest: what it says counts.
    Current,
    /// A newer one is known: it says nothing any more.
    Stale,
    /// It contradicts what is there, and a person was asked about that.
    Questioned,
}

impl Validate {
    /// Judges one event and writes what follows.
    pub(crate) async fn take_event(
        &self,
        case: &Case<'_>,
        event: Event,
    ) -> Result<(), ValidateError> {
        named(event.reference())?;
        let verdict = match &event {
            Event::Deal(deal) => judge_deal(deal, case.book),
            Event::Project(project) => self.judge_psa_project(case, project).await?,
            Event::TimeEntry(entry) => judge_time(entry, case.book),
            Event::Withdrawn(withdrawn) => judge_withdrawn(withdrawn),
            Event::Expense(_) | Event::Person(_) | Event::TimeOff(_) | Event::Ticket(_) => {
                judge_unposted(event.reference())
            }
            Event::Removed(removed) => return self.removed(case, removed).await,
            Event::InvoiceStatus(status) => return self.observe(case, status).await,
        };
        let (reference, version) = fact(&event);
        match verdict {
            Verdict::Go(plan) => self.go(case, &reference, plan).await,
            Verdict::Hold { reason } => self.hold(case, &event, State::Held, reason).await,
            Verdict::Reject { reason } => self.hold(case, &event, State::Rejected, reason).await,
            Verdict::Except(objection) => {
                let reason = format!("{}: {}", objection.sentence, objection.items.join("; "));
                let record = self.without_command(case, &event, State::Held, reason)?;
                match self.offer(case, record).await? {
                    Offered::Current => {
                        Ok(self.raise(case, &reference, version, objection).await?)
                    }
                    Offered::Stale | Offered::Questioned => Ok(()),
                }
            }
            Verdict::Nothing { why } => {
                info!(%reference, why, "event changes nothing");
                Ok(())
            }
        }
    }

    async fn judge_psa_project(
        &self,
        case: &Case<'_>,
        project: &PsaProject,
    ) -> Result<Verdict, StoreError> {
        if self.ledger.posted(&project.reference).await?.is_some() {
            return Ok(Verdict::Nothing {
                why: "project is linked already",
            });
        }
        let Some(id) = &project.deal_id else {
            return Ok(judge_project(project, None));
        };
        let crm = &case.book.crm;
        let deal = Reference::new(&crm.source, &crm.account, "deal", id);
        let versions = self.ledger.versions(&deal).await?;
        let company = versions.iter().find_map(|record| match &record.command {
            Some(Command::CreateOrder(order)) => Some(&order.company),
            _ => None,
        });
        Ok(judge_project(
            project,
            company.map(|company| (&deal, company)),
        ))
    }

    async fn go(
        &self,
        case: &Case<'_>,
        fact: &Reference,
        plan: Vec<Planned>,
    ) -> Result<(), ValidateError> {
        for planned in plan {
            let record = self.with_command(case, planned)?;
            let (is_the_fact, version) = (record.reference == *fact, record.version);
            let offered = self.offer(case, record).await?;
            // Only the newest version's answer closes what an older one asked.
            if is_the_fact && offered == Offered::Current {
                self.exceptions.resolve_up_to(fact, version).await?;
            }
        }
        Ok(())
    }

    /// Nothing to post, and nobody has to decide anything: the fact waits for itself to change.
    async fn hold(
        &self,
        case: &Case<'_>,
        event: &Event,
        state: State,
        reason: String,
    ) -> Result<(), ValidateError> {
        let record = self.without_command(case, event, state, reason)?;
        let (reference, version) = (record.reference.clone(), record.version);
        match self.offer(case, record).await? {
            // Whoever posts an older version meanwhile asks about this one.
            Offered::Current => Ok(self
                .exceptions
                .resolve_but(&reference, CHANGED_AFTER_POSTING, version)
                .await?),
            Offered::Stale | Offered::Questioned => Ok(()),
        }
    }

    /// Offers a version to the ledger, in version order.
    async fn offer(&self, case: &Case<'_>, record: Record) -> Result<Offered, ValidateError> {
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
                self.accept(case, &unchanged(&record, &in_odoo)).await?;
                ("unchanged", Offered::Current)
            }
            Standing::Changed { in_odoo, .. } if !may_change(&record, &in_odoo) => {
                self.hold_change(case, &record, &in_odoo).await?;
                ("changed after posting", Offered::Questioned)
            }
            Standing::Changed { open, .. } | Standing::Newest(open) => {
                if self.supersede(&open).await? == Settled::MovedOn {
                    return Ok(None);
                }
                let accepted = self.accept(case, &record).await?;
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
        let newer = |newest: &Record| newest.version > record.version;
        let (outcome, offered) = match self.accept(case, record).await? {
            ("conflict", offered) => ("conflict", offered),
            (outcome, _) if known.first().is_some_and(newer) => (outcome, Offered::Stale),
            (outcome, offered) => {
                let older: Vec<Record> = (known.iter())
                    .filter(|k| k.version < record.version && is_open(k))
                    .cloned()
                    .collect();
                if self.supersede(&older).await? == Settled::MovedOn {
                    return Ok(None);
                }
                (outcome, offered)
            }
        };
        if outcome == "redelivered" && offered == Offered::Current && is_asked(record, known) {
            self.ask_if_posted(case, record).await?;
            return Ok(Some((outcome, Offered::Questioned)));
        }
        Ok(Some((outcome, offered)))
    }

    /// Asks a person when an older version is in Odoo and this one cannot change it there.
    async fn ask_if_posted(&self, case: &Case<'_>, record: &Record) -> Result<bool, ValidateError> {
        let known = self.ledger.versions(&record.reference).await?;
        let mut older = known.iter().filter(|k| k.version < record.version);
        let in_odoo = older.find(|older| older.state.is_in_odoo());
        let Some(in_odoo) = in_odoo.filter(|in_odoo| !may_change(record, in_odoo)) else {
            return Ok(false);
        };
        let question = changed_after_posting(record, in_odoo);
        self.raise(case, &record.reference, record.version, question)
            .await?;
        Ok(true)
    }

    async fn accept(
        &self,
        case: &Case<'_>,
        record: &Record,
    ) -> Result<(&'static str, Offered), ValidateError> {
        let outcome = match self.ledger.accept(record).await? {
            Accepted::New => "accepted",
            Accepted::Reconsidered => "reconsidered",
            Accepted::Redelivered(_) => "redelivered",
            Accepted::Conflict(existing) => {
                let objection = conflict(record, &existing);
                self.raise(case, &record.reference, record.version, objection)
                    .await?;
                return Ok(("conflict", Offered::Questioned));
            }
        };
        // Rung even for a redelivery: the first bell may have been lost with its worker.
        if record.state == State::Waiting {
            self.bells.ring(record.shard).await?;
        }
        Ok((outcome, Offered::Current))
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
        let objection = changed_after_posting(record, posted);
        let held = Record {
            state: State::Held,
            waits_for: None,
            reason: Some(objection.sentence.clone()),
            ..record.clone()
        };
        self.raise(case, &record.reference, record.version, objection)
            .await?;
        self.ledger.accept(&held).await?;
        Ok(())
    }

    /// A record that its source deleted.
    async fn removed(&self, case: &Case<'_>, removed: &Removed) -> Result<(), ValidateError> {
        let reason = format!("{} was deleted in its source", removed.reference);
        let event = Event::Removed(removed.clone());
        self.hold(case, &event, State::Rejected, reason).await
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
        this.state == State::Held && (this.command.is_some() || older_in_odoo())
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

fn is_open(record: &Record) -> bool {
    matches!(record.state, State::Waiting | State::Held)
}

/// Makes sure that every key can carry the name.
fn named(reference: &Reference) -> Result<(), ValidateError> {
    if reference.fits() {
        return Ok(());
    }
    Err(ValidateError::TooLong {
        entity: reference.entity().to_owned(),
        length: reference.to_string().len(),
    })
}

/// The record with what it changes in Odoo, as far as the ledger knows. `known` come newest first.
fn following(record: Record, known: &[Record], case: &Case<'_>) -> Record {
    if record.command.is_none() {
        return record;
    }
    let newer = known.iter().take_while(|k| k.version >= record.version);
    let earlier = known.get(newer.count()..).unwrap_or_default();
    Record {
        changes: predecessor(earlier),
        policies: case.book.policies.time_entry,
        ..record
    }
}

/// The version that says what Odoo has already.
fn unchanged(record: &Record, in_odoo: &Record) -> Record {
    Record {
        state: State::Unchanged,
        waits_for: None,
        reason: None,
        changes: None,
        posted: in_odoo.posted.clone(),
        ..record.clone()
    }
}

/// Whether a posted fact may follow its source: time may, field by field; what stands in an order
/// or an invoice is changed by people. A fact that was found in Odoo after the ledger was lost has
/// no content here: it is compared in Odoo.
fn may_change(record: &Record, in_odoo: &Record) -> bool {
    let is_time = matches!(record.command, Some(Command::LogTime(_)));
    let was_found = in_odoo.command.is_none() && in_odoo.observed.is_none();
    is_time || (was_found && record.command.is_some())
}
