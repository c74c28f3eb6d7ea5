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

pub mod access;
pub mod answer;
pub mod api;
mod autotask;
mod bamboohr;
mod check;
mod clockify;
pub mod connectwise;
mod dataverse;
pub mod facts;
mod fetch_error;
pub mod fetching;
pub mod file;
mod generic;
mod harvest;
pub mod hubspot;
mod jira;
pub mod json;
mod kantata;
pub mod key_url;
pub mod listing;
mod moco;
mod paymo;
mod personio;
mod pipedrive;
mod productive;
pub mod reading;
mod salesforce;
pub mod secret;
mod sequence;
pub mod survey;
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
pub use json::Unreadable;
pub use reading::{Fetch, LEFT, Message, PULLED, REMOVED, Reading, named, read};
pub use secret::{
    ApiSecret, BadSecret, ConnectWiseSecret, HubSpotSecret, SigningSecret, SourceSecret,
    with_document,
};
pub use sequence::Sequence;
pub use verify::{Headers, Refusal, Request, Verified, verify, verify_by};

use std::sync::OnceLock;

use domain::book::Book;
use facts::{Facts, FactsError};

/// One source: its facts, and the function that reads its messages.
pub struct Source {
    /// What is known about it.
    pub facts: Facts,
    read: Read,
}

type Read = fn(&Book, &Message<'_>, &str) -> Result<Vec<Reading>, Unreadable>;

/// A source before its facts are parsed.
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// The file of its facts, within this crate.
    pub file: &'static str,
    /// What is written there.
    pub text: &'static str,
    read: Read,
}

const COUNT: usize = 20;

/// Every source there is.
pub const ENTRIES: [Entry; COUNT] = [
    Entry {
        name: "hubspot",
        file: "hubspot/hubspot.toml",
        text: include_str!("hubspot/hubspot.toml"),
        read: hubspot::read,
    },
    Entry {
        name: "salesforce",
        file: "salesforce/salesforce.toml",
        text: include_str!("salesforce/salesforce.toml"),
        read: salesforce::read,
    },
    Entry {
        name: "pipedrive",
        file: "pipedrive/pipedrive.toml",
        text: include_str!("pipedrive/pipedrive.toml"),
        read: pipedrive::read,
    },
    Entry {
        name: "connectwise",
        file: "connectwise/connectwise.toml",
        text: include_str!("connectwise/connectwise.toml"),
        read: connectwise::read,
    },
    Entry {
        name: "autotask",
        file: "autotask/autotask.toml",
        text: include_str!("autotask/autotask.toml"),
        read: autotask::read,
    },
    Entry {
        name: "clockify",
        file: "clockify/clockify.toml",
        text: include_str!("clockify/clockify.toml"),
        read: clockify::read,
    },
    Entry {
        name: "kantata",
        file: "kantata/kantata.toml",
        text: include_str!("kantata/kantata.toml"),
        read: kantata::read,
    },
    Entry {
        name: "harvest",
        file: "harvest/harvest.toml",
        text: include_str!("harvest/harvest.toml"),
        read: harvest::read,
    },
    Entry {
        name: "dataverse",
        file: "dataverse/dataverse.toml",
        text: include_str!("dataverse/dataverse.toml"),
        read: dataverse::read,
    },
    Entry {
        name: "productive",
        file: "productive/productive.toml",
        text: include_str!("productive/productive.toml"),
        read: productive::read,
    },
    Entry {
        name: "teamwork",
        file: "teamwork/teamwork.toml",
        text: include_str!("teamwork/teamwork.toml"),
        read: teamwork::read,
    },
    Entry {
        name: "moco",
        file: "moco/moco.toml",
        text: include_str!("moco/moco.toml"),
        read: moco::read,
    },
    Entry {
        name: "toggl",
        file: "toggl/toggl.toml",
        text: include_str!("toggl/toggl.toml"),
        read: toggl::read,
    },
    Entry {
        name: "jira",
        file: "jira/jira.toml",
        text: include_str!("jira/jira.toml"),
        read: jira::read,
    },
    Entry {
        name: "bamboohr",
        file: "bamboohr/bamboohr.toml",
        text: include_str!("bamboohr/bamboohr.toml"),
        read: bamboohr::read,
    },
    Entry {
        name: "zendesk",
        file: "zendesk/zendesk.toml",
        text: include_str!("zendesk/zendesk.toml"),
        read: zendesk::read,
    },
    Entry {
        name: "paymo",
        file: "paymo/paymo.toml",
        text: include_str!("paymo/paymo.toml"),
        read: paymo::read,
    },
    Entry {
        name: "personio",
        file: "personio/personio.toml",
        text: include_str!("personio/personio.toml"),
        read: personio::read,
    },
    Entry {
        name: "standard-webhooks",
        file: "generic/standard-webhooks.toml",
        text: include_str!("generic/standard-webhooks.toml"),
        read: generic::read_standard,
    },
    Entry {
        name: "generic",
        file: "generic/generic.toml",
        text: include_str!("generic/generic.toml"),
        read: generic::read,
    },
];

/// The sources that were asked for. A function that serves one does not parse the others.
static LOADED: [OnceLock<Option<Source>>; COUNT] = [const { OnceLock::new() }; COUNT];

/// The source with this name. That no description is unsound is a test's business, so that nothing
/// can fail here while a message waits.
#[must_use]
pub fn source(name: &str) -> Option<&'static Source> {
    let mut entries = ENTRIES.iter().zip(&LOADED);
    let (entry, loaded) = entries.find(|(entry, _)| entry.name == name)?;
    loaded.get_or_init(|| entry.load().ok()).as_ref()
}

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Source> {
    ENTRIES.iter().filter_map(|entry| source(entry.name))
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
