//! What can go wrong with a delivery.

use aws::StoreError;
use domain::reference::LONGEST;
use domain::{NextStep, Reference};
use jiff::Timestamp;
use source_account::NotAsked;
use sources::fetching::FetchError;

/// A delivery, or one of its events, could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    /// A table, queue or secret.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The source is left alone: the record is fetched later.
    #[error("{reference} is fetched after {until:.0}: its source is left alone")]
    Later {
        /// What is to be fetched.
        reference: Reference,
        /// Until when.
        until: Timestamp,
    },
    /// The source's API was not asked, or gave no answer that can be used.
    #[error("{reference} could not be fetched")]
    NotSent {
        /// What was to be fetched.
        reference: String,
        /// Why.
        #[source]
        cause: NotAsked,
    },
    /// The source's API answered, but not with the record.
    #[error("{reference} could not be fetched")]
    NotFetched {
        /// What was to be fetched.
        reference: String,
        /// Why.
        #[source]
        cause: FetchError,
    },
    /// A fact of a kind that cannot be fetched.
    #[error("{reference} cannot be fetched: its source has no way to")]
    NoWay {
        /// What was to be fetched.
        reference: String,
    },
    /// An id that no key can carry.
    #[error(
        "the name of a {entity} has {length} bytes, and keys take at most {LONGEST}: give it a shorter id in its source"
    )]
    TooLong {
        /// What kind of thing.
        entity: String,
        /// How long its name would be.
        length: usize,
    },
    /// Other versions of the fact changed each time that this one was placed among them.
    #[error("{reference} is being worked on")]
    Restless {
        /// The fact.
        reference: String,
    },
    /// A command that cannot be written down.
    #[error("the command for {reference} cannot be stored")]
    Unstorable {
        /// The record.
        reference: String,
        /// Why.
        #[source]
        cause: serde_json::Error,
    },
}

impl ValidateError {
    /// What to do with the delivery.
    pub const fn next_step(&self) -> NextStep {
        match self {
            Self::Store(error) => error.next_step(),
            Self::Later { .. } | Self::Restless { .. } => NextStep::Retry,
            Self::NotSent { cause, .. } => cause.next_step(),
            Self::NotFetched { cause, .. } => cause.next_step(),
            Self::NoWay { .. } | Self::TooLong { .. } | Self::Unstorable { .. } => NextStep::Park,
        }
    }
}
