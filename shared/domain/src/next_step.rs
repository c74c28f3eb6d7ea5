//! What a caller may do after a failure.

/// The only thing a caller branches on after a failure. Every error of this project answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// Nothing happened and the same call may succeed later: wait and try again.
    Retry,
    /// It may have happened: look in Odoo before anything is sent again.
    LookFirst,
    /// The other side refused for good; a person has to change something.
    Reject,
    /// We cannot continue by ourselves; keep the record, with its context, for a person.
    Park,
}
