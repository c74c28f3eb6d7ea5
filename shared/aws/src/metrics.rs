//! Metrics as lines of the log, which CloudWatch takes from there: no call and no permission.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use jiff::Timestamp;
use serde_json::{Value, json};

/// The namespace of our metrics.
const NAMESPACE: &str = "Tenon";

/// What a metric is about, by the name of its dimension.
pub type Dimension<'a> = (&'a str, &'a str);

/// Metrics with their units and values.
pub fn line(about: &[Dimension<'_>], at: Timestamp, values: &[(&str, &str, u64)]) -> Value {
    let metrics = values
        .iter()
        .map(|(name, unit, _)| json!({"Name": name, "Unit": unit}));
    let metrics: Vec<Value> = metrics.collect();
    let dimensions: Vec<&str> = about.iter().map(|(name, _)| *name).collect();
    let meta = json!({
        "Timestamp": at.as_millisecond(),
        "CloudWatchMetrics": [
            {"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics},
        ],
    });
    let values = values
        .iter()
        .map(|(name, _, value)| ((*name).to_owned(), json!(value)));
    let names = about
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)));
    let meta = [("_aws".to_owned(), meta)];
    Value::Object(meta.into_iter().chain(names).chain(values).collect())
}

/// CloudWatch takes metrics from lines that are this JSON and nothing around it, so it does not go
/// through the log's own format.
pub fn emit(line: &Value) {
    println!("{line}");
}
