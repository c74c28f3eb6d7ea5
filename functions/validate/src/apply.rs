//! From a judged event to the ledger.

use aws::{Accepted, StoreError};
use domain::command::Command;
use domain::event::{Event, InvoiceStatus, PsaProject, Removed};
use domain::judge::{
    Objection, Planned, Standing, Verdict, judge_deal, judge_project, judge_time, standing,
};
use domain::{
    ExceptionClass, Fingerprint, Lane, LaneShard, Record, Reference, State, Version,
    feedback,
};
use tracing::info;

use crate::error::ValidateError;
use crate::read::UnreadableDelivery;
use crate::{Case, Validate};

impl Validate {
    /// Judges one event and writes what follows.
    pub(crate) async fn take_event(
        &self,
        case: &Case<'_>,
        event: Event,
    ) -> Result<(), ValidateError> {
        let verdict = match &event {
            Event::Deal(deal) => judge_deal(deal, case.book),
            Event::Project(project) => self.judge_psa_project(case, project).await?,
            Event::TimeEntry(entry) => judge_time(entry, case.book),
            Event::Removed(removed) => return self.removed(case, removed).await,
            Event::InvoiceStatus(status) => return self.observe(case, status).await,
        };
        let (reference, version) = fact(&event);
        match verdict {
            Verdict::Go(plan) => self.go(case, &reference, plan).await,
            Verdict::Hold { reason } => {
                let record = self.without_command(case, &event, State::Held, reason)?;
                self.offer(case, record).await
            }
            Verdict::Reject { reason } => {
                let record = self.without_command(case, &event, State::Rejected, reason)?;
                self.offer(case, record).await
            }
            Verdict::Except(objection) => {
                let sentence = objection.sentence.clone();
                self.raise(case, &reference, version, objection).await?;
                let record = self.without_command(case, &event, State::Held, sentence)?;
                self.offer(case, record).await
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
            return Ok(Verdict::Nothing { why: "project is linked already" });
        }
        let Some(id) = &project.deal_id else { return Ok(judge_project(project, None)) };
        let crm = &case.book.crm;
        let deal = Reference::new(&crm.source, &crm.account, "deal", id);
        let versions = self.ledger.versions(&deal).await?;
        let company = versions.iter().find_map(|record| match &record.command {
            Some(Command::CreateOrder(order)) => Some(&order.company),
            _ => None,
        });
        Ok(judge_project(project, company.map(|company| (&deal, company))))
    }

    async fn go(
        &self,
        case: &Case<'_>,
        fact: &Reference,
        plan: Vec<Planned>,
    ) -> Result<(), ValidateError> {
        self.exceptions.resolve(fact).await?;
        for planned in plan {
            let record = self.with_command(case, planned)?;
            self.offer(case, record).await?;
        }
        Ok(())
    }

    /// Offers a version to the ledger, in version order.
    async fn offer(&self, case: &Case<'_>, record: Record) -> Result<(), ValidateError> {
        let known = self.ledger.versions(&record.reference).await?;
        let outcome = match standing(record.version, &record.fingerprint, &known) {
            Standing::Stale => "stale",
            Standing::Known => self.accept(case, &record).await?,
            Standing::Unchanged(open) => {
                self.supersede(&open).await?;
                self.exceptions.resolve(&record.reference).await?;
                "unchanged"
            }
            Standing::ChangedAfterPosting(posted) => {
                self.changed_after_posting(case, &record, &posted).await?
            }
            Standing::Newest(open) => {
                self.supersede(&open).await?;
                self.accept(case, &record).await?
            }
        };
        info!(reference = %record.reference, version = record.version.0, state = record.state.name(), outcome, book = %record.book, "version offered to the ledger");
        Ok(())
    }

    async fn accept(
        &self,
        case: &Case<'_>,
        record: &Record,
    ) -> Result<&'static str, ValidateError> {
        let outcome = match self.ledger.accept(record).await? {
            Accepted::New => "accepted",
            Accepted::Redelivered(_) => "redelivered",
            Accepted::Conflict(existing) => {
                let objection = conflict(record, &existing);
                self.raise(case, &record.reference, record.version, objection).await?;
                return Ok("conflict");
            }
        };
        // Rung even for a redelivery: the first bell may have been lost with its worker.
        if record.state == State::Waiting {
            self.bells.ring(record.shard).await?;
        }
        Ok(outcome)
    }

    async fn supersede(&self, open: &[Record]) -> Result<(), StoreError> {
        for older in open {
            self.ledger.supersede(older).await?;
        }
        Ok(())
    }

    async fn changed_after_posting(
        &self,
        case: &Case<'_>,
        record: &Record,
        posted: &Record,
    ) -> Result<&'static str, ValidateError> {
        let objection = changed(record, posted);
        let held = Record {
            state: State::Held,
            waits_for: None,
            reason: Some(objection.sentence.clone()),
            ..record.clone()
        };
        self.raise(case, &record.reference, record.version, objection).await?;
        self.ledger.accept(&held).await?;
        Ok("changed after posting")
    }

    /// A record that its source deleted.
    async fn removed(&self, case: &Case<'_>, removed: &Removed) -> Result<(), ValidateError> {
        let reason = format!("{} was deleted in its source", removed.reference);
        let event = Event::Removed(removed.clone());
        let record = self.without_command(case, &event, State::Rejected, reason)?;
        self.offer(case, record).await
    }

    /// What Odoo shows of an invoice: nothing to post, but the source wants to know.
    async fn observe(
        &self,
        case: &Case<'_>,
        status: &InvoiceStatus,
    ) -> Result<(), ValidateError> {
        let reference = status.invoice.sibling("invoice_status");
        // The version is when we looked; only what was seen decides whether anything is new.
        let seen = InvoiceStatus { version: Version(0), ..status.clone() };
        let fingerprint = fingerprint(&reference, &seen)?;
        let newest = self.ledger.versions(&reference).await?.into_iter().next();
        let news = newest.is_none_or(|newest| {
            newest.version < status.version && newest.fingerprint != fingerprint
        });
        if !news {
            return Ok(());
        }
        let record = Record {
            reference: reference.clone(),
            version: status.version,
            fingerprint,
            state: State::Posted,
            command: None,
            shard: LaneShard::of(Lane::Billing, &reference),
            waits_for: None,
            reason: None,
            posted: None,
            feedback: feedback::of_invoice(status, &case.book.crm.properties),
            correlation: case.delivery.id.clone(),
            book: case.book.version.clone(),
            changed_at: self.clock.now(),
        };
        self.ledger.accept(&record).await?;
        info!(%reference, payment_state = %status.payment_state, "invoice observed");
        Ok(())
    }

    fn with_command(&self, case: &Case<'_>, planned: Planned) -> Result<Record, ValidateError> {
        let unstorable = |cause| ValidateError::Unstorable {
            reference: planned.reference.clone(),
            cause,
        };
        let reason = planned.waits_for.as_ref().map(|awaited| format!("waits for {awaited}"));
        Ok(Record {
            fingerprint: planned.command.fingerprint().map_err(unstorable)?,
            reference: planned.reference,
            version: planned.version,
            state: State::Waiting,
            command: Some(planned.command),
            shard: planned.shard,
            waits_for: planned.waits_for,
            reason,
            posted: None,
            feedback: None,
            correlation: case.delivery.id.clone(),
            book: case.book.version.clone(),
            changed_at: self.clock.now(),
        })
    }

    fn without_command(
        &self,
        case: &Case<'_>,
        event: &Event,
        state: State,
        reason: String,
    ) -> Result<Record, ValidateError> {
        let (reference, version) = fact(event);
        Ok(Record {
            fingerprint: fingerprint(&reference, event)?,
            shard: LaneShard::of(Lane::Work, &reference),
            reference,
            version,
            state,
            command: None,
            waits_for: None,
            reason: Some(reason),
            posted: None,
            feedback: None,
            correlation: case.delivery.id.clone(),
            book: case.book.version.clone(),
            changed_at: self.clock.now(),
        })
    }

    async fn raise(
        &self,
        case: &Case<'_>,
        reference: &Reference,
        version: Version,
        objection: Objection,
    ) -> Result<(), StoreError> {
        info!(%reference, code = objection.code, owner = objection.owner, "exception raised");
        let exception = objection.raise(
            reference.clone(),
            version,
            self.clock.now(),
            case.delivery.id.clone(),
        );
        self.exceptions.raise(&exception).await
    }

    /// A delivery that cannot be taken apart is kept as a question for operations.
    pub(crate) async fn unreadable_delivery(
        &self,
        case: &Case<'_>,
        why: &UnreadableDelivery,
    ) -> Result<(), ValidateError> {
        self.question(case, "delivery_unreadable", why.to_string()).await
    }

    /// One event of a delivery cannot be read; the others were.
    pub(crate) async fn unreadable_event(
        &self,
        case: &Case<'_>,
        why: &sources::Unreadable,
    ) -> Result<(), ValidateError> {
        self.question(case, "event_unreadable", why.to_string()).await
    }

    /// A failure that only a person can end.
    pub(crate) async fn park(
        &self,
        case: &Case<'_>,
        failure: &ValidateError,
    ) -> Result<(), ValidateError> {
        self.question(case, "event_not_taken", aws::Chain(failure).to_string()).await
    }

    async fn question(
        &self,
        case: &Case<'_>,
        code: &'static str,
        item: String,
    ) -> Result<(), ValidateError> {
        let delivery = case.delivery;
        let reference =
            Reference::new(&delivery.source, &delivery.account, "delivery", &delivery.id);
        let version = Version::at(delivery.received_at);
        let objection = Objection {
            code,
            class: ExceptionClass::DataQuality,
            sentence: format!("A message of {} could not be taken", delivery.source),
            items: vec![item],
            fix: "Correct the record in its source so that it is sent again.".to_owned(),
            owner: "operations",
        };
        Ok(self.raise(case, &reference, version, objection).await?)
    }
}

fn fact(event: &Event) -> (Reference, Version) {
    let version = match event {
        Event::Deal(deal) => deal.version,
        Event::Project(project) => project.version,
        Event::TimeEntry(entry) => entry.version,
        Event::Removed(removed) => removed.version,
        Event::InvoiceStatus(status) => status.version,
    };
    (event.reference().clone(), version)
}

fn fingerprint(
    reference: &Reference,
    fact: &impl serde::Serialize,
) -> Result<Fingerprint, ValidateError> {
    let text = serde_json::to_string(fact).map_err(|cause| ValidateError::Unstorable {
        reference: reference.clone(),
        cause,
    })?;
    Ok(Fingerprint::of(&text))
}

fn conflict(offered: &Record, existing: &Record) -> Objection {
    Objection {
        code: "version_conflict",
        class: ExceptionClass::DataQuality,
        sentence: format!(
            "{} came twice with the same version and different content",
            offered.reference
        ),
        items: vec![format!("kept: {}, which is {}", existing.version.0, existing.state.name())],
        fix: "Save the record once more in its source, so that it gets a new version.".to_owned(),
        owner: "steward",
    }
}

fn changed(offered: &Record, posted: &Record) -> Objection {
    let what = match &offered.reason {
        Some(reason) if offered.command.is_none() => reason.clone(),
        _ => "its content differs from what was posted".to_owned(),
    };
    Objection {
        code: "changed_after_posting",
        class: ExceptionClass::BusinessRule,
        sentence: format!("{} changed in its source after it was posted", offered.reference),
        items: vec![
            what,
            format!("posted version: {}, newer version: {}", posted.version.0, offered.version.0),
        ],
        fix: "Decide whether Odoo follows; a posted record is never overwritten by itself."
            .to_owned(),
        owner: "finance",
    }
}
