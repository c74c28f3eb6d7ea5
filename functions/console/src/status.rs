//! What waits, what is held, and what people must decide.

use domain::{LaneShard, Record, State};
use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;

/// The roles that own exceptions.
const OWNERS: [&str; 5] = ["sales", "delivery", "finance", "steward", "operations"];

/// How many pending records of a partition are counted.
const COUNTED: i32 = 500;

impl Console {
    /// The state of every lane, and everything that needs attention.
    pub(crate) async fn status(&self) -> Result<Value, ConsoleError> {
        let mut lanes = Vec::new();
        for shard in LaneShard::all() {
            let pending = self.ledger.pending(shard, COUNTED).await?.len();
            let (held_until, resting_until) = self.ledger.lease_state(shard).await?;
            let now = self.clock.now();
            let waits_for_odoo = pending > 0 && resting_until.is_some_and(|until| until > now);
            lanes.push(json!({
                "partition": shard.to_string(),
                "pending": pending,
                "worker_until": held_until,
                "resting_until": resting_until,
                "state": if waits_for_odoo { "waiting(odoo)" } else { "open" },
            }));
        }
        let waiting: Vec<Value> = self
            .ledger
            .attention(State::Waiting)
            .await?
            .iter()
            .map(summary)
            .collect();
        let held: Vec<Value> = self
            .ledger
            .attention(State::Held)
            .await?
            .iter()
            .map(summary)
            .collect();
        let exceptions = self.exceptions.open(&OWNERS).await?;
        Ok(json!({"lanes": lanes, "waiting": waiting, "held": held, "exceptions": exceptions}))
    }
}

/// A record without its content: a command may hold personal data.
pub(crate) fn summary(record: &Record) -> Value {
    json!({
        "reference": record.reference,
        "version": record.version,
        "state": record.state,
        "command": record.command.as_ref().map(|command| command.name()),
        "waits_for": record.waits_for,
        "reason": record.reason,
        "odoo": record.posted,
        "book": record.book,
        "correlation": record.correlation,
        "changed_at": record.changed_at,
    })
}
