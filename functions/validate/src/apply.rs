//! From a judged event to the ledger.

use aws::StoreError;
use domain::command::{Command, KeepAssignment};
use domain::event::{Event, Removed};
use domain::judge::{
    CHANGED_AFTER_POSTING, Planned, Verdict, judge_assignment, judge_unposted, judge_withdrawn,
};
use domain::{Reference, State};
use tracing::info;

use crate::error::ValidateError;
use crate::offer::Offered;
use crate::records::fact;
use crate::{Case, Validate};

impl Validate {
    /// Judges one event and writes what follows.
    pub(crate) async fn take_event(
        &self,
        case: &Case<'_>,
        event: Event,
    ) -> Result<(), ValidateError> {
        named(event.reference())?;
        let verdict = match &event {
            Event::Deal(deal) => self.judge_deal(case, deal).await?,
            Event::Project(project) => self.judge_psa_project(case, project).await?,
            Event::TimeEntry(entry) => self.judge_entry(case, entry).await?,
            Event::Assignment(assignment) => judge_assignment(assignment, case.book),
            Event::Withdrawn(withdrawn) => judge_withdrawn(withdrawn),
            Event::Expense(_) | Event::Person(_) | Event::TimeOff(_) | Event::Ticket(_) => {
                judge_unposted(event.reference())
            }
            Event::Removed(removed) => return self.removed(case, removed).await,
            Event::InvoiceStatus(status) => return self.observe(case, status).await,
        };
        let project = if let Event::Project(project) = &event {
            Some(project.clone())
        } else {
            None
        };
        self.judged(case, event, verdict).await?;
        match project {
            Some(project) => self.follow_project(case, *project).await,
            None => Ok(()),
        }
    }

    /// Writes what follows from a verdict.
    pub(crate) async fn judged(
        &self,
        case: &Case<'_>,
        event: Event,
        verdict: Verdict,
    ) -> Result<(), ValidateError> {
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

    async fn go(
        &self,
        case: &Case<'_>,
        fact: &Reference,
        plan: Vec<Planned>,
    ) -> Result<(), ValidateError> {
        for planned in plan {
            let record = self.in_its_flow(self.with_command(case, planned)?).await?;
            // Whoever keeps an assignment knows more of it, and closes its questions.
            let is_kept = matches!(record.command, Some(Command::KeepAssignment(_)));
            // A link that came with an entry answers what was asked about its project.
            let is_link = matches!(record.command, Some(Command::LinkProject(_)));
            let is_the_fact = (record.reference == *fact && !is_kept) || is_link;
            let reference = record.reference.clone();
            let version = record.version;
            let offered = self.offer(case, record).await?;
            // Only the newest version's answer closes what an older one asked.
            if is_the_fact && offered == Offered::Current {
                self.exceptions.resolve_up_to(&reference, version).await?;
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

    /// A record that its source deleted.
    async fn removed(&self, case: &Case<'_>, removed: &Removed) -> Result<(), ValidateError> {
        if let Some(gone) = self.gone_assignment(removed).await? {
            return self.go(case, &removed.reference, vec![gone]).await;
        }
        let reason = format!("{} was deleted in its source", removed.reference);
        let event = Event::Removed(removed.clone());
        self.hold(case, &event, State::Rejected, reason).await
    }
}

impl Validate {
    /// An assignment that its source has no more is taken away from where it is kept.
    async fn gone_assignment(&self, removed: &Removed) -> Result<Option<Planned>, StoreError> {
        if removed.reference.entity() != "assignment" {
            return Ok(None);
        }
        let versions = self.ledger.versions(&removed.reference).await?;
        let known = versions
            .into_iter()
            .find_map(|version| match version.command {
                Some(Command::KeepAssignment(assignment)) => Some((version.shard, assignment)),
                _ => None,
            });
        Ok(known.map(|(shard, assignment)| Planned {
            reference: removed.reference.clone(),
            version: removed.version,
            shard,
            waits_for: Some(assignment.project.clone()),
            command: Command::KeepAssignment(KeepAssignment {
                is_gone: true,
                ..assignment
            }),
        }))
    }
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
