//! One value of a text, without reading the rest of it: the edge looks for an account in every event.

use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::{Deserializer, de};
use serde_json::value::RawValue;

/// The raw text at a JSON pointer made of names only, level by level. None when it is not there, is
/// null, or is there twice.
pub(crate) fn at<'a>(json: &'a str, pointer: &str) -> Option<&'a str> {
    let mut names = pointer.split('/').skip(1);
    names.try_fold(json, |json, name| field(json, name))
}

/// The id or text at a JSON pointer, exactly as sent.
pub(crate) fn id_at(json: &str, pointer: &str) -> Option<String> {
    let raw = at(json, pointer)?;
    match raw.starts_with('"') {
        true => serde_json::from_str(raw).ok(),
        false => Some(raw.to_owned()),
    }
}

fn field<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let found = Field(name).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    found.map(RawValue::get).filter(|text| *text != "null")
}

/// The value of one name of an object; none when it is not there, or twice.
struct Field<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Field<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Field<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        let mut is_ambiguous = false;
        while let Some(is_it) = map.next_key_seed(Name(self.0))? {
            match is_it {
                true => is_ambiguous |= found.replace(map.next_value()?).is_some(),
                false => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found.filter(|_| !is_ambiguous))
    }
}

/// Whether a name is this one, however it is escaped.
struct Name<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_place_and_never_when_it_is_there_twice() {
        let json = r#" {"a":{"b":[1],"\u0063":"x","d":null},"e":9007199254740993} "#;
        assert_eq!(at(json, "/a/b"), Some("[1]"));
        assert_eq!(id_at(json, "/a/c").as_deref(), Some("x"));
        assert_eq!(id_at(json, "/e").as_deref(), Some("9007199254740993"));
        for place in ["/a/d", "/a/f", "/e/f", "/f", "/a/b/0"] {
            assert_eq!(at(json, place), None, "{place}");
        }
        let twice = r#"{"a":1,"b":2,"\u0061":3}"#;
        assert_eq!((at(twice, "/a"), at(twice, "/b")), (None, Some("2")));
        for broken in [
            "",
            "[]",
            "{",
            r#"{"a":1"#,
            r#"{"a":1}}"#,
            r#"{"a":1} 2"#,
            r#"{"b":tru,"a":1}"#,
        ] {
            assert_eq!(at(broken, "/a"), None, "{broken}");
        }
    }
}
