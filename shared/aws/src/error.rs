//! What can go wrong between a function and AWS.

use std::error::Error;

use domain::NextStep;

/// A failure of a table, a queue or a secret.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// AWS did not answer, throttled us, or refused; the cause says which.
    #[error("{service} did not do {action}")]
    Unavailable {
        /// For example `ledger`.
        service: &'static str,
        /// For example `accept`.
        action: &'static str,
        /// What the SDK reports.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// An item exists but does not say what it should.
    #[error("the item {key} cannot be read: {problem}")]
    Unreadable {
        /// Where it is.
        key: String,
        /// What is wrong.
        problem: String,
    },
    /// Something that must exist does not.
    #[error("{what} is missing: {fix}")]
    Missing {
        /// For example `the active book`.
        what: String,
        /// What to do.
        fix: &'static str,
    },
    /// Somebody else changed the item, or owns it.
    #[error("{what} belongs to somebody else by now")]
    Lost {
        /// For example `the lease of work#0`.
        what: String,
    },
}

impl StoreError {
    pub(crate) fn unavailable(
        service: &'static str,
        action: &'static str,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self::Unavailable {
            service,
            action,
            source: Box::new(source),
        }
    }

    pub(crate) fn unreadable(key: impl Into<String>, problem: impl ToString) -> Self {
        Self::Unreadable {
            key: key.into(),
            problem: problem.to_string(),
        }
    }

    /// What a caller may do now.
    pub const fn next_step(&self) -> NextStep {
        match self {
            Self::Unavailable { .. } | Self::Missing { .. } | Self::Lost { .. } => NextStep::Retry,
            Self::Unreadable { .. } => NextStep::Park,
        }
    }
}
