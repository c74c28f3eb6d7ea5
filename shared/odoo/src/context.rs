//! The `context` of a call: for which company, and what Odoo must not do by itself.

use domain::command::Company;
use serde_json::{Map, Value, json};

/// The `context` of a call.
#[derive(Debug, Clone)]
pub struct Context(Map<String, Value>);

impl Context {
    /// For one company: what is read, created and dated is that company's.
    pub fn of(company: &Company) -> Self {
        Self::companies(&[company.id]).with("tz", json!(company.zone))
    }

    /// For reading across companies.
    pub fn companies(ids: &[i64]) -> Self {
        Self(Map::new())
            .with("lang", json!("en_US"))
            .with("allowed_company_ids", json!(ids))
            // Else the service user follows every record, and its to-dos mail salespeople.
            .with("mail_create_nosubscribe", json!(true))
            .with("mail_activity_automation_skip", json!(true))
    }

    /// With one more key.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.0.insert(key.to_owned(), value);
        self
    }

    /// For bulk operational rows only: on orders and invoices the chatter is the auditor's trail.
    #[must_use]
    pub(crate) fn untracked(self) -> Self {
        self.with("tracking_disable", json!(true))
            .with("mail_notrack", json!(true))
    }

    /// Makes `load` leave a record with a known external id untouched.
    #[must_use]
    pub(crate) fn insert_once(self) -> Self {
        self.with("mode", json!("update"))
            .with("noupdate", json!(true))
    }

    pub(crate) fn value(&self) -> Value {
        Value::Object(self.0.clone())
    }
}
