//! What the functions log while a story is played, in the thread that plays it.

use serde_json::Value;
use simulation::logs;

/// An empty log.
pub fn begin() {
    logs::capture();
    logs::clear();
}

/// How much was logged so far.
#[must_use]
pub fn length() -> usize {
    logs::with(str::len)
}

/// Everything that was logged.
#[must_use]
pub fn all() -> String {
    logs::with(str::to_owned)
}

/// The last warnings and errors since the log had this length.
#[must_use]
pub fn warnings(since: usize, most: usize) -> Vec<String> {
    let log = all();
    let lines = log.get(since..).unwrap_or_default().lines();
    let told: Vec<String> = lines.filter_map(warning).collect();
    let from = told.len().saturating_sub(most);
    told.into_iter().skip(from).collect()
}

fn warning(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    let level = text("level").filter(|level| ["WARN", "ERROR"].contains(level))?;
    let error = text("error").map_or_else(String::new, |error| format!(": {error}"));
    Some(format!(
        "{} {}{error}",
        level.to_lowercase(),
        text("message")?
    ))
}
