//! What a source sent, as it travels to validation.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of the message that [`Delivery`] writes. An older one stays readable until the
/// queues have drained.
pub const DELIVERY_VERSION: u8 = 1;

/// One authenticated message of a source: the exact bytes, and what is needed to read them.
///
/// It has no `Debug`: a body holds personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// [`DELIVERY_VERSION`].
    pub v: u8,
    /// The correlation id, from here to the record in Odoo.
    pub id: String,
    /// The source's name, for example `hubspot`.
    pub source: String,
    /// The account of the source whose secret verified the message.
    pub account: String,
    /// When it was received, in UTC.
    pub received_at: Timestamp,
    /// The few headers that reading needs, by lower-case name; never a signature or a token.
    pub headers: BTreeMap<String, String>,
    /// The body exactly as received, in standard base64.
    pub body: String,
}
