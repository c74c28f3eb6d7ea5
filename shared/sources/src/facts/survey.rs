//! What an account can be asked for that a first book names.

use serde::Deserialize;

/// What is asked for. What a description has no question for stays a gap of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The account itself, with the id that its messages carry.
    Account,
    /// The stages of deals that mean won.
    WonStages,
    /// The properties that a deal can have.
    DealFields,
    /// The people who log time, by what time entries call them.
    Members,
    /// The roles that time is logged in.
    Roles,
    /// The fields of its own that a project can have.
    ProjectFields,
    /// The states of projects.
    ProjectStatuses,
}

/// How it is asked for and read. The first page counts: a firm with more of it than that writes the
/// rest by hand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Path and query, escaped, below the API's address.
    pub path: String,
    /// Where the answer has the records; empty when the answer is the list, or the one record.
    #[serde(default)]
    pub records: String,
    /// Where each of them has a list of those that are meant, where it is not what is meant itself.
    pub within: Option<String>,
    /// Where a record has what the book writes.
    pub id: String,
    /// Where it has what people call it; several places are joined by spaces.
    #[serde(default)]
    pub name: Vec<String>,
    /// Only these records are meant.
    pub only: Option<Only>,
}

/// Records of which a place says something.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// The place.
    pub at: String,
    /// What it says, in each way that it may be written.
    pub is: Vec<String>,
}
