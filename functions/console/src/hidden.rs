//! Answers for people who may not see prices, rates and amounts.

use serde_json::Value;

/// In place of a number.
const HIDDEN: &str = "…";

/// Values in which every number may be one: what is asked of people, and what would be written.
const TEXTS: [&str; 4] = ["items", "reason", "value", "sentence"];
/// Values that are amounts, however deep they go.
const AMOUNTS: [&str; 8] = [
    "amount",
    "total",
    "residual",
    "price",
    "billable",
    "untaxed",
    "cost_rate",
    "bill_rate",
];
/// Values that are none: names, times, versions and hours.
const OTHERS: [&str; 10] = [
    "reference",
    "id",
    "book",
    "correlation",
    "currency",
    "at",
    "since",
    "raised_at",
    "version",
    "hours",
];

/// The answer without its amounts.
pub fn without_amounts(answer: Value) -> Value {
    hide(answer, "")
}

/// A value without its amounts; `key` is the name that it has, or that of the amounts it belongs to.
fn hide(value: Value, key: &str) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| {
                let is_amount = AMOUNTS.contains(&key) && !OTHERS.contains(&name.as_str());
                let of = match is_amount {
                    true => key,
                    false => name.as_str(),
                };
                let hidden = hide(value, of);
                (name, hidden)
            });
            Value::Object(fields.collect())
        }
        Value::Array(values) => {
            let values = values.into_iter().map(|value| hide(value, key));
            Value::Array(values.collect())
        }
        Value::String(_) | Value::Number(_) if AMOUNTS.contains(&key) => HIDDEN.into(),
        Value::String(text) if OTHERS.contains(&key) => Value::String(text),
        Value::String(text) => Value::String(words(&text, TEXTS.contains(&key))),
        other @ (Value::Number(_) | Value::Bool(_) | Value::Null) => other,
    }
}

/// The text with its numbers hidden: all of them, or those with decimals. What is part of a longer
/// name, such as a reference or a day, is none, and hours are no amount.
fn words(text: &str, every: bool) -> String {
    let all: Vec<&str> = text.split(' ').collect();
    let shown = all.iter().enumerate().map(|(place, word)| {
        let unit = all
            .get(place + 1)
            .map(|next| next.trim_end_matches([',', ';', '.']));
        match unit == Some("h") {
            true => (*word).to_owned(),
            false => without_number(word, every),
        }
    });
    shown.collect::<Vec<_>>().join(" ")
}

fn without_number(word: &str, every: bool) -> String {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    let digits = |c: char| c.is_ascii_digit() || ",.".contains(c);
    let is_number = !bare.is_empty() && bare.chars().all(digits);
    match is_number && (every || bare.contains(['.', ','])) {
        true => word.replace(bare, HIDDEN),
        false => word.to_owned(),
    }
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
            "worked": "7.5 h, of which 2 h are covered", "hours": "39.50",
            "untaxed": {"USD": "28600"}, "bill_rate": "160", "cost_rate": 85,
        });
        let hidden = without_amounts(answer);
        let expected = json!({
            "reference": "connectwise___43obalt__time_5fentry__501", "version": 7,
            "reason": "the price … is not that of the rate card from 2026-01-01, …",
            "items": ["line \"Architect\": … EUR"],
            "writes": [{"name": "line 1", "value": "senior_consultant … × … less … %"}],
            "billable": {"currency": "EUR", "before": "…", "after": "…"},
            "open": 3, "fix": "Correct it; … is open since 2026-11-16.",
            "worked": "7.5 h, of which 2 h are covered", "hours": "39.50",
            "untaxed": {"USD": "…"}, "bill_rate": "…", "cost_rate": "…",
        });
        assert_eq!(hidden, expected);
    }
}
