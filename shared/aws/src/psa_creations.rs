//! Projects that are being created in a PSA, and those that were.
//!
//! One item per deal and PSA in the control table. What is about to be created is written down before the
//! PSA is asked, and struck out when its answer is known: whoever finds it there does not know whether it
//! happened, and asks for nothing again before he has looked.

use std::collections::BTreeMap;

use domain::Reference;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::control::Control;
use crate::item::document;
use crate::{Account, Connection, StoreError, keys};

/// The creations in the control table.
#[derive(Debug, Clone)]
pub struct PsaCreations {
    control: Control,
}

/// What we created for a deal in a PSA.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PsaCreation {
    /// The project's id there.
    pub project: Option<String>,
    /// The id of the milestone's line → the phase's id there.
    pub phases: BTreeMap<String, String>,
    /// What was asked for last, while nobody knows what became of it.
    pub asked: Option<Asked>,
}

/// A request to create something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What is to be created.
    pub part: PsaPart,
    /// When it was written down, just before it was sent.
    pub at: Timestamp,
}

/// What is created with one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PsaPart {
    /// The project itself.
    Project,
    /// The phase of a milestone, by the id of its line.
    Phase(String),
}

impl PsaCreation {
    /// Without what was asked for last: it was not done.
    #[must_use]
    pub fn not_done(&self) -> Self {
        Self {
            asked: None,
            ..self.clone()
        }
    }

    /// With what is there now, under this id.
    #[must_use]
    pub fn done(&self, part: PsaPart, id: String) -> Self {
        let mut done = self.not_done();
        match part {
            PsaPart::Project => done.project = Some(id),
            PsaPart::Phase(line) => {
                done.phases.insert(line, id);
            }
        }
        done
    }
}

impl PsaCreations {
    /// The creations in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            control: Control::new(connection, table),
        }
    }

    /// What was created for a deal; nothing where nothing was.
    pub async fn of(&self, deal: &Reference, psa: &Account) -> Result<PsaCreation, StoreError> {
        let (pk, sk) = key_of(deal, psa);
        let item = self.control.get(&pk, &sk).await?;
        Ok(item.as_ref().map(document).transpose()?.unwrap_or_default())
    }

    /// Writes what is known now, if what is there still is what was known before. Answers whether it
    /// was: else somebody else is at it.
    pub async fn note(
        &self,
        deal: &Reference,
        psa: &Account,
        before: &PsaCreation,
        now: &PsaCreation,
    ) -> Result<bool, StoreError> {
        let (pk, sk) = key_of(deal, psa);
        let change = |known: &mut PsaCreation| {
            let is_still = known == before;
            if is_still {
                *known = now.clone();
            }
            is_still
        };
        let noted = self.control.change(&pk, &sk, change).await?;
        Ok(noted.unwrap_or(false))
    }
}

fn key_of(deal: &Reference, psa: &Account) -> (String, String) {
    let sort = keys::psa_account(&psa.source, &psa.account);
    (keys::psa_creation(deal), sort)
}
