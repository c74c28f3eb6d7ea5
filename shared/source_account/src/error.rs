//! Why an account was not asked, or gave no answer that can be used.

use aws::StoreError;
use domain::NextStep;
use jiff::Timestamp;
use sources::BadSecret;
use sources::access::{CannotAsk, NoToken};

/// An account was not asked, or gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum NotAsked {
    /// Nobody asks it before then: its budget is used up, or it is left alone already, or it does not
    /// accept our access and people were told. What is to be asked waits, and is not used up by waiting.
    #[error("the source is left alone until {until:.0}")]
    Later {
        /// Until when.
        until: Timestamp,
    },
    /// It asked to be left alone, or is busy.
    #[error("the source is busy; it is left alone until {until:.0}")]
    Busy {
        /// Until when.
        until: Timestamp,
    },
    /// It gave no answer, and is left alone for a while.
    #[error("the source did not answer; it is left alone until {until:.0}")]
    NoAnswer {
        /// Until when.
        until: Timestamp,
    },
    /// It has trouble with this very request.
    #[error("the source has trouble of its own (HTTP {status})")]
    Trouble {
        /// The HTTP status.
        status: u16,
    },
    /// It is not described, or its secret leaves something out.
    #[error(transparent)]
    CannotAsk(#[from] CannotAsk),
    /// There is no secret.
    #[error("the secret {name} has no value")]
    NoSecret {
        /// Its name.
        name: String,
    },
    /// The secret cannot be read.
    #[error(transparent)]
    BadSecret(#[from] BadSecret),
    /// The answer where its tokens are made is not OAuth's.
    #[error("it gives no token")]
    NoToken(#[from] NoToken),
    /// An answer of more bytes than are read.
    #[error("its answer is too large")]
    TooLarge,
    /// Our own request is not one; for example an address that cannot be read.
    #[error("the request cannot be sent")]
    NotARequest(#[source] source_api::SendError),
    /// A table or a secret.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NotAsked {
    /// What the caller may do.
    pub const fn next_step(&self) -> NextStep {
        match self {
            Self::Store(error) => error.next_step(),
            Self::Later { .. }
            | Self::Busy { .. }
            | Self::NoAnswer { .. }
            | Self::Trouble { .. }
            // A secret is put in later than a stack is made, and replaced by hand.
            | Self::NoSecret { .. }
            | Self::BadSecret(_)
            | Self::NoToken(_) => NextStep::Retry,
            Self::CannotAsk(_) | Self::TooLarge | Self::NotARequest(_) => NextStep::Park,
        }
    }

    /// Until when the account is left alone, where that is why.
    pub const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Later { until } | Self::Busy { until } | Self::NoAnswer { until } => Some(*until),
            Self::Trouble { .. }
            | Self::CannotAsk(_)
            | Self::NoSecret { .. }
            | Self::BadSecret(_)
            | Self::NoToken(_)
            | Self::TooLarge
            | Self::NotARequest(_)
            | Self::Store(_) => None,
        }
    }
}
