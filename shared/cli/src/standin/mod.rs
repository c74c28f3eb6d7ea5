//! Stand-ins for the vendors, for machines without accounts at them: their APIs in their shapes
//! and limits, and their way of signing.
//!
//! They are written from the vendors' documentation and share no code with what they try out; a
//! mistake made in both places at once would not be seen.

pub mod connectwise;
pub mod demo;
pub mod hubspot;
pub mod sign;

mod connectwise_account;
mod connectwise_records;
mod hubspot_account;
mod hubspot_answers;
mod hubspot_search;
mod hubspot_state;
mod serve;

use std::sync::Arc;

use jiff::Timestamp;

/// What time it is at a vendor.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A message as a vendor sends it.
pub struct Webhook {
    /// Header names in lower case, and their values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// The vendor's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "a stand-in is another machine, with a clock of its own"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests;
