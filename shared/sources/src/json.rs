//! Strict reading of what strangers send: JSON whose every doubt is a refusal.
//!
//! Values stay text until somebody asks for them by name and kind, so that a number keeps its
//! digits and an error can name the field and never its content.

mod place;

use std::collections::BTreeMap;
use std::fmt;

use domain::DecimalText;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub(crate) use place::{at, id_at};

/// The largest message that is read. Queues carry a little more than this after encoding.
pub const MAX_BYTES: usize = 200 * 1024;

/// How deep objects and arrays may be nested.
pub const MAX_DEPTH: usize = 32;

/// Why a message, or one event of it, cannot be read. It never holds what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// More than [`MAX_BYTES`].
    #[error("the message has {bytes} bytes; at most {MAX_BYTES} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not UTF-8.
    #[error("the message is not UTF-8 text")]
    NotText,
    /// Not JSON, or a text with half a character in it.
    #[error("the message is not valid JSON (line {line}, column {column})")]
    NotJson {
        /// Line within the part that was read.
        line: usize,
        /// Column within that line.
        column: usize,
    },
    /// Not XML, or XML with more in it than a message has.
    #[error("the message is not valid XML (line {line}, column {column})")]
    NotXml {
        /// Line.
        line: u32,
        /// Column within that line.
        column: u32,
    },
    /// XML with a document type, which could define entities.
    #[error("the message has a document type, which is not read: no source of ours sends one")]
    DocumentType,
    /// Not a table of values with a header.
    #[error("the file is not a table with a header (line {line})")]
    NotTable {
        /// The line, as far as the reader came.
        line: u64,
    },
    /// A row of another length than the header of its table.
    #[error("the row has {values} values, and its header names {columns} columns")]
    RowLength {
        /// How many values it has.
        values: usize,
        /// How many it should have.
        columns: usize,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("the message is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// The same name twice in one object: two readers could see two different records.
    #[error("an object in the message has the same name twice")]
    DuplicateKey,
    /// A NUL character, which no database behind us can keep.
    #[error("a text in the message contains a NUL character")]
    Nul,
    /// A field that must be there.
    #[error("the field {field} is missing")]
    Missing {
        /// Its name.
        field: String,
    },
    /// A field of another kind than it must be.
    #[error("the field {field} is not {expected}")]
    Wrong {
        /// Its name.
        field: String,
        /// What it must be.
        expected: &'static str,
    },
}

/// The text of a body, when its size and encoding are acceptable.
pub(crate) fn text_of(body: &[u8]) -> Result<&str, Unreadable> {
    if body.len() > MAX_BYTES {
        return Err(Unreadable::TooLarge { bytes: body.len() });
    }
    std::str::from_utf8(body).map_err(|_| Unreadable::NotText)
}

/// The elements of a JSON array, each still to be read.
pub(crate) fn array(json: &str) -> Result<Vec<&RawValue>, Unreadable> {
    serde_json::from_str(json).map_err(|error| not_json(&error))
}

/// Walks through everything once: depth, names, texts. What passes holds no surprise.
pub(crate) fn strict(json: &str) -> Result<(), Unreadable> {
    strict_within(json.trim_start(), MAX_DEPTH)
}

fn strict_within(json: &str, levels: usize) -> Result<(), Unreadable> {
    match json.as_bytes().first() {
        Some(b'{') => {
            let levels = levels.checked_sub(1).ok_or(Unreadable::TooDeep)?;
            let object = Object::parse(json)?;
            for (name, value) in &object.fields {
                no_nul(name)?;
                strict_within(value.get(), levels)?;
            }
            Ok(())
        }
        Some(b'[') => {
            let levels = levels.checked_sub(1).ok_or(Unreadable::TooDeep)?;
            for value in array(json)? {
                strict_within(value.get(), levels)?;
            }
            Ok(())
        }
        Some(b'"') => {
            let text: String = serde_json::from_str(json).map_err(|error| not_json(&error))?;
            no_nul(&text)
        }
        // Numbers and literals: their syntax was checked when they were cut out.
        _ => serde_json::from_str::<&RawValue>(json)
            .map(drop)
            .map_err(|error| not_json(&error)),
    }
}

fn no_nul(text: &str) -> Result<(), Unreadable> {
    match text.contains('\0') {
        true => Err(Unreadable::Nul),
        false => Ok(()),
    }
}

/// Only the place: the message of the JSON reader may quote what was sent.
fn not_json(error: &serde_json::Error) -> Unreadable {
    Unreadable::NotJson {
        line: error.line(),
        column: error.column(),
    }
}

/// One JSON object, its values still text.
pub(crate) struct Object<'a> {
    fields: BTreeMap<String, &'a RawValue>,
}

impl<'a> Object<'a> {
    /// Reads one level of an object.
    pub(crate) fn parse(json: &'a str) -> Result<Self, Unreadable> {
        let level: Level<'a> = serde_json::from_str(json).map_err(|error| not_json(&error))?;
        match level {
            Level::Clear(fields) => Ok(Self { fields }),
            Level::Ambiguous => Err(Unreadable::DuplicateKey),
        }
    }

    /// The field's own text; none when it is missing or null.
    pub(crate) fn raw(&self, field: &str) -> Option<&'a str> {
        let text = self.fields.get(field)?.get();
        (text != "null").then_some(text)
    }

    /// A text; none when it is missing, null or empty.
    pub(crate) fn optional_text(&self, field: &str) -> Result<Option<String>, Unreadable> {
        let Some(raw) = self.raw(field) else {
            return Ok(None);
        };
        let text: String = serde_json::from_str(raw).map_err(|_| wrong(field, "a text"))?;
        Ok((!text.is_empty()).then_some(text))
    }

    /// A text that must be there.
    pub(crate) fn text(&self, field: &str) -> Result<String, Unreadable> {
        self.optional_text(field)?.ok_or_else(|| missing(field))
    }

    /// An id exactly as sent: a JSON whole number or a text.
    pub(crate) fn optional_id(&self, field: &str) -> Result<Option<String>, Unreadable> {
        match self.raw(field) {
            Some(raw) if raw.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Some(raw.to_owned())),
            Some(raw) if raw.starts_with('"') => self.optional_text(field),
            Some(_) => Err(wrong(field, "a whole number or a text")),
            None => Ok(None),
        }
    }

    /// An id that must be there.
    pub(crate) fn id(&self, field: &str) -> Result<String, Unreadable> {
        self.optional_id(field)?.ok_or_else(|| missing(field))
    }

    /// A number, from its digits; none when it is missing, null or an empty text. The same number is
    /// the same whatever zeros a vendor writes after it: it may push `8.00` and list `8.0`, and one
    /// version with two contents would be a conflict.
    pub(crate) fn optional_decimal(&self, field: &str) -> Result<Option<Decimal>, Unreadable> {
        match self.raw(field) {
            None | Some("\"\"") => Ok(None),
            Some(raw) => serde_json::from_str::<DecimalText>(raw)
                .map(|number| Some(number.0.normalize()))
                .map_err(|_| wrong(field, "a plain decimal number")),
        }
    }

    /// A number that must be there.
    pub(crate) fn decimal(&self, field: &str) -> Result<Decimal, Unreadable> {
        self.optional_decimal(field)?.ok_or_else(|| missing(field))
    }

    /// `true` or `false`; none when it is missing or null.
    pub(crate) fn optional_flag(&self, field: &str) -> Result<Option<bool>, Unreadable> {
        match self.raw(field) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(wrong(field, "true or false")),
        }
    }

    /// A day like `2026-11-22` that must be there; what follows it is left, because vendors write a
    /// day as its midnight.
    pub(crate) fn day(&self, field: &str) -> Result<Date, Unreadable> {
        let text = self.text(field)?;
        let day = text.get(..10).and_then(|day| day.parse().ok());
        day.ok_or_else(|| wrong(field, "a day like 2026-11-22"))
    }

    /// A day like `2026-11-22`; none when it is missing, null or empty.
    pub(crate) fn optional_date(&self, field: &str) -> Result<Option<Date>, Unreadable> {
        self.optional_text(field)?
            .map(|text| {
                text.parse()
                    .map_err(|_| wrong(field, "a day like 2026-11-22"))
            })
            .transpose()
    }

    /// An instant like `2026-11-22T12:00:00Z`; none when it is missing, null or empty.
    pub(crate) fn optional_instant(&self, field: &str) -> Result<Option<Timestamp>, Unreadable> {
        let parse = |text: String| text.parse();
        self.optional_text(field)?
            .map(parse)
            .transpose()
            .map_err(|_| wrong(field, "an instant like 2026-11-22T12:00:00Z"))
    }

    /// An instant like `2026-11-22T12:00:00Z` that must be there.
    pub(crate) fn instant(&self, field: &str) -> Result<Timestamp, Unreadable> {
        self.optional_instant(field)?.ok_or_else(|| missing(field))
    }

    /// The name of what an object within is: its `id`; none when there is no object.
    pub(crate) fn id_within(&self, field: &str) -> Result<Option<String>, Unreadable> {
        let within = self.optional_object(field)?;
        within.map_or(Ok(None), |object| object.optional_id("id"))
    }

    /// A text of an object within; none when either is not there.
    pub(crate) fn text_within(
        &self,
        object: &str,
        field: &str,
    ) -> Result<Option<String>, Unreadable> {
        let within = self.optional_object(object)?;
        within.map_or(Ok(None), |object| object.optional_text(field))
    }

    /// An object within; none when it is missing or null.
    pub(crate) fn optional_object(&self, field: &str) -> Result<Option<Self>, Unreadable> {
        match self.raw(field) {
            Some(raw) if raw.starts_with('{') => Self::parse(raw).map(Some),
            Some(_) => Err(wrong(field, "an object")),
            None => Ok(None),
        }
    }

    /// An object within that must be there.
    pub(crate) fn object(&self, field: &str) -> Result<Self, Unreadable> {
        self.optional_object(field)?.ok_or_else(|| missing(field))
    }

    /// The values of all fields, by the order of their names, each still to be read.
    pub(crate) fn values(&self) -> Vec<&'a str> {
        self.fields.values().map(|value| value.get()).collect()
    }

    /// The elements of an array, each still to be read; none when it is missing or null.
    pub(crate) fn elements(&self, field: &str) -> Result<Vec<&'a str>, Unreadable> {
        let Some(raw) = self.raw(field) else {
            return Ok(Vec::new());
        };
        let elements = array(raw).map_err(|_| wrong(field, "an array"))?;
        Ok(elements.into_iter().map(RawValue::get).collect())
    }

    /// The objects of an array; none when it is missing or null.
    pub(crate) fn objects(&self, field: &str) -> Result<Vec<Self>, Unreadable> {
        let elements = self.elements(field)?;
        elements.into_iter().map(Self::parse).collect()
    }
}

pub(crate) fn missing(field: &str) -> Unreadable {
    Unreadable::Missing {
        field: field.to_owned(),
    }
}

pub(crate) fn wrong(field: &str, expected: &'static str) -> Unreadable {
    Unreadable::Wrong {
        field: field.to_owned(),
        expected,
    }
}

/// What one level of an object turned out to be. A duplicate is a result and not a serde error,
/// so that it can be told from broken JSON without reading messages.
enum Level<'a> {
    Clear(BTreeMap<String, &'a RawValue>),
    Ambiguous,
}

impl<'de: 'a, 'a> Deserialize<'de> for Level<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LevelVisitor)
    }
}

struct LevelVisitor;

impl<'de> Visitor<'de> for LevelVisitor {
    type Value = Level<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Level<'de>, A::Error> {
        let mut fields = BTreeMap::new();
        let mut ambiguous = false;
        while let Some(name) = map.next_key::<String>()? {
            let value: &'de RawValue = map.next_value()?;
            ambiguous |= fields.insert(name, value).is_some();
            if fields.len() > MAX_BYTES {
                return Err(A::Error::custom("too many names"));
            }
        }
        match ambiguous {
            true => Ok(Level::Ambiguous),
            false => Ok(Level::Clear(fields)),
        }
    }
}

#[cfg(test)]
mod tests;
