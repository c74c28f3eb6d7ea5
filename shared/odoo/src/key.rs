//! The secret of a service user.

use std::sync::Arc;

/// An API key of a service user. It has no `Debug` and no `Display`.
#[derive(Clone)]
pub struct ApiKey(Arc<str>);

impl ApiKey {
    /// Takes the key as Odoo showed it.
    pub fn new(key: &str) -> Self {
        Self(Arc::from(key))
    }

    /// The key itself, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}
