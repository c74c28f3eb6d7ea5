//! Deliberate faults: each breaks one rule that the engine relies on or keeps. A simulation that
//! does not find them all could not find a fault of ours either.

use domain::limits::Limits;
use serde_json::{Value, json};

/// One rule that is broken. Named after the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutant {
    /// Messages that were not handled are deleted like the others.
    FailuresAcknowledged,
    /// The minute never comes.
    NoSweep,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::FailuresAcknowledged, Self::NoSweep];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FailuresAcknowledged => "failures-acknowledged",
            Self::NoSweep => "no-sweep",
        }
    }

    /// The limits as this mutant sets them.
    pub fn limits(self, limits: Limits) -> Limits {
        limits
    }

    /// The request of a table as this mutant changes it; none when it does not.
    pub fn in_table(self, _operation: &str, _request: &Value) -> Option<Value> {
        let _ = json!({});
        None
    }
}
