//! Who decides about a field of a posted record when its source changes it and a person has changed
//! it in Odoo too.

use serde::{Deserialize, Serialize};

/// What happens to one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldPolicy {
    /// The source's value is written, also over a person's; that it was is logged.
    OwnerWins,
    /// The value is only written when the record is created; later ones are ignored.
    FirstValue,
    /// The source's value is written as long as nobody changed the field in Odoo; if somebody did,
    /// a person decides.
    #[default]
    Manual,
}

/// The fields of a timesheet line that come from the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct TimePolicies {
    /// `unit_amount`.
    pub hours: FieldPolicy,
    /// `date`.
    pub date: FieldPolicy,
    /// `employee_id`.
    pub employee: FieldPolicy,
    /// `project_id` and `so_line`: where it belongs and at which price it is billed.
    pub contract: FieldPolicy,
    /// `name`: what was done.
    pub text: FieldPolicy,
}

impl TimePolicies {
    /// Whether all fields have the default, which need not be written down.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
