//! What CloudWatch and people learn of the Odoo gate: how much of the budget a minute used, and
//! when Odoo is left alone. One line per minute or change, not per call.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use domain::gate::{Budget, Gate, Minute};
use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::{info, warn};

/// The namespace of our metrics.
const NAMESPACE: &str = "Tenon";

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
    line(instance, minute.from, &[calls, used])
}

fn closed_or_not(instance: &str, closed: u64, now: Timestamp) -> Value {
    line(instance, now, &[("OdooClosed", "Count", closed)])
}

/// Metrics with their units and values.
fn line(instance: &str, at: Timestamp, values: &[(&str, &str, u64)]) -> Value {
    let metrics = values
        .iter()
        .map(|(name, unit, _)| json!({"Name": name, "Unit": unit}));
    let metrics: Vec<Value> = metrics.collect();
    let about = json!({
        "Timestamp": at.as_millisecond(),
        "CloudWatchMetrics": [
            {"Namespace": NAMESPACE, "Dimensions": [["Odoo"]], "Metrics": metrics},
        ],
    });
    let values = values
        .iter()
        .map(|(name, _, value)| ((*name).to_owned(), json!(value)));
    let named = [
        ("_aws".to_owned(), about),
        ("Odoo".to_owned(), json!(instance)),
    ];
    Value::Object(named.into_iter().chain(values).collect())
}

/// CloudWatch takes metrics from lines that are this JSON and nothing around it, so it does not go
/// through the log's own format.
fn emit(line: &Value) {
    println!("{line}");
}

#[cfg(test)]
mod tests {
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
