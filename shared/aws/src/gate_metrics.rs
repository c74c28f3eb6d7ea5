//! What CloudWatch and people learn of the Odoo gate: how much of the budget a minute used, and
//! when Odoo is left alone. One line per minute or change, not per call.

use domain::gate::{Budget, Gate, Minute};
use jiff::Timestamp;
use serde_json::Value;
use tracing::{info, warn};

use crate::metrics::{emit, line};

/// Tells what a write of the gate's state changed. Only one worker writes each change. There is no
/// `instance` where nobody reads metrics.
pub fn tell(instance: Option<&str>, budget: &Budget, before: &Gate, after: &Gate, now: Timestamp) {
    let emit = |line: &dyn Fn(&str) -> Value| {
        if let Some(instance) = instance {
            emit(&line(instance));
        }
    };
    if let Some(minute) = ended(before, after) {
        emit(&|instance| budget_used(instance, budget, minute));
    }
    if before.breaker.closed == after.breaker.closed {
        return;
    }
    match &after.breaker.closed {
        Some(closed) => {
            warn!(why = %closed.why, since = %closed.since, until = %closed.until, "Odoo is left alone");
            emit(&|instance| closed_or_not(instance, 1, now));
        }
        None => {
            info!("Odoo answers again");
            emit(&|instance| closed_or_not(instance, 0, now));
        }
    }
}

/// The minute that a call in a later one has ended.
fn ended(before: &Gate, after: &Gate) -> Option<Minute> {
    let minute = before.minute?;
    (after.minute?.from != minute.from).then_some(minute)
}

fn budget_used(instance: &str, budget: &Budget, minute: Minute) -> Value {
    let calls = ("OdooCalls", "Count", u64::from(minute.calls));
    let used = ("OdooBudgetUsed", "Percent", budget.percent(minute.calls));
    line(&[("Odoo", instance)], minute.from, &[calls, used])
}

fn closed_or_not(instance: &str, closed: u64, now: Timestamp) -> Value {
    let values = [("OdooClosed", "Count", closed)];
    line(&[("Odoo", instance)], now, &values)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_minute_is_told_once_when_a_call_in_a_later_one_ends_it() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let gate = |second, calls| Gate {
            minute: Some(Minute {
                from: at(second),
                calls,
            }),
            ..Gate::default()
        };
        assert_eq!(ended(&gate(0, 29), &gate(0, 30)), None);
        assert_eq!(ended(&Gate::default(), &gate(0, 1)), None);
        let minute = ended(&gate(0, 30), &gate(60, 1)).unwrap();
        let budget = Budget::new(1, 1, 60).unwrap();
        let line = budget_used("firm", &budget, minute);
        assert_eq!(
            (&line["OdooCalls"], &line["OdooBudgetUsed"]),
            (&json!(30), &json!(50))
        );
        assert_eq!(
            line["_aws"]["CloudWatchMetrics"][0]["Dimensions"],
            json!([["Odoo"]])
        );
    }
}
