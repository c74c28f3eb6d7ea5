//! The CRM and PSA systems: what is known about them, how their messages are trusted and read,
//! and what is asked of their APIs.
//!
//! Read in this order: [`facts`] (a source as data), [`mod@verify`] (is it really from them?),
//! [`reading`] (what does it say, in our words?), then a source's own folder: [`hubspot`],
//! [`connectwise`].
//!
//! **Rule of this crate:** no I/O, no clock, no environment. Requests are values that somebody
//! else sends, and the answers come back as values. A new source is a folder, with its facts in
//! TOML and one function that reads, and one line in [`ENTRIES`].

pub mod answer;
pub mod api;
mod autotask;
mod bamboohr;
mod check;
mod clockify;
pub mod connectwise;
mod dataverse;
mod entries;
pub mod facts;
mod generic;
mod harvest;
pub mod hubspot;
mod jira;
pub mod json;
mod kantata;
pub mod key_url;
mod moco;
mod paymo;
mod personio;
mod pipedrive;
mod productive;
pub mod reading;
mod salesforce;
pub mod secret;
mod teamwork;
mod toggl;
pub mod verify;
mod work;
mod xml;
mod zendesk;

#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use api::{ApiAnswer, ApiError, ApiRequest};
pub use check::check;
pub use entries::{ENTRIES, Entry, all, source};
pub use json::Unreadable;
pub use reading::{Fetch, Message, PULLED, Reading, read};
pub use secret::{BadSecret, ConnectWiseSecret, HubSpotSecret, SigningSecret, SourceSecret};
pub use verify::{Headers, Refusal, Request, Verified, verify, verify_by};

use domain::book::Book;
use facts::Facts;

/// One source: its facts, and the function that reads its messages.
pub struct Source {
    /// What is known about it.
    pub facts: Facts,
    read: Read,
}

type Read = fn(&Book, &Message<'_>, &str) -> Result<Vec<Reading>, Unreadable>;

impl Source {
    /// Its name, for example `hubspot`.
    pub fn name(&self) -> &str {
        &self.facts.name
    }

    /// The account that a message names, when it names one.
    pub fn account_of(&self, body: &[u8]) -> Option<String> {
        verify::account_named(&self.facts, body)
    }

    /// The status that says: it is ours now.
    pub const fn accepted_status(&self) -> u16 {
        self.facts.answers.accepted
    }

    /// The status that makes it send the message again later.
    pub const fn busy_status(&self) -> u16 {
        self.facts.answers.busy
    }

    /// The status for a message that proves nothing.
    pub const fn refused_status(&self) -> u16 {
        self.facts.answers.refused
    }

    /// The headers that a delivery keeps, in lower case.
    pub fn keep_headers(&self) -> &[String] {
        &self.facts.message.keep_headers
    }
}
