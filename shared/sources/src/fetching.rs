//! Fetching a record that a message only names, whatever its source.
//!
//! Nobody waits in here: the caller sends the requests, and hands the answers to [`RecordFetch::next`].

use domain::Reference;
use domain::book::Book;
use domain::event::Event;

use crate::api::{ApiAnswer, ApiRequest};
use crate::{hubspot, pipedrive};

pub use crate::fetch_error::FetchError;

/// A record that is being fetched.
pub struct RecordFetch(Of);

enum Of {
    HubSpot(hubspot::deal_fetch::DealFetch),
    Pipedrive(pipedrive::deal_fetch::DealFetch),
}

/// Where a fetch stands.
pub enum Fetching {
    /// These have to be sent; their answers go to [`RecordFetch::next`] in the same order.
    Ask(RecordFetch, Vec<ApiRequest>),
    /// All of it.
    Done(Event),
    /// The source has no such record any more.
    Gone,
}

impl RecordFetch {
    /// Begins. None for a record of a kind that is not fetched.
    #[must_use]
    pub fn start(reference: &Reference, book: &Book) -> Option<(Self, Vec<ApiRequest>)> {
        let (account, id) = (reference.account(), reference.id());
        match (reference.system(), reference.entity()) {
            ("hubspot", "deal") => {
                let (fetch, requests) = hubspot::deal_fetch::DealFetch::start(account, id, book);
                Some((Self(Of::HubSpot(fetch)), requests))
            }
            ("pipedrive", "deal") => {
                let (fetch, requests) = pipedrive::deal_fetch::DealFetch::start(account, id);
                Some((Self(Of::Pipedrive(fetch)), requests))
            }
            _ => None,
        }
    }

    /// Takes the answers to the last requests, in their order.
    ///
    /// # Errors
    /// When they are not the record; the error says what the caller may do.
    pub fn next(self, book: &Book, answers: Vec<ApiAnswer>) -> Result<Fetching, FetchError> {
        match self.0 {
            Of::HubSpot(fetch) => {
                use hubspot::deal_fetch::Fetching as Deal;
                Ok(match fetch.next(answers)? {
                    Deal::Ask(fetch, more) => Fetching::Ask(Self(Of::HubSpot(fetch)), more),
                    Deal::Done(deal) => Fetching::Done(Event::Deal(deal)),
                    Deal::Gone => Fetching::Gone,
                })
            }
            Of::Pipedrive(fetch) => {
                use pipedrive::deal_fetch::Fetching as Deal;
                Ok(match fetch.next(book, &answers)? {
                    Deal::Ask(fetch, more) => Fetching::Ask(Self(Of::Pipedrive(fetch)), more),
                    Deal::Done(event) => Fetching::Done(event),
                    Deal::Gone => Fetching::Gone,
                })
            }
        }
    }
}
