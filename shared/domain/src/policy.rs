//! Who decides about a field of a posted record when its source changes it and a person has changed
//! it in Odoo too.

mod ownership;

pub use ownership::{CustomerField, CustomerOwnership, FieldOwner, Owner};

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

/// What becomes of a field that differs from what its source says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It stays.
    Keep,
    /// The source's value is written; nobody else has changed the field.
    Write,
    /// The source's value is written over a person's.
    Restore,
    /// A person decides.
    Ask,
}

impl FieldPolicy {
    /// What becomes of a field whose value in Odoo differs from the source's. `before_is_now`: nobody has
    /// changed it in Odoo; `before_is_after`: the source has not changed it.
    pub const fn decide(self, before_is_now: bool, before_is_after: bool) -> Change {
        match self {
            Self::FirstValue => Change::Keep,
            Self::OwnerWins | Self::Manual if before_is_now => Change::Write,
            Self::OwnerWins => Change::Restore,
            // The source says what it said before: nobody asks for the person's value to go.
            Self::Manual if before_is_after => Change::Keep,
            Self::Manual => Change::Ask,
        }
    }
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
    /// The column of the cost centre's plan.
    pub cost_center: FieldPolicy,
    /// `name`: what was done.
    pub text: FieldPolicy,
}

impl TimePolicies {
    /// Whether all fields have the default, which need not be written down.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
