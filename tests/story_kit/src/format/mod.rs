//! What a story file may say. Every key is explained with an example in `docs/stories.md`.

mod action;
mod expect;
mod load;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::json::Json;

pub use action::{
    Call, Change, Delivery, Dropped, Fault, NewBook, Order, Question, Run, Schedule, Signature,
    Tried, Trouble, steward,
};
pub use expect::{Calls, Exceptions, Expect, Kind, Since};
pub use load::{BadStory, load};

/// What CRMs and PSAs have: source, list, id, record.
pub type Records = BTreeMap<String, BTreeMap<String, BTreeMap<String, Json>>>;

/// A story.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// What it tells, in one sentence.
    pub name: String,
    /// The rows of docs/capabilities.md that it proves.
    #[serde(default)]
    pub proves: Vec<String>,
    /// When its clock starts.
    #[serde(default = "monday")]
    pub starts: Timestamp,
    /// What its random names are made of.
    #[serde(default)]
    pub seed: u64,
    /// The book, as a file beside the story.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub book: Option<String>,
    /// The book itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub book_text: Option<String>,
    /// What is different in this story's book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub book_overrides: Option<Json>,
    /// The same as `standins`, as a file beside the story: several stories may tell of one firm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standins_file: Option<String>,
    /// What the CRMs and PSAs have when the story begins: source, list, id, record.
    #[serde(default)]
    pub standins: Records,
    /// Secrets of sources that have no secret by themselves.
    #[serde(default)]
    pub secrets: BTreeMap<String, Json>,
    /// What happens.
    pub steps: Vec<Step>,
}

/// A Monday morning in New York and an afternoon in Brussels.
fn monday() -> Timestamp {
    Timestamp::constant(1_794_841_200, 0)
}

/// One step: at most one thing happens, and then it is looked at what came of it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What happens, in one sentence.
    pub name: String,
    /// A source sends a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver: Option<Delivery>,
    /// Somebody drops a file into the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Dropped>,
    /// Somebody changes a record in a CRM or PSA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Time passes: `"15m"`, `"2h"`, `"rest"`, or until an instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advance: Option<String>,
    /// A schedule runs now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    /// A person works in Odoo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odoo: Option<Call>,
    /// A person works in Tenon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console: Option<Question>,
    /// Something goes wrong from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// Another book becomes the active one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub book: Option<NewBook>,
    /// Everything that was delivered comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Order>,
    /// What must be true then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<Expect>,
}

impl Step {
    /// The actions that the step names.
    fn actions(&self) -> Vec<&'static str> {
        let named = [
            ("deliver", self.deliver.is_some()),
            ("file", self.file.is_some()),
            ("change", self.change.is_some()),
            ("advance", self.advance.is_some()),
            ("run", self.run.is_some()),
            ("odoo", self.odoo.is_some()),
            ("console", self.console.is_some()),
            ("fault", self.fault.is_some()),
            ("book", self.book.is_some()),
            ("replay", self.replay.is_some()),
        ];
        let given = named.into_iter().filter(|(_, given)| *given);
        given.map(|(name, _)| name).collect()
    }

    /// What is wrong with it although each key is known.
    fn problem(&self) -> Option<String> {
        let actions = self.actions();
        let too_much = match actions.as_slice() {
            [] if self.expect.is_empty() => {
                Some("nothing happens in it, and nothing is expected".to_owned())
            }
            [] | [_] => None,
            several => Some(format!(
                "one thing happens in a step, and this one has {}; make several steps of it",
                several.join(" and ")
            )),
        };
        let wrong = || self.expect.iter().find_map(|expect| expect.kind().err());
        too_much.or_else(wrong)
    }
}
