//! Fetching a record that a message only names, whatever its source.
//!
//! Nobody waits in here: the caller sends the requests, and hands the answers to [`RecordFetch::next`].

use std::collections::BTreeMap;

use domain::Reference;
use domain::book::Book;
use domain::event::Event;
use jiff::Timestamp;

use crate::api::{ApiAnswer, ApiRequest};
use crate::fetch_error::good;
use crate::listing::Lister;
use crate::reading::{self, Message, PULLED, Reading};
use crate::{Source, hubspot, pipedrive, source};

pub use crate::fetch_error::FetchError;

/// A record that is being fetched.
pub struct RecordFetch(Of);

enum Of {
    HubSpot(hubspot::deal_fetch::DealFetch),
    Pipedrive(pipedrive::deal_fetch::DealFetch),
    Listed(Listed),
}

/// A record that one request gives whole, in the shape of its list.
struct Listed {
    source: &'static Source,
    account: String,
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
            (system, entity) => {
                let source = source(system)?;
                let pulls = source.facts.pull.as_ref()?.all();
                let mut listers = pulls.filter_map(|pull| Lister::of(system, pull, account, book));
                let lister = listers.find(|lister| lister.entity() == entity)?;
                let request = lister.request_for_whole(id)?;
                let account = account.to_owned();
                let listed = Of::Listed(Listed { source, account });
                Some((Self(listed), vec![request]))
            }
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
            Of::Listed(listed) => listed.read(book, &answers),
        }
    }
}

impl Listed {
    fn read(&self, book: &Book, answers: &[ApiAnswer]) -> Result<Fetching, FetchError> {
        let [answer] = answers else {
            let (asked, given) = (1, answers.len());
            return Err(FetchError::AnswerCount { asked, given });
        };
        let headers = BTreeMap::from([(PULLED.to_owned(), String::new())]);
        let message = Message {
            account: &self.account,
            // Only a removal is as new as its arrival, and an answer has none.
            received_at: Timestamp::UNIX_EPOCH,
            headers: &headers,
            body: good("record", answer)?.as_bytes(),
        };
        let what = "record";
        let unreadable = |cause| FetchError::Unreadable { what, cause };
        let readings = reading::read(self.source, book, &message).map_err(unreadable)?;
        match readings.into_iter().next() {
            Some(Reading::Event(event)) => Ok(Fetching::Done(event)),
            Some(Reading::Unreadable(cause)) => Err(unreadable(cause)),
            Some(Reading::Fetch(_) | Reading::Missed(_) | Reading::NotForUs(_)) | None => {
                Ok(Fetching::Gone)
            }
        }
    }
}
