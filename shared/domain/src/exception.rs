//! Something a person must decide.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Reference, Version};

/// What kind of trouble it is, and hence who can end it. Only transient trouble is retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionClass {
    /// A system did not answer for longer than we retry.
    Transient,
    /// A rule of the firm says no.
    BusinessRule,
    /// A record is incomplete, unmapped or contradicts another.
    DataQuality,
}

impl ExceptionClass {
    /// The class's name, as in its JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::BusinessRule => "business_rule",
            Self::DataQuality => "data_quality",
        }
    }
}

/// One open question about one reference. The same question asked twice is one exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// What it is about.
    pub reference: Reference,
    /// The version that raised it.
    pub version: Version,
    /// A stable code, for example `deal_incomplete`.
    pub code: String,
    /// What kind of trouble.
    pub class: ExceptionClass,
    /// One sentence in business words, without personal data.
    pub sentence: String,
    /// Every single thing that is wrong, all at once.
    pub items: Vec<String>,
    /// What the owner can do about it.
    pub fix: String,
    /// The role that must act: `sales`, `delivery`, `finance`, `steward` or `operations`.
    pub owner: String,
    /// When it was first seen, in UTC.
    pub raised_at: Timestamp,
    /// The correlation id of the delivery that raised it.
    pub correlation: String,
}
