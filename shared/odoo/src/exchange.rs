//! One request to Odoo's web server, and what came back.

use std::time::Duration;

use crate::ApiKey;

/// One request to Odoo's web server.
pub struct Request {
    /// For example `/json/2/res.partner/read`.
    pub path: String,
    /// The database, and who asks. None for a page that needs neither.
    pub caller: Option<(String, ApiKey)>,
    /// The JSON that is posted; none for a GET.
    pub body: Option<Vec<u8>>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How long the server wants to be left alone, when it said so (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Vec<u8>,
}
