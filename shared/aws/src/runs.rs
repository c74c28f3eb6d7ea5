//! Which billing runs were due, asked for, and done, by entity.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::control::Control;
use crate::item::{Item, get_text, key, text};
use crate::{Connection, StoreError, keys};

/// The notes in the control table.
#[derive(Debug)]
pub struct Runs {
    control: Control,
}

/// What is noted of one entity's runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EntityRuns {
    /// The last turn of its schedule that is done, in UTC.
    pub done: Option<Timestamp>,
    /// When a person asked for a run last.
    pub asked: Option<Timestamp>,
    /// The last such question that is done.
    pub answered: Option<Timestamp>,
}

impl Runs {
    /// The notes in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            control: Control::new(connection, table),
        }
    }

    /// What is noted, by the entity's key in the book.
    pub async fn all(&self) -> Result<BTreeMap<String, EntityRuns>, StoreError> {
        let mut all: BTreeMap<String, EntityRuns> = BTreeMap::new();
        for item in self.control.all(keys::RUNS).await? {
            let Some((entity, what, at)) = read(&item) else {
                continue;
            };
            let runs = all.entry(entity).or_default();
            match what {
                DONE => runs.done = Some(at),
                ASKED => runs.asked = Some(at),
                ANSWERED => runs.answered = Some(at),
                _ => {}
            }
        }
        Ok(all)
    }

    /// Notes that a turn of the schedule is done.
    pub async fn done(&self, entity: &str, turn: Timestamp) -> Result<(), StoreError> {
        self.note(entity, DONE, turn).await
    }

    /// Notes that a person asks for a run.
    pub async fn ask(&self, entity: &str, now: Timestamp) -> Result<(), StoreError> {
        self.note(entity, ASKED, now).await
    }

    /// Notes that the run is done that a person asked for then.
    pub async fn answer(&self, entity: &str, asked: Timestamp) -> Result<(), StoreError> {
        self.note(entity, ANSWERED, asked).await
    }

    async fn note(&self, entity: &str, what: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut item = key(keys::RUNS, keys::run(entity, what));
        item.insert("at".to_owned(), text(at.to_string()));
        self.control.put(item).await
    }
}

const DONE: &str = "done";
const ASKED: &str = "asked";
const ANSWERED: &str = "answered";

fn read(item: &Item) -> Option<(String, &str, Timestamp)> {
    let (entity, what) = get_text(item, "sk")?.rsplit_once('#')?;
    let at = get_text(item, "at")?.parse().ok()?;
    Some((entity.to_owned(), what, at))
}
