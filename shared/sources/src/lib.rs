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

pub mod api;
mod autotask;
mod bamboohr;
mod clockify;
pub mod connectwise;
mod dataverse;
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

use std::sync::LazyLock;

pub use api::{ApiAnswer, ApiError, ApiRequest};
pub use json::Unreadable;
pub use reading::{Fetch, Message, PULLED, Reading, read};
pub use secret::{BadSecret, ConnectWiseSecret, HubSpotSecret, SigningSecret, SourceSecret};
pub use verify::{Refusal, Request, Verified, verify};

use domain::book::Book;
use facts::{Facts, FactsError, Split};

/// One source: its facts, and the function that reads its messages.
pub struct Source {
    /// What is known about it.
    pub facts: Facts,
    read: Read,
}

type Read = fn(&Book, &Message<'_>, &str) -> Result<Vec<Reading>, Unreadable>;

/// A source before its facts are parsed.
pub struct Entry {
    /// The file of its facts, within this crate.
    pub file: &'static str,
    text: &'static str,
    read: Read,
}

/// Every source there is.
pub const ENTRIES: [Entry; 2] = [
    Entry {
        file: "hubspot/hubspot.toml",
        text: include_str!("hubspot/hubspot.toml"),
        read: hubspot::read,
    },
    Entry {
        file: "connectwise/connectwise.toml",
        text: include_str!("connectwise/connectwise.toml"),
        read: connectwise::read,
    },
];

/// Every source whose facts are sound, parsed once. That none is missing is a test's business, so
/// that nothing can fail here while a message waits.
pub static ALL: LazyLock<Vec<Source>> =
    LazyLock::new(|| ENTRIES.iter().flat_map(Entry::load).collect());

/// The source with this name.
pub fn source(name: &str) -> Option<&'static Source> {
    ALL.iter().find(|source| source.name() == name)
}

impl Entry {
    /// Parses and checks the facts.
    pub fn load(&self) -> Result<Source, FactsError> {
        Ok(Source {
            facts: Facts::parse(self.file, self.text)?,
            read: self.read,
        })
    }
}

impl Source {
    /// Its name, for example `hubspot`.
    pub fn name(&self) -> &str {
        &self.facts.name
    }

    /// The account that a message names, when it names one.
    pub fn account_of(&self, body: &[u8]) -> Option<String> {
        let text = json::text_of(body).ok()?;
        let event = match self.facts.message.split {
            Split::Array => json::array(text).ok()?.first()?.get(),
            Split::Whole => text,
        };
        json::id_at(event, &self.facts.message.tenant)
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
