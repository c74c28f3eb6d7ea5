//! What one scheme says of a message.

use super::Refusal;

/// What one scheme says of a message that it does not refuse.
pub(super) enum Verdict {
    /// It is proved.
    Proved,
    /// The message does not carry this proof, or there is no key for it: another scheme may.
    NotHere(Refusal),
}
