//! Why a pull did not end well.

use aws::StoreError;
use odoo::OdooError;

/// A pull did not end well. The cursor stays, and the next one reads the same again.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// A table, queue or secret.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Odoo.
    #[error(transparent)]
    Odoo(#[from] OdooError),
    /// The reading Odoo user has no key.
    #[error("the secret {name} has no value: put the API key of the reading Odoo user there")]
    NoKey {
        /// The secret.
        name: String,
    },
    /// Our own events cannot be written down.
    #[error("the pulled events cannot be written")]
    NotWritten(#[from] serde_json::Error),
}
