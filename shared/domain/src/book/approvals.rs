//! Whose agreement a decision needs.

use serde::Deserialize;

/// What needs whose agreement.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Approvals {
    /// That another book comes into force.
    pub book: BookApproval,
}

/// What a book needs before it can come into force. The book that is in force decides; before
/// the first one, the new book itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct BookApproval {
    /// How many people other than its author must agree: 1 unless it says more.
    pub approvers: u32,
}

impl Default for BookApproval {
    fn default() -> Self {
        Self { approvers: 1 }
    }
}
