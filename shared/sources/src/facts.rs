//! What is known about a source, as data: one TOML file per source, typed here.
//!
//! Read in this order: [`proof`] (is a message really theirs?), [`message`] (how it is built),
//! [`delivery`] (what we answer, and what gets lost), [`mod@file`] (what may be dropped), [`api`] (what can
//! be asked instead), [`survey`] (what a first book asks), [`example`] (messages that show that all this is so). A fact that needs an `if`
//! is no fact: it belongs into the source's `read`.

use std::collections::BTreeMap;

use serde::Deserialize;

use api::{Api, Pull};
use approval::ApprovalMap;
use delivery::{Answers, DeliveryFacts};
use example::Example;
use file::FileFacts;
use message::Message;
use proof::Scheme;
use survey::{Question, Topic};

pub use load::FactsError;

pub mod api;
pub mod approval;
pub mod delivery;
pub mod example;
pub mod file;
mod hole;
mod load;
pub mod message;
pub mod proof;
mod rules;
mod schedule;
pub mod survey;

/// The facts about one source. Unknown keys are refused, so that a typing error is an error and
/// not a silent default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The source's name, for example `hubspot`; also the folder of its file.
    pub name: String,
    /// What its vendor calls it.
    pub title: String,
    /// Where its vendor describes what is written here.
    pub docs: String,
    /// How its records reach us.
    pub transport: Vec<Transport>,
    /// How a message proves where it comes from: the first scheme that it carries decides, and a
    /// failed one never falls through to the next.
    #[serde(default)]
    pub verify: Vec<Scheme>,
    /// How a message is built.
    pub message: Message,
    /// What we answer.
    #[serde(default)]
    pub answers: Answers,
    /// How it delivers, and what it loses; only of a source that pushes.
    pub delivery: Option<DeliveryFacts>,
    /// What its files may be; only of a source whose files are dropped.
    pub file: Option<FileFacts>,
    /// How what was missed is found again.
    pub pull: Option<Pull>,
    /// What is known of its API.
    pub api: Option<Api>,
    /// What an account of it says that a first book names.
    #[serde(default)]
    pub survey: BTreeMap<Topic, Question>,
    /// Its approval words, by entity.
    #[serde(default)]
    pub approval: BTreeMap<String, ApprovalMap>,
    /// Messages that the facts are held against.
    #[serde(default, rename = "example")]
    pub examples: Vec<Example>,
}

/// How records reach us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// It calls us: a webhook.
    Push,
    /// We ask which records changed.
    Poll,
    /// We read its list of events.
    Feed,
    /// Events arrive by a channel that proves its sender, for example Amazon EventBridge.
    Stream,
    /// A file is put where we read it.
    File,
}

impl Facts {
    /// Whether it calls us.
    #[must_use]
    pub fn pushes(&self) -> bool {
        self.transport.contains(&Transport::Push)
    }

    /// The scheme of this name.
    #[must_use]
    pub fn scheme(&self, name: &str) -> Option<&Scheme> {
        self.verify.iter().find(|scheme| scheme.scheme == name)
    }
}
