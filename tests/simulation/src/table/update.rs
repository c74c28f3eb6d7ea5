//! DynamoDB's update expressions: the part of its language that our code uses.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Item;
use super::condition::{Names, Operand, number};
use super::words::{Reader, Word};

/// Changes an item as the expression says. Every value is that of the item before.
pub fn update(text: &str, names: &Names<'_>, item: &mut Item) {
    let before = item.clone();
    let mut reader = Reader::of(text);
    while let Some(word) = reader.next() {
        match word {
            Word::Name(clause) if clause.eq_ignore_ascii_case("SET") => loop {
                let (attribute, value) = assignment(&mut reader, names, &before);
                item.insert(attribute, value);
                if !reader.takes(",") {
                    break;
                }
            },
            Word::Name(clause) if clause.eq_ignore_ascii_case("REMOVE") => loop {
                let attribute = attribute(&mut reader, names);
                item.remove(&attribute);
                if !reader.takes(",") {
                    break;
                }
            },
            Word::Name(clause) if clause.eq_ignore_ascii_case("ADD") => loop {
                let attribute = attribute(&mut reader, names);
                let operand = names.operand(&mut reader);
                let more = of(names.value(&operand, Some(&before)));
                let sum = of(before.get(&attribute)) + more;
                item.insert(attribute, json!({"N": sum.to_string()}));
                if !reader.takes(",") {
                    break;
                }
            },
            other => reader.strange(&format!("{other:?}")),
        }
    }
}

fn attribute(reader: &mut Reader, names: &Names<'_>) -> String {
    match names.operand(reader) {
        Operand::Attribute(name) => name,
        Operand::Value(value) => reader.strange(&value),
    }
}

fn assignment(reader: &mut Reader, names: &Names<'_>, before: &Item) -> (String, Value) {
    let name = attribute(reader, names);
    reader.expect("=");
    let first = term(reader, names, before);
    let value = match (reader.takes("+"), reader.takes("-")) {
        (true, _) => sum(&first, Decimal::ONE, &term(reader, names, before)),
        (_, true) => sum(&first, Decimal::NEGATIVE_ONE, &term(reader, names, before)),
        _ => first,
    };
    (name, value)
}

fn term(reader: &mut Reader, names: &Names<'_>, before: &Item) -> Value {
    let operand = names.operand(reader);
    if reader.takes("(") {
        if operand != Operand::Attribute("if_not_exists".to_owned()) {
            reader.strange(&format!("{operand:?}"));
        }
        let wanted = names.operand(reader);
        reader.expect(",");
        let other = term(reader, names, before);
        reader.expect(")");
        return names.value(&wanted, Some(before)).cloned().unwrap_or(other);
    }
    match names.value(&operand, Some(before)) {
        Some(value) => value.clone(),
        None => reader.strange(&format!("{operand:?}, which the item does not have")),
    }
}

fn of(value: Option<&Value>) -> Decimal {
    value.and_then(number).unwrap_or_default()
}

fn sum(left: &Value, sign: Decimal, right: &Value) -> Value {
    let sum = of(Some(left)) + sign * of(Some(right));
    json!({"N": sum.to_string()})
}
