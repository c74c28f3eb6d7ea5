//! The chain as a tree of nodes, for people and for programs.

use domain::record::Attempt;
use domain::{Exception, Record, Reference, State, Version};
use jiff::Timestamp;
use serde::Serialize;

use super::fields::{self, Field};
use super::known::Known;
use super::words;

/// One thing of a chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Node {
    /// What it is, for example `Time entry 501`.
    pub what: String,
    /// Where it stands, in words.
    pub state: String,
    /// Whether it is what was asked for.
    pub asked: bool,
    /// When that was reached, in UTC.
    pub at: Option<Timestamp>,
    /// What it is in Odoo.
    pub odoo: Option<Place>,
    /// Its record; none for what is derived, such as a unit.
    pub record: Option<Details>,
    /// What follows from it.
    pub children: Vec<Node>,
}

/// A record of Odoo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its model.
    pub model: String,
    /// Its id.
    pub id: i64,
    /// Further records of the same posting.
    pub others: Vec<i64>,
    /// Its name, for orders and invoices.
    pub name: Option<String>,
}

/// What the ledger says about a fact.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Details {
    /// Our name for it.
    pub reference: Reference,
    /// The state's name.
    pub state: Option<State>,
    /// The newest version.
    pub version: Option<Version>,
    /// When its delivery was received.
    pub received_at: Option<Timestamp>,
    /// When it was judged.
    pub judged_at: Option<Timestamp>,
    /// When it was posted, held or rejected.
    pub changed_at: Option<Timestamp>,
    /// The delivery, billing run or decision that brought it.
    pub correlation: Option<String>,
    /// The version of the book that judged it.
    pub book: Option<String>,
    /// Why it waits, is held or was rejected.
    pub reason: Option<String>,
    /// What it would write or has written, without personal data.
    pub fields: Vec<Field>,
    /// What was tried and did not end in Odoo.
    pub attempts: Vec<Attempt>,
    /// What people must decide.
    pub exceptions: Vec<Exception>,
    /// Its older versions, newest first.
    pub older: Vec<Older>,
}

/// An older version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Older {
    /// The version.
    pub version: Version,
    /// What became of it.
    pub state: State,
    /// When.
    pub at: Timestamp,
    /// What brought it.
    pub correlation: String,
}

impl Node {
    /// Something that has no record of its own.
    pub fn derived(what: impl Into<String>, state: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            state: state.into(),
            asked: false,
            at: None,
            odoo: None,
            record: None,
            children: Vec::new(),
        }
    }

    /// A fact under its name in this place of the tree.
    pub fn of(known: &Known, name: impl Into<String>, psa: &[&str], now: Timestamp) -> Self {
        let newest = known.newest();
        Self {
            what: name.into(),
            state: words::state(known, psa, now),
            asked: false,
            at: newest.map(|record| record.changed_at),
            odoo: known.posted().and_then(place),
            record: Some(details(known)),
            children: Vec::new(),
        }
    }

    /// With what follows from it.
    #[must_use]
    pub fn with(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// Marks the fact that was asked for.
    pub fn mark(&mut self, asked: &Reference) {
        self.asked = self
            .record
            .as_ref()
            .is_some_and(|record| record.reference == *asked);
        for child in &mut self.children {
            child.mark(asked);
        }
    }
}

fn place(record: &Record) -> Option<Place> {
    let posted = record.posted.as_ref()?;
    // A project's name is the deal's title, which may name a person.
    let named = ["sale.order", "account.move"].contains(&posted.model.as_str());
    Some(Place {
        model: posted.model.clone(),
        id: posted.id,
        others: posted.others.clone(),
        name: posted.name.clone().filter(|_| named),
    })
}

fn details(known: &Known) -> Details {
    let newest = known.newest();
    let of_command = newest
        .and_then(|record| record.command.as_ref())
        .map(fields::of);
    let of_status = newest
        .and_then(|record| record.observed.as_ref())
        .map(fields::of_status);
    let older = known.versions.iter().skip(1).map(|record| Older {
        version: record.version,
        state: record.state,
        at: record.changed_at,
        correlation: record.correlation.clone(),
    });
    Details {
        reference: known.reference.clone(),
        state: newest.map(|record| record.state),
        version: newest.map(|record| record.version),
        received_at: newest.and_then(|record| record.history.received_at),
        judged_at: newest.and_then(|record| record.history.judged_at),
        changed_at: newest.map(|record| record.changed_at),
        correlation: newest.map(|record| record.correlation.clone()),
        book: newest.map(|record| record.book.clone()),
        reason: newest.and_then(|record| record.reason.clone()),
        fields: of_command
            .or(of_status)
            .unwrap_or_default()
            .into_iter()
            .chain(newest.into_iter().flat_map(fields::rejected))
            .collect(),
        attempts: known.attempts(),
        exceptions: known.exceptions.clone(),
        older: older.collect(),
    }
}
