//! What only a person can end, and how it is told.

use domain::ExceptionClass;
use domain::judge::Objection;
use sources::listing::access::CannotPull;
use sources::{BadSecret, Unreadable};

/// How a run of a stream ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// What was asked for came.
    Well,
    /// It goes on when the source may be asked again, and by itself.
    Later,
    /// A person has to do something.
    Badly(Trouble),
}

/// Why a stream is not read until somebody repairs something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Its description or its secret leaves something out.
    #[error(transparent)]
    CannotPull(#[from] CannotPull),
    /// There is no secret.
    #[error("the secret {0} has no value")]
    NoSecret(String),
    /// The secret cannot be read.
    #[error(transparent)]
    BadSecret(#[from] BadSecret),
    /// Our proof is not accepted, or may not do this.
    #[error("it does not accept our access (HTTP {0})")]
    Refused(u16),
    /// It understood and refused.
    #[error("it refused the request (HTTP {0})")]
    Odd(u16),
    /// An answer without the shape that the description says.
    #[error("its answer cannot be read")]
    Unreadable(#[from] Unreadable),
    /// An answer of more bytes than are read.
    #[error("its answer is too large")]
    TooLarge,
    /// No answer, or none but that it is busy.
    #[error("it has not answered for four hours")]
    Silent,
    /// An empty list.
    #[error("it lists no records any more, not even those that it listed before")]
    Empty,
    /// Records that no message can carry.
    #[error("records are too large to be read: {0}")]
    Records(String),
}

impl Trouble {
    /// Whether somebody is asked at the first time. A secret is put in later than a stack is made, and
    /// replaced by hand: that alone is nobody's question.
    pub const fn is_told_at_once(&self) -> bool {
        !matches!(self, Self::NoSecret(_) | Self::BadSecret(_))
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::CannotPull(_) | Self::NoSecret(_) | Self::BadSecret(_) => "pull_not_possible",
            Self::Refused(_) => "pull_refused",
            Self::Odd(_) | Self::Unreadable(_) | Self::TooLarge | Self::Records(_) => {
                "pull_unreadable"
            }
            Self::Silent => "pull_silent",
            Self::Empty => "pull_empty",
        }
    }

    const fn fix(&self) -> &'static str {
        match self {
            Self::CannotPull(CannotPull::NotDescribed { .. } | CannotPull::NoProof { .. }) => {
                "Until it is built, compare this source with tenon status by hand once a week."
            }
            Self::CannotPull(CannotPull::NoValue { .. })
            | Self::NoSecret(_)
            | Self::BadSecret(_) => {
                "Put what is missing into the secret; it is read within five minutes."
            }
            Self::Refused(_) => {
                "Put a key that may read the list into the secret; pulling goes on where it stopped."
            }
            Self::Odd(_) | Self::Unreadable(_) | Self::TooLarge | Self::Records(_) => {
                "Compare the answer with the description of the source, and correct the description."
            }
            Self::Silent => "Ask the vendor, or look at its status page.",
            Self::Empty => "See whether our user still may read these records in the source.",
        }
    }

    /// The question for operations.
    pub fn objection(&self, title: &str, entity: &str) -> Objection {
        let what = entity.replace('_', " ");
        Objection {
            code: self.code(),
            class: ExceptionClass::Transient,
            sentence: format!("The {what} list of {title} is not pulled"),
            items: vec![aws::Chain(self).to_string()],
            fix: self.fix().to_owned(),
            owner: "operations",
        }
    }
}
