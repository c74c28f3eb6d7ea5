//! What only a person can end, and how it is told.

use domain::ExceptionClass;
use domain::judge::Objection;
use source_account::NotAsked;
use sources::Unreadable;
use sources::access::CannotAsk;

/// How a run of a stream ended.
#[derive(Debug)]
pub enum Ended {
    /// What was asked for came.
    Well,
    /// It goes on when the source may be asked again, and by itself.
    Later,
    /// A person has to do something.
    Badly(Trouble),
}

/// Why a stream is not read until somebody repairs something. That its access is refused is told once
/// for the whole account, and not here.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Its description leaves something out, or its secret does, or an answer is none.
    #[error(transparent)]
    NotAsked(#[from] NotAsked),
    /// It understood and refused.
    #[error("it refused the request (HTTP {0})")]
    Odd(u16),
    /// An answer without the shape that the description says.
    #[error("its answer cannot be read")]
    Unreadable(#[from] Unreadable),
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

impl From<CannotAsk> for Trouble {
    fn from(cannot: CannotAsk) -> Self {
        Self::NotAsked(cannot.into())
    }
}

impl Trouble {
    /// Whether somebody is asked at the first time. A secret is put in later than a stack is made, and
    /// replaced by hand: that alone is nobody's question.
    pub const fn is_told_at_once(&self) -> bool {
        !matches!(
            self,
            Self::NotAsked(NotAsked::NoSecret { .. } | NotAsked::BadSecret(_))
        )
    }

    /// Whether the description and the secret are as they must be.
    const fn is_possible(&self) -> bool {
        !matches!(
            self,
            Self::NotAsked(
                NotAsked::CannotAsk(_) | NotAsked::NoSecret { .. } | NotAsked::BadSecret(_)
            )
        )
    }

    const fn code(&self) -> &'static str {
        match self {
            _ if !self.is_possible() => "pull_not_possible",
            Self::Silent => "pull_silent",
            Self::Empty => "pull_empty",
            Self::NotAsked(_) | Self::Odd(_) | Self::Unreadable(_) | Self::Records(_) => {
                "pull_unreadable"
            }
        }
    }

    const fn fix(&self) -> &'static str {
        match self {
            Self::NotAsked(NotAsked::CannotAsk(CannotAsk::NotDescribed { .. })) => {
                "Until it is built, compare this source with tenon status by hand once a week."
            }
            _ if !self.is_possible() => {
                "Put what is missing into the secret; it is read within five minutes."
            }
            Self::Silent => "Ask the vendor, or look at its status page.",
            Self::Empty => "See whether our user still may read these records in the source.",
            Self::NotAsked(_) | Self::Odd(_) | Self::Unreadable(_) | Self::Records(_) => {
                "Compare the answer with the description of the source, and correct the description."
            }
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
