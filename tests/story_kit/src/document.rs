//! A story's text as JSON whose every line is known to come from a line of the story.
//!
//! TOML is what people write; JSON is what Odoo and the vendors speak. Numbers keep the digits that
//! were written: an amount never passes through a float.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A text that is not a story.
#[derive(Debug, thiserror::Error)]
pub enum BadDocument {
    /// No TOML.
    #[error("{0}")]
    NotToml(#[from] toml::de::Error),
    /// A number that JSON does not have.
    #[error("line {line}: {digits} is no number that Odoo or a vendor could be given")]
    NoNumber {
        /// Where.
        line: usize,
        /// What is written.
        digits: String,
    },
    /// A key that is not known, one that is missing, or a value of another kind.
    #[error("line {line}: {problem}")]
    Wrong {
        /// Where.
        line: usize,
        /// What is wrong.
        problem: String,
    },
}

/// A text that was read.
#[derive(Debug)]
pub struct Document {
    json: String,
    /// The line of the text for each line of the JSON.
    lines: Vec<usize>,
}

impl Document {
    /// Reads TOML.
    ///
    /// # Errors
    /// When it is none, or has a number that JSON does not have.
    pub fn read(text: &str) -> Result<Self, BadDocument> {
        let table = DeTable::parse(text)?;
        let mut writer = Writer {
            text,
            json: String::new(),
            lines: vec![1],
        };
        writer.table(table.get_ref())?;
        Ok(Self {
            json: writer.json,
            lines: writer.lines,
        })
    }

    /// Takes it for a value of this type.
    ///
    /// # Errors
    /// When it is none; the error says in which line.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, BadDocument> {
        serde_json::from_str(&self.json).map_err(|error| {
            let said = error.to_string();
            let problem = said.split(" at line ").next().unwrap_or(&said).to_owned();
            let line = self.lines.get(error.line().saturating_sub(1));
            BadDocument::Wrong {
                line: line.copied().unwrap_or(1),
                problem,
            }
        })
    }
}

struct Writer<'a> {
    text: &'a str,
    json: String,
    lines: Vec<usize>,
}

impl Writer<'_> {
    /// Begins a line that comes from this place of the text.
    fn line(&mut self, at: usize) {
        self.json.push('\n');
        self.lines.push(self.number(at));
    }

    fn number(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.matches('\n').count() + 1
    }

    fn string(&mut self, text: &str) {
        self.json
            .push_str(&serde_json::Value::from(text).to_string());
    }

    fn table(&mut self, table: &DeTable<'_>) -> Result<(), BadDocument> {
        self.json.push('{');
        for (place, (key, value)) in table.iter().enumerate() {
            if place > 0 {
                self.json.push(',');
            }
            self.line(key.span().start);
            self.string(key.get_ref());
            self.json.push(':');
            self.value(value)?;
        }
        self.json.push('}');
        Ok(())
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) -> Result<(), BadDocument> {
        match value.get_ref() {
            DeValue::String(text) => self.string(text),
            DeValue::Boolean(yes) => self.json.push_str(&yes.to_string()),
            DeValue::Datetime(when) => self.string(&when.to_string()),
            DeValue::Integer(number) if number.radix() == 10 => {
                self.digits(number.as_str(), value.span().start)?;
            }
            DeValue::Integer(number) => {
                let whole = i64::from_str_radix(number.as_str(), number.radix());
                let text = whole.map_or_else(|_| number.as_str().to_owned(), |n| n.to_string());
                self.digits(&text, value.span().start)?;
            }
            DeValue::Float(number) => self.digits(number.as_str(), value.span().start)?,
            DeValue::Array(items) => {
                self.json.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        self.json.push(',');
                    }
                    self.line(item.span().start);
                    self.value(item)?;
                }
                self.json.push(']');
            }
            DeValue::Table(table) => self.table(table)?,
        }
        Ok(())
    }

    /// The digits as they were written, where JSON takes them.
    fn digits(&mut self, written: &str, at: usize) -> Result<(), BadDocument> {
        let digits = written.trim_start_matches('+').replace('_', "");
        if serde_json::from_str::<&serde_json::value::RawValue>(&digits).is_err() {
            return Err(BadDocument::NoNumber {
                line: self.number(at),
                digits: written.to_owned(),
            });
        }
        self.json.push_str(&digits);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::value::RawValue;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        #[serde(default)]
        name: String,
        #[serde(default)]
        free: BTreeMap<String, Box<RawValue>>,
        #[serde(default)]
        steps: Vec<Thing>,
    }

    fn read(text: &str) -> Result<Thing, BadDocument> {
        Document::read(text)?.parse()
    }

    #[test]
    fn digits_stay_as_they_were_written() {
        let text =
            "[free]\na = 7.50\nb = +1_000\nc = 0x10\nd = 2026-11-22\ne = [1.10, {f = \"x\\ny\"}]";
        let thing = read(text).unwrap();
        assert_eq!((thing.name.as_str(), thing.steps.len()), ("", 0));
        let said = |key: &str| thing.free[key].get().replace('\n', "");
        assert_eq!(said("a"), "7.50");
        assert_eq!(said("b"), "1000");
        assert_eq!(said("c"), "16");
        assert_eq!(said("d"), "\"2026-11-22\"");
        assert_eq!(said("e"), r#"[1.10,{"f":"x\ny"}]"#);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let error = |text: &str| read(text).unwrap_err().to_string();
        let unknown = error("name = \"x\"\n\n[[steps]]\nname = \"y\"\nnmae = 1\n");
        assert!(
            unknown.starts_with("line 5: unknown field `nmae`"),
            "{unknown}"
        );
        let kind = error("# a comment\nname = 7\n");
        assert!(
            kind.starts_with("line 2: invalid type: integer `7`"),
            "{kind}"
        );
        assert!(error("[free]\na = inf").starts_with("line 2: inf is no number"));
        assert!(error("name = ").contains("line 1"));
    }
}
