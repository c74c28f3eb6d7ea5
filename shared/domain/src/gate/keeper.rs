//! The port through which a call of Odoo is asked for.

use std::pin::Pin;

use jiff::Timestamp;

use super::breaker::{Closed, Went};

/// Leave to make one call. It is given back with how the call went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// A token that nobody else has.
    pub token: String,
}

/// Why a call may not be made now. It says nothing that changes from one moment to the next, so
/// that the same reason is the same text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// Nobody is let in.
    #[error("{why}")]
    Closed {
        /// Until when.
        until: Timestamp,
        /// Why.
        why: Closed,
    },
    /// Others use up what may be called.
    #[error("the calls that Odoo may get are used up by others")]
    NoTurn {
        /// When to ask again.
        until: Timestamp,
    },
    /// What the callers know of each other cannot be read or written.
    #[error("the table of the Odoo gate did not answer")]
    Unknown {
        /// When to ask again.
        until: Timestamp,
    },
}

impl NotNow {
    /// When to come back.
    pub const fn until(&self) -> Timestamp {
        match self {
            Self::Closed { until, .. } | Self::NoTurn { until } | Self::Unknown { until } => *until,
        }
    }
}

/// An answer to a question that is on its way.
pub type Entering<'a> = Pin<Box<dyn Future<Output = Result<Pass, NotNow>> + Send + 'a>>;

/// A pass that is being given back.
pub type Leaving<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Lets calls of Odoo through: one for each piece of work, so that it knows when it is in the
/// middle of one.
pub trait Gatekeeper: Send + Sync {
    /// Asks for leave to make one call, and waits a little for it.
    fn enter(&self) -> Entering<'_>;

    /// Gives it back. It cannot fail: a pass that is not given back ends by itself.
    fn leave(&self, pass: Pass, went: Went) -> Leaving<'_>;
}
