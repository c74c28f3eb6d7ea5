//! From a source's approval words to ours.

use std::collections::BTreeMap;

use domain::event::Approval;
use serde::Deserialize;

/// The approval words of one entity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalMap {
    /// Where the word is.
    pub at: String,
    /// What a word that is not here means; only `review` is allowed.
    pub unknown: Approval,
    /// Their word, ours.
    pub states: BTreeMap<String, Approval>,
}

impl ApprovalMap {
    /// What a word means; one that is not known is looked at by a person.
    #[must_use]
    pub fn meaning(&self, word: &str) -> Approval {
        self.states.get(word).copied().unwrap_or(Approval::Review)
    }
}
