//! Answers for people who may not see prices, rates and amounts.

use serde_json::Value;

/// In place of a number.
const HIDDEN: &str = "…";

/// Values in which every number may be one: what is asked of people, and what would be written.
const TEXTS: [&str; 5] = ["items", "reason", "value", "sentence", "words"];
/// Values that are amounts.
const AMOUNTS: [&str; 8] = [
    "amount", "total", "residual", "price", "billable", "before", "after", "money",
];
/// Values that are no prose: names, times and versions stay.
const NAMES: [&str; 8] = [
    "reference",
    "id",
    "book",
    "correlation",
    "at",
    "since",
    "raised_at",
    "version",
];

/// The answer without its amounts.
pub fn without_amounts(answer: Value) -> Value {
    hide(answer, "")
}

fn hide(value: Value, key: &str) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| {
                let hidden = hide(value, &name);
                (name, hidden)
            });
            Value::Object(fields.collect())
        }
        Value::Array(values) => {
            let values = values.into_iter().map(|value| hide(value, key));
            Value::Array(values.collect())
        }
        Value::String(_) | Value::Number(_) if AMOUNTS.contains(&key) => HIDDEN.into(),
        Value::String(text) if NAMES.contains(&key) => Value::String(text),
        Value::String(text) => {
            let every = TEXTS.contains(&key);
            Value::String(words(&text, every))
        }
        other @ (Value::Number(_) | Value::Bool(_) | Value::Null) => other,
    }
}

/// The text with its numbers hidden: all of them, or those with decimals. What is part of a longer
/// name, such as a reference or a day, is none.
fn words(text: &str, every: bool) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_number =
            !bare.is_empty() && bare.chars().all(|c| c.is_ascii_digit() || ",.".contains(c));
        match is_number && (every || bare.contains(['.', ','])) {
            true => word.replace(bare, HIDDEN),
            false => word.to_owned(),
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn prices_rates_and_amounts_are_hidden_and_everything_else_stays() {
        let answer = json!({
            "reference": "connectwise___43obalt__time_5fentry__501", "version": 7,
            "reason": "the price 160 is not that of the rate card from 2026-01-01, 150.00",
            "items": ["line \"Architect\": 210 EUR"],
            "writes": [{"name": "line 1", "value": "senior_consultant 100 × 160 less 10 %"}],
            "billable": {"currency": "EUR", "before": "1080.00", "after": "0"},
            "open": 3, "fix": "Correct it; 1080.00 is open since 2026-11-16.",
        });
        let hidden = without_amounts(answer);
        let expected = json!({
            "reference": "connectwise___43obalt__time_5fentry__501", "version": 7,
            "reason": "the price … is not that of the rate card from 2026-01-01, …",
            "items": ["line \"Architect\": … EUR"],
            "writes": [{"name": "line 1", "value": "senior_consultant … × … less … %"}],
            "billable": {"currency": "EUR", "before": "…", "after": "…"},
            "open": 3, "fix": "Correct it; … is open since 2026-11-16.",
        });
        assert_eq!(hidden, expected);
    }
}
