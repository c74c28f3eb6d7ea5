//! Why a record could not be fetched, and the reading of what was answered instead.

use domain::NextStep;

use crate::api::{ApiAnswer, ApiError, classify};
use crate::json::{self, Object, Unreadable};

/// Why a deal could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The source did not answer with a record.
    #[error("the source did not give the {what}")]
    Api {
        /// Which record.
        what: &'static str,
        /// Why.
        #[source]
        cause: ApiError,
    },
    /// An answer that does not have its shape, or a value that is not what it must be.
    #[error("the source's {what} cannot be read")]
    Unreadable {
        /// Which record.
        what: &'static str,
        /// Why.
        #[source]
        cause: Unreadable,
    },
    /// Some line items did not come: without them the sum would be wrong.
    #[error("the source gave {given} of {asked} line items")]
    LinesMissing {
        /// How many were asked for.
        asked: usize,
        /// How many came.
        given: usize,
    },
    /// More line items than one answer lists.
    #[error("the deal has more line items than its source lists at once; split the deal")]
    TooManyLines,
    /// The caller handed over other answers than were asked for.
    #[error("{given} answers were given to {asked} requests")]
    AnswerCount {
        /// How many were asked for.
        asked: usize,
        /// How many came.
        given: usize,
    },
}

impl FetchError {
    /// What the caller may do.
    pub const fn next_step(&self) -> NextStep {
        match self {
            Self::Api { cause, .. } => cause.next_step(),
            // A line item that was just removed is gone from the list a moment later.
            Self::LinesMissing { .. } => NextStep::Retry,
            Self::Unreadable { .. } | Self::TooManyLines => NextStep::Reject,
            Self::AnswerCount { .. } => NextStep::Park,
        }
    }
}

/// A good answer's body.
pub(crate) fn good<'a>(what: &'static str, answer: &'a ApiAnswer) -> Result<&'a str, FetchError> {
    match classify(answer) {
        Ok(answer) => Ok(&answer.body),
        Err(cause) => Err(FetchError::Api { what, cause }),
    }
}

/// Reads one answer, strictly.
pub(crate) fn read<T>(
    what: &'static str,
    body: &str,
    meaning: impl FnOnce(&Object<'_>) -> Result<T, Unreadable>,
) -> Result<T, FetchError> {
    json::strict(body)
        .and_then(|()| Object::parse(body))
        .and_then(|object| meaning(&object))
        .map_err(|cause| FetchError::Unreadable { what, cause })
}
