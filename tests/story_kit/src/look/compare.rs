//! Whether a field in Odoo has the value that a story expects.

use crate::value::Value;

/// Amounts are compared as decimals; a link by its id or its name; a list of links by its ids, in any
/// order; an empty field is `false` or an empty text.
pub(super) fn equal(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Text(text), Value::Yes(false)) => text.is_empty(),
        (Value::Null, Value::Yes(false)) => true,
        (_, Value::Number(amount)) => expected.amount() == Some(*amount),
        (Value::List(wanted), Value::List(there)) => {
            wanted.len() == there.len() && wanted.iter().all(|one| there.contains(one))
        }
        (_, Value::List(link)) => match link.as_slice() {
            [id @ Value::Number(_), name @ Value::Text(_)] => expected == id || expected == name,
            _ => false,
        },
        _ => expected == found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(expected: &str, found: &str) -> bool {
        let read = |json: &str| Value::read(json).unwrap();
        equal(&read(expected), &read(found))
    }

    #[test]
    fn a_field_is_compared_by_what_it_means() {
        assert!(holds("48600.00", "48600.0") && holds("\"48600\"", "48600.0"));
        assert!(!holds("48600.01", "48600.0"));
        assert!(holds("7", "[7, \"Acme\"]") && holds("\"Acme\"", "[7, \"Acme\"]"));
        assert!(!holds("\"Acm\"", "[7, \"Acme\"]") && !holds("8", "[7, \"Acme\"]"));
        assert!(holds("[2, 1]", "[1, 2]") && !holds("[1]", "[1, 2]"));
        assert!(holds("\"\"", "false") && holds("false", "false") && !holds("\"\"", "\"x\""));
        assert!(holds("\"2026-11-22\"", "\"2026-11-22\"") && holds("true", "true"));
    }
}
