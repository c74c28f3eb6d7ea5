//! Fetching what a message only names: the sender's signature covers an id, not the terms.

use domain::event::Event;
use sources::hubspot::deal_fetch::{DealFetch, Fetching};
use sources::hubspot::feedback::authorization;
use sources::{Fetch, HubSpotSecret, SourceSecret};

use crate::error::ValidateError;
use crate::{Case, Validate};

impl Validate {
    /// The record as its source has it now; none when it is gone.
    pub(crate) async fn fetch(
        &self,
        case: &Case<'_>,
        fetch: &Fetch,
    ) -> Result<Option<Event>, ValidateError> {
        match (fetch.reference.system(), fetch.reference.entity()) {
            ("hubspot", "deal") => self.fetch_deal(case, fetch).await,
            _ => Err(ValidateError::NoWay {
                reference: fetch.reference.to_string(),
            }),
        }
    }

    async fn fetch_deal(
        &self,
        case: &Case<'_>,
        fetch: &Fetch,
    ) -> Result<Option<Event>, ValidateError> {
        let reference = &fetch.reference;
        let authorization = authorization(&self.hubspot_secret().await?);
        let (mut deal, mut requests) =
            DealFetch::start(reference.account(), reference.id(), case.book);
        loop {
            let mut answers = Vec::with_capacity(requests.len());
            for request in &requests {
                let url = &self.config.hubspot_api_url;
                let answer = self.api.ask(url, &authorization, request).await;
                answers.push(answer.map_err(|cause| ValidateError::NotSent {
                    reference: reference.to_string(),
                    cause,
                })?);
            }
            let next = deal
                .next(answers)
                .map_err(|cause| ValidateError::NotFetched {
                    reference: reference.to_string(),
                    cause,
                })?;
            match next {
                Fetching::Ask(more, further) => (deal, requests) = (more, further),
                Fetching::Done(deal) => return Ok(Some(Event::Deal(deal))),
                Fetching::Gone => return Ok(None),
            }
        }
    }

    async fn hubspot_secret(&self) -> Result<HubSpotSecret, ValidateError> {
        let no_secret = || ValidateError::NoSecret {
            source_name: "hubspot".to_owned(),
        };
        let name = format!("tenon/{}/hubspot", self.config.environment);
        let text = self
            .secrets
            .get(&name, self.clock.now())
            .await?
            .ok_or_else(no_secret)?;
        let source = sources::source("hubspot").ok_or_else(no_secret)?;
        match SourceSecret::parse(source, text.reveal()) {
            Ok(SourceSecret::HubSpot(secret)) => Ok(secret),
            _ => Err(no_secret()),
        }
    }
}
