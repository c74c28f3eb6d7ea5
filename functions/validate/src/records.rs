//! What is written into the ledger about an event.

use domain::command::Command;
use domain::event::Event;
use domain::judge::Planned;
use domain::record::History;
use domain::{Fingerprint, Lane, LaneShard, Record, Reference, State, Version, feedback};

use crate::error::ValidateError;
use crate::{Case, Validate};

impl Validate {
    /// A record that is to be posted.
    pub(crate) fn with_command(
        &self,
        case: &Case<'_>,
        planned: Planned,
    ) -> Result<Record, ValidateError> {
        let reference = planned.reference.to_string();
        let (id, received_at) = (&case.delivery.id, case.delivery.received_at);
        let (source, account) = (planned.reference.system(), planned.reference.account());
        let crm = case.book.crm(source, account);
        let deal = planned.reference.sibling("deal");
        let is_customer = matches!(planned.command, Command::CreateCustomer(_));
        let feedback = crm.and_then(|crm| match is_customer {
            true => {
                let terms = &case.book.payment_terms;
                feedback::of_customer(&planned.reference, &crm.properties, terms)
            }
            false => feedback::of_command(&planned.command, &deal, &crm.properties),
        });
        let psa = case.book.psa(source, account);
        let of_link = psa
            .filter(|_| matches!(planned.command, Command::LinkProject(_)))
            .and_then(|psa| feedback::of_link(&planned.reference, &psa.projects.fields));
        let feedback = feedback.or(of_link);
        let record = planned
            .record(id, &case.book.version, received_at, self.clock.now())
            .map_err(|cause| ValidateError::Unstorable { reference, cause })?;
        Ok(Record { feedback, ..record })
    }

    /// A record that a rule holds or rejects.
    pub(crate) fn without_command(
        &self,
        case: &Case<'_>,
        event: &Event,
        state: State,
        reason: String,
    ) -> Result<Record, ValidateError> {
        let (reference, version) = fact(event);
        let now = self.clock.now();
        let fingerprint = fingerprint(&reference, &event.as_compared())?;
        let shard = LaneShard::of(Lane::Work, &reference);
        Ok(Record {
            state,
            reason: Some(reason),
            correlation: case.delivery.id.clone(),
            book: case.book.version.clone(),
            history: History::new(case.delivery.received_at, now),
            ..Record::new(reference, version, fingerprint, shard, now)
        })
    }
}

/// What an event is about, and its version.
pub fn fact(event: &Event) -> (Reference, Version) {
    (event.reference().clone(), event.version())
}

/// The digest of a fact that carries no command.
pub fn fingerprint(
    reference: &Reference,
    fact: &impl serde::Serialize,
) -> Result<Fingerprint, ValidateError> {
    let text = serde_json::to_string(fact).map_err(|cause| ValidateError::Unstorable {
        reference: reference.to_string(),
        cause,
    })?;
    Ok(Fingerprint::of(&text))
}
