//! A record as people are shown it.

use domain::Record;
use serde_json::{Value, json};

/// A record without its content: a command may hold personal data.
pub(crate) fn summary(record: &Record) -> Value {
    json!({
        "reference": record.reference,
        "version": record.version,
        "state": record.state,
        "command": record.command.as_ref().map(|command| command.name()),
        "waits_for": record.waits_for,
        "reason": record.reason,
        "odoo": record.posted.as_ref().map(|posted| json!({
            "model": posted.model,
            "id": posted.id,
            "others": posted.others,
        })),
        "book": record.book,
        "correlation": record.correlation,
        "changed_at": record.changed_at,
    })
}
