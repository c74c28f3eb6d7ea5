//! What may be expected after a step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::json::Json;

/// One expectation. One of `odoo`, `exceptions`, `outcomes`, `record`, `calls`, `standin`, `console`
/// and `dead_letters` says what is looked at; the other keys say what must be there.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Records of this model in Odoo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odoo: Option<String>,
    /// Those that pass this domain; all when missing.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub domain: Option<Json>,
    /// Seen in this company; in all of them when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<i64>,
    /// How many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// What each of them has.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Json>,
    /// What they have one by one, and that there are no others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<BTreeMap<String, Json>>>,
    /// In which order; by id when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Who looks; an administrator or the steward when missing.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// What people are asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exceptions: Option<Exceptions>,
    /// How many facts stand where, by the state of their newest version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<BTreeMap<String, u64>>,
    /// Only facts of this kind, for example `time_entry`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// What became of one fact: `SOURCE/ACCOUNT/ENTITY/ID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The state of its newest version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Words in the reason of that state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The states of all its versions, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<Vec<String>>,
    /// How often Odoo and the sources were called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<Calls>,
    /// What a source has now: `SOURCE/LIST/ID`; with `count`, how many ConnectWise has of a list:
    /// `connectwise/LIST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standin: Option<String>,
    /// What the console answers to this path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console: Option<String>,
    /// Words in the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// A place in the answer, for example `/versions/0/state`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<Json>,
    /// How many messages nobody could handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letters: Option<u64>,
}

/// What people are asked.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Exceptions {
    /// How many of those that the other keys choose; at least one when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Only those with this code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Only those for this role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Only those about this fact: `SOURCE/ACCOUNT/ENTITY/ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Words that each of them has in its sentence, its items or what to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// Its items, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<String>>,
}

/// How often something was called.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    /// Of Odoo by the functions, by model and method: `sale.order.load`, `sale.order.*`, `*`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub odoo: BTreeMap<String, u64>,
    /// Of the sources, by their name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sources: BTreeMap<String, u64>,
    /// Since when.
    #[serde(default)]
    pub since: Since,
}

/// Since when calls are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    /// In this step.
    #[default]
    Step,
    /// In the whole story.
    Start,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Odoo's records.
    Odoo,
    /// Questions for people.
    Exceptions,
    /// The states of facts.
    Outcomes,
    /// One fact.
    Record,
    /// Calls.
    Calls,
    /// A source's records.
    Standin,
    /// An answer of the console.
    Console,
    /// What nobody could handle.
    DeadLetters,
}

impl Kind {
    /// The key that says so, and the keys that may stand beside it.
    const fn keys(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Odoo => (
                "odoo",
                &["where", "company", "count", "fields", "rows", "order", "as"],
            ),
            Self::Exceptions => ("exceptions", &[]),
            Self::Outcomes => ("outcomes", &["of"]),
            Self::Record => ("record", &["state", "reason", "versions"]),
            Self::Calls => ("calls", &[]),
            Self::Standin => ("standin", &["fields", "count"]),
            Self::Console => ("console", &["as", "contains", "at", "is"]),
            Self::DeadLetters => ("dead_letters", &[]),
        }
    }

    const ALL: [Self; 8] = [
        Self::Odoo,
        Self::Exceptions,
        Self::Outcomes,
        Self::Record,
        Self::Calls,
        Self::Standin,
        Self::Console,
        Self::DeadLetters,
    ];
}

impl Expect {
    /// What it looks at.
    ///
    /// # Errors
    /// When it says nothing of that, or two things, or expects what cannot be there, or nothing.
    pub fn kind(&self) -> Result<Kind, String> {
        let given = self.given();
        let kinds: Vec<Kind> = Kind::ALL
            .into_iter()
            .filter(|kind| given.contains(&kind.keys().0))
            .collect();
        let [kind] = kinds.as_slice() else {
            let names = Kind::ALL.map(|kind| kind.keys().0).join(", ");
            return Err(format!(
                "an expectation has one of {names}; this one has {}",
                given.join(", ")
            ));
        };
        let (name, beside) = kind.keys();
        let stray = given
            .iter()
            .find(|key| **key != name && !beside.contains(key));
        if let Some(stray) = stray {
            return Err(format!(
                "{stray} says nothing beside {name}; beside it may stand: {}",
                beside.join(", ")
            ));
        }
        match given.len() {
            1 if !beside.is_empty() && *kind != Kind::Outcomes => Err(format!(
                "nothing is expected of {name}: say one of {}",
                beside.join(", ")
            )),
            _ => Ok(*kind),
        }
    }

    /// The keys that were written.
    fn given(&self) -> Vec<&'static str> {
        let keys = [
            ("odoo", self.odoo.is_some()),
            ("where", self.domain.is_some()),
            ("company", self.company.is_some()),
            ("count", self.count.is_some()),
            ("fields", !self.fields.is_empty()),
            ("rows", self.rows.is_some()),
            ("order", self.order.is_some()),
            ("as", self.who.is_some()),
            ("exceptions", self.exceptions.is_some()),
            ("outcomes", self.outcomes.is_some()),
            ("of", self.of.is_some()),
            ("record", self.record.is_some()),
            ("state", self.state.is_some()),
            ("reason", self.reason.is_some()),
            ("versions", self.versions.is_some()),
            ("calls", self.calls.is_some()),
            ("standin", self.standin.is_some()),
            ("console", self.console.is_some()),
            ("contains", !self.contains.is_empty()),
            ("at", self.at.is_some()),
            ("is", self.is.is_some()),
            ("dead_letters", self.dead_letters.is_some()),
        ];
        let given = keys.into_iter().filter(|(_, given)| *given);
        given.map(|(key, _)| key).collect()
    }
}
