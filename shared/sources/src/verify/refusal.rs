//! Why a message is not accepted.

use crate::Source;
use crate::json::MAX_BYTES;

/// Why a message is not accepted. The sender learns only the status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A header of the proof is missing.
    #[error("the header {name} is missing")]
    MissingHeader {
        /// Its name.
        name: String,
    },
    /// A header of the proof came twice: two readers could believe two of them.
    #[error("the header {name} came more than once")]
    RepeatedHeader {
        /// Its name.
        name: String,
    },
    /// A parameter of the address that should carry the secret is missing.
    #[error("the address has no parameter {name}")]
    MissingParameter {
        /// Its name.
        name: String,
    },
    /// No current secret gives this signature.
    #[error("the signature does not match")]
    BadSignature,
    /// The proof is not written as this source writes it.
    #[error("the header {name} is not written as this source writes it")]
    OtherShape {
        /// The header.
        name: String,
    },
    /// Signed too long ago, or in the future.
    #[error("the message's time is not within the source's window")]
    Stale,
    /// It names a key that was not fetched yet, at an address that may be asked.
    #[error("the signing key is not known yet; it has to be fetched")]
    UnknownKey {
        /// The address, exactly as sent.
        key_url: String,
    },
    /// It names a key at an address that must not be asked.
    #[error("the signing key's address is not one of the vendor's")]
    ForbiddenKeyUrl,
    /// No secret is configured that could verify it.
    #[error("no secret is configured that has the form of this scheme's key")]
    NoSecret,
    /// It is about another account than the address named, or the address named one that the
    /// secret does not belong to.
    #[error("the message is about another account")]
    WrongAccount,
    /// Its vendor does not call anybody.
    #[error("{title} signs nothing; it sends no messages, its changes are pulled")]
    SendsNothing {
        /// The vendor's name for it.
        title: String,
    },
    /// Its vendor signs nothing, and what has to stand in is not there.
    #[error(
        "{title} signs nothing; of the proofs that stand in for a signature this one is missing: {proof}"
    )]
    ProofMissing {
        /// The vendor's name for it.
        title: String,
        /// What is missing.
        proof: String,
    },
    /// More than is read.
    #[error("the message has {bytes} bytes; at most {MAX_BYTES} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The header says another length than arrived.
    #[error("the message has another length than its header content-length says")]
    WrongLength,
}

impl Refusal {
    /// The status to answer: what can become good by itself is asked to come again.
    pub const fn status(&self, source: &Source) -> u16 {
        match self {
            Self::UnknownKey { .. } | Self::NoSecret => source.busy_status(),
            Self::TooLarge { .. } => 413,
            Self::MissingHeader { .. }
            | Self::RepeatedHeader { .. }
            | Self::MissingParameter { .. }
            | Self::BadSignature
            | Self::OtherShape { .. }
            | Self::Stale
            | Self::ForbiddenKeyUrl
            | Self::WrongAccount
            | Self::SendsNothing { .. }
            | Self::ProofMissing { .. }
            | Self::WrongLength => source.refused_status(),
        }
    }

    /// A short name for counting.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::MissingHeader { .. } => "missing_header",
            Self::RepeatedHeader { .. } => "repeated_header",
            Self::MissingParameter { .. } => "missing_parameter",
            Self::BadSignature => "bad_signature",
            Self::OtherShape { .. } => "other_shape",
            Self::Stale => "stale",
            Self::UnknownKey { .. } => "unknown_key",
            Self::ForbiddenKeyUrl => "forbidden_key_url",
            Self::NoSecret => "no_secret",
            Self::WrongAccount => "wrong_account",
            Self::SendsNothing { .. } => "sends_nothing",
            Self::ProofMissing { .. } => "proof_missing",
            Self::TooLarge { .. } => "too_large",
            Self::WrongLength => "wrong_length",
        }
    }

    pub(super) fn missing(name: &str) -> Self {
        Self::MissingHeader {
            name: name.to_owned(),
        }
    }

    /// How much it says when no scheme decided: what was nearly a proof says more than what was
    /// not there at all.
    pub(super) const fn weight(&self) -> u8 {
        if matches!(self, Self::NoSecret) {
            3
        } else if matches!(self, Self::OtherShape { .. }) {
            2
        } else if matches!(self, Self::SendsNothing { .. }) {
            0
        } else {
            1
        }
    }
}
