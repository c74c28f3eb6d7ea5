//! Every way to change one field of an example.

use serde_json::{Map, Value};

/// An example with one field changed or left out.
pub struct Changed {
    /// Where the field is, for example `project.id` or `lines[].price`.
    pub at: String,
    /// The example with it.
    pub value: Value,
}

/// Every one of them.
pub fn all(example: &Value) -> Vec<Changed> {
    let changed = |(at, value): (String, Option<Value>)| Some(Changed { at, value: value? });
    within(example).into_iter().filter_map(changed).collect()
}

/// Places below a value, and the value with another one there; none when it is left out.
fn within(value: &Value) -> Vec<(String, Option<Value>)> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| in_field(fields, name, value))
            .collect(),
        Value::Array(elements) => (elements.iter().enumerate())
            .flat_map(|(position, element)| in_element(elements, position, element))
            .collect(),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            // ConnectWise sends a record as a text of JSON.
            Ok(record @ Value::Object(_)) => (within(&record).into_iter())
                .map(|(at, value)| (at, value.map(|value| Value::from(value.to_string()))))
                .collect(),
            _ => leaf(others_of_text(text)),
        },
        Value::Number(number) => leaf(others_of_number(&number.to_string())),
        Value::Bool(flag) => leaf(vec![Value::from(!flag)]),
        // Nothing is known of what it would be.
        Value::Null => leaf(vec![
            Value::from("7"),
            Value::from("2026-01-02"),
            Value::from(7),
            Value::from(true),
        ]),
    }
}

fn leaf(others: Vec<Value>) -> Vec<(String, Option<Value>)> {
    let others = others.into_iter().map(Some).chain([None]);
    others.map(|other| (String::new(), other)).collect()
}

fn in_field(
    fields: &Map<String, Value>,
    name: &str,
    value: &Value,
) -> Vec<(String, Option<Value>)> {
    let with = |(at, other): (String, Option<Value>)| {
        let mut fields = fields.clone();
        match other {
            Some(other) => fields.insert(name.to_owned(), other),
            None => fields.remove(name),
        };
        // Kantata names a field by the id of what is in it.
        let is_an_id = name.bytes().all(|byte| byte.is_ascii_digit());
        let name = if is_an_id { "*" } else { name };
        (join(name, &at), Some(Value::Object(fields)))
    };
    within(value).into_iter().map(with).collect()
}

fn in_element(
    elements: &[Value],
    position: usize,
    element: &Value,
) -> Vec<(String, Option<Value>)> {
    let with = |(at, other): (String, Option<Value>)| {
        let mut elements = elements.to_vec();
        elements.splice(position..=position, other);
        (join("[]", &at), Some(Value::Array(elements)))
    };
    within(element).into_iter().map(with).collect()
}

fn join(name: &str, at: &str) -> String {
    match at.is_empty() || at.starts_with("[]") {
        true => format!("{name}{at}"),
        false => format!("{name}.{at}"),
    }
}

/// A longer text, the next number, day or second, and the year before.
fn others_of_text(text: &str) -> Vec<Value> {
    let mut others = vec![format!("{text}x")];
    others.extend(next(text));
    let year = text.get(..4).and_then(|year| year.parse::<i16>().ok());
    if let (Some(year), Some("-")) = (year, text.get(4..5)) {
        others.push(format!("{}{}", year - 1, &text[4..]));
    }
    others.into_iter().map(Value::from).collect()
}

fn others_of_number(number: &str) -> Vec<Value> {
    let other = next(number).and_then(|number| serde_json::from_str(&number).ok());
    other.into_iter().collect()
}

/// With another last digit.
fn next(text: &str) -> Option<String> {
    let at = text.rfind(|found: char| found.is_ascii_digit())?;
    let other = match &text[at..=at] {
        "9" => "8".to_owned(),
        digit => (digit.parse::<u8>().ok()? + 1).to_string(),
    };
    Some(format!("{}{other}{}", &text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_field_is_changed_also_inside_a_text_and_a_list() {
        let example = json!({
            "Entity": "{\"hours\":\"8.09\"}",
            "rows": [{"on": "2026-11-03", "open": true}],
            "7": {"note": null},
        });
        let changed = all(&example);
        let of = |at: &str| -> Vec<String> {
            let at = changed.iter().filter(|one| one.at == at);
            at.map(|one| one.value.to_string()).collect()
        };
        assert_eq!(of("Entity.hours").len(), 3);
        assert!(of("Entity.hours")[1].contains(r#"\"8.08\""#));
        let days = of("rows[].on");
        assert!(
            days.iter().any(|day| day.contains("2025-11-03")),
            "{days:?}"
        );
        assert!(
            days.iter().any(|day| day.contains("2026-11-04")),
            "{days:?}"
        );
        assert_eq!(of("rows[].open").len(), 2);
        assert_eq!(of("*.note").len(), 5);
        assert!(changed.iter().all(|one| one.value != example));
    }
}
