//! DynamoDB's conditions: the part of its language that our code uses.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html>

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::Item;
use super::words::{Reader, Word};

/// A condition that was read.
#[derive(Debug)]
pub enum Condition {
    /// One of them.
    Any(Vec<Condition>),
    /// All of them.
    All(Vec<Condition>),
    /// The contrary.
    Not(Box<Condition>),
    /// The attribute is there.
    Exists(Operand),
    /// The text of the first begins with the second.
    BeginsWith(Operand, Operand),
    /// They compare like this.
    Compare(Operand, String, Operand),
    /// The first is one of the others.
    OneOf(Operand, Vec<Operand>),
}

/// An attribute or a value.
#[derive(Debug, PartialEq, Eq)]
pub enum Operand {
    /// Of the item.
    Attribute(String),
    /// Of the request.
    Value(String),
}

/// What `#names` and `:values` of a request stand for.
pub struct Names<'a> {
    names: Option<&'a Map<String, Value>>,
    values: Option<&'a Map<String, Value>>,
}

impl<'a> Names<'a> {
    /// Those of a request.
    pub fn of(request: &'a Value) -> Self {
        Self {
            names: request["ExpressionAttributeNames"].as_object(),
            values: request["ExpressionAttributeValues"].as_object(),
        }
    }

    /// The attribute that an alias stands for.
    pub fn name(&self, alias: &str) -> String {
        let name = self.names.and_then(|names| names.get(alias)?.as_str());
        name.unwrap_or_else(|| panic!("{alias} stands for nothing"))
            .to_owned()
    }

    /// The value of an operand, if it has one.
    pub fn value<'v>(&'v self, operand: &Operand, item: Option<&'v Item>) -> Option<&'v Value> {
        match operand {
            Operand::Attribute(name) => item?.get(name),
            Operand::Value(alias) => {
                let value = self.values.and_then(|values| values.get(alias));
                Some(value.unwrap_or_else(|| panic!("{alias} stands for nothing")))
            }
        }
    }

    /// An operand.
    pub fn operand(&self, reader: &mut Reader) -> Operand {
        match reader.word() {
            Word::Alias(alias) => Operand::Attribute(self.name(&alias)),
            Word::Value(alias) => Operand::Value(alias),
            Word::Name(name) => Operand::Attribute(name),
            Word::Sign(sign) => reader.strange(&sign),
        }
    }
}

impl Condition {
    /// Reads a condition.
    pub fn read(text: &str, names: &Names<'_>) -> Self {
        let mut reader = Reader::of(text);
        let condition = any(&mut reader, names);
        if !reader.is_empty() {
            reader.strange("what follows the condition");
        }
        condition
    }

    /// Whether it holds for an item, which may be missing.
    pub fn holds(&self, names: &Names<'_>, item: Option<&Item>) -> bool {
        let value = |operand| names.value(operand, item);
        match self {
            Self::Any(conditions) => conditions.iter().any(|c| c.holds(names, item)),
            Self::All(conditions) => conditions.iter().all(|c| c.holds(names, item)),
            Self::Not(condition) => !condition.holds(names, item),
            Self::Exists(attribute) => value(attribute).is_some(),
            Self::BeginsWith(left, right) => match (value(left), value(right)) {
                (Some(left), Some(right)) => text(left).starts_with(text(right)),
                _ => false,
            },
            Self::Compare(left, sign, right) => match (value(left), value(right)) {
                (Some(left), Some(right)) => compares(left, sign, right),
                _ => false,
            },
            Self::OneOf(one, others) => others.iter().any(|other| {
                let (left, right) = (value(one), value(other));
                left.is_some() && left == right
            }),
        }
    }

    /// What `attribute` must be equal to, if the condition says so.
    pub fn equal_to(&self, attribute: &str) -> Option<&Operand> {
        match self {
            Self::All(conditions) => conditions.iter().find_map(|c| c.equal_to(attribute)),
            Self::Compare(Operand::Attribute(name), sign, value)
                if name == attribute && sign == "=" =>
            {
                Some(value)
            }
            Self::Compare(..)
            | Self::Any(_)
            | Self::Not(_)
            | Self::Exists(_)
            | Self::BeginsWith(..)
            | Self::OneOf(..) => None,
        }
    }
}

fn any(reader: &mut Reader, names: &Names<'_>) -> Condition {
    let mut conditions = vec![all(reader, names)];
    while reader.takes_word("OR") {
        conditions.push(all(reader, names));
    }
    Condition::Any(conditions).alone()
}

fn all(reader: &mut Reader, names: &Names<'_>) -> Condition {
    let mut conditions = vec![single(reader, names)];
    while reader.takes_word("AND") {
        conditions.push(single(reader, names));
    }
    Condition::All(conditions).alone()
}

impl Condition {
    fn alone(self) -> Self {
        match self {
            Self::Any(mut one) | Self::All(mut one) if one.len() == 1 => one.remove(0),
            several => several,
        }
    }
}

fn single(reader: &mut Reader, names: &Names<'_>) -> Condition {
    if reader.takes_word("NOT") {
        return Condition::Not(Box::new(single(reader, names)));
    }
    if reader.takes("(") {
        let condition = any(reader, names);
        reader.expect(")");
        return condition;
    }
    let left = names.operand(reader);
    if reader.takes("(") {
        return function(&left, reader, names);
    }
    if reader.takes_word("IN") {
        reader.expect("(");
        let mut others = vec![names.operand(reader)];
        while reader.takes(",") {
            others.push(names.operand(reader));
        }
        reader.expect(")");
        return Condition::OneOf(left, others);
    }
    if reader.takes_word("BETWEEN") {
        reader.strange("BETWEEN");
    }
    match reader.word() {
        Word::Sign(sign) if ["=", "<>", "<", "<=", ">", ">="].contains(&sign.as_str()) => {
            Condition::Compare(left, sign, names.operand(reader))
        }
        other => reader.strange(&format!("{other:?}")),
    }
}

fn function(name: &Operand, reader: &mut Reader, names: &Names<'_>) -> Condition {
    let Operand::Attribute(name) = name else {
        reader.strange("a value that is called");
    };
    let subject = names.operand(reader);
    let condition = match name.as_str() {
        "attribute_exists" => Condition::Exists(subject),
        "attribute_not_exists" => Condition::Not(Box::new(Condition::Exists(subject))),
        "begins_with" => {
            reader.expect(",");
            Condition::BeginsWith(subject, names.operand(reader))
        }
        other => reader.strange(other),
    };
    reader.expect(")");
    condition
}

/// The text of a text attribute; empty for any other.
pub fn text(value: &Value) -> &str {
    value["S"].as_str().unwrap_or_default()
}

/// The number of a number attribute.
pub fn number(value: &Value) -> Option<Decimal> {
    value["N"].as_str()?.parse().ok()
}

/// Values of different types are never equal and never ordered.
fn compares(left: &Value, sign: &str, right: &Value) -> bool {
    let order = match (number(left), number(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ if left.get("S").is_some() && right.get("S").is_some() => {
            Some(text(left).as_bytes().cmp(text(right).as_bytes()))
        }
        _ if left == right => Some(Ordering::Equal),
        _ => None,
    };
    match sign {
        "=" => order == Some(Ordering::Equal),
        "<>" => order != Some(Ordering::Equal),
        "<" => order == Some(Ordering::Less),
        "<=" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        ">" => order == Some(Ordering::Greater),
        _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}
