//! Fetching what a message only names: the sender's signature covers an id, not the terms.

use std::collections::BTreeMap;

use aws::StoreError;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::Reference;
use domain::delivery::Delivery;
use domain::event::Event;
use jiff::Timestamp;
use source_account::{NotAsked, What, wait};
use sources::fetching::{Fetching, RecordFetch};
use sources::{Fetch, LEFT, PULLED};
use tracing::info;

use crate::error::ValidateError;
use crate::{Case, Validate};

/// Records that could not be fetched yet, because their source is left alone.
#[derive(Default)]
pub(crate) struct Left {
    /// The ids, by entity.
    ids: BTreeMap<String, Vec<String>>,
    until: Option<Timestamp>,
}

impl Left {
    /// Keeps a record that waits; any other failure is handed back.
    pub(crate) fn keep(&mut self, failure: ValidateError) -> Result<(), ValidateError> {
        let ValidateError::Later { reference, until } = failure else {
            return Err(failure);
        };
        let ids = self.ids.entry(reference.entity().to_owned()).or_default();
        ids.push(reference.id().to_owned());
        self.until = self.until.max(Some(until));
        Ok(())
    }
}

impl Validate {
    /// The record as its source has it now; none when it is gone.
    pub(crate) async fn fetch(
        &self,
        case: &Case<'_>,
        fetch: &Fetch,
    ) -> Result<Option<Event>, ValidateError> {
        let reference = &fetch.reference;
        let no_way = || ValidateError::NoWay {
            reference: reference.to_string(),
        };
        let source = sources::source(reference.system()).ok_or_else(no_way)?;
        let begun = RecordFetch::start(reference, case.book);
        let (mut record, mut requests) = begun.ok_or_else(no_way)?;
        let not_asked = |cause: NotAsked| not_asked(reference, cause);
        let account = self
            .accounts
            .open(&source.facts, reference.account(), "fetch", What::Records)
            .await
            .map_err(not_asked)?;
        loop {
            let answers = account.ask_all(&requests).await.map_err(not_asked)?;
            let answers = answers.into_iter().map(|one| one.answer).collect();
            let next =
                record
                    .next(case.book, answers)
                    .map_err(|cause| ValidateError::NotFetched {
                        reference: reference.to_string(),
                        cause,
                    })?;
            match next {
                Fetching::Ask(more, further) => (record, requests) = (more, further),
                Fetching::Done(event) => return Ok(Some(event)),
                Fetching::Gone => return Ok(None),
            }
        }
    }

    /// Puts what is left into the queue as a message of its own, which comes when the source may be
    /// asked again. A delivery that came back itself would be used up by waiting, and would fetch
    /// once more what it has.
    pub(crate) async fn come_back(&self, case: &Case<'_>, left: &Left) -> Result<(), StoreError> {
        let Some(until) = left.until else {
            return Ok(());
        };
        let delay = wait(until, self.clock.now());
        for (entity, ids) in &left.ids {
            info!(entity, records = ids.len(), %until, "source is left alone: records are fetched later");
            let delivery = Delivery {
                headers: BTreeMap::from([(PULLED.to_owned(), LEFT.to_owned())]),
                body: BASE64_STANDARD.encode(sources::named(entity, ids)),
                ..case.delivery.clone()
            };
            self.deliveries.send_after(&delivery, delay).await?;
        }
        Ok(())
    }
}

fn not_asked(reference: &Reference, cause: NotAsked) -> ValidateError {
    match cause.until() {
        Some(until) => ValidateError::Later {
            reference: reference.clone(),
            until,
        },
        None => ValidateError::NotSent {
            reference: reference.to_string(),
            cause,
        },
    }
}
