//! The headers of a message.

use std::collections::BTreeMap;

use super::Refusal;

/// Headers by lower-case name. A name that came twice is remembered as such, because two readers
/// could take two different ones. It has no `Debug`: tokens are among them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(BTreeMap<String, Value>);

#[derive(Clone, PartialEq, Eq)]
enum Value {
    One(String),
    Several,
}

impl Headers {
    /// The value of a header, unless it came twice.
    pub fn one(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.0.get(name) {
            Some(Value::One(value)) => Ok(Some(value)),
            Some(Value::Several) => Err(Refusal::RepeatedHeader {
                name: name.to_owned(),
            }),
            None => Ok(None),
        }
    }

    /// The values of those that came once.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.values().filter_map(|value| match value {
            Value::One(value) => Some(value.as_str()),
            Value::Several => None,
        })
    }

    /// Adds one. The same value again is still twice.
    pub fn add(&mut self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        let value = match self.0.contains_key(&name) {
            true => Value::Several,
            false => Value::One(value.trim().to_owned()),
        };
        self.0.insert(name, value);
    }

    /// Leaves one out.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut headers = Self::default();
        for (name, value) in pairs {
            headers.add(name.as_ref(), value.as_ref());
        }
        headers
    }
}
