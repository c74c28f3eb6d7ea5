//! Collects everything that is not as expected, so that a person sees all of it at once.

use std::fmt::Debug;

use rust_decimal::Decimal;

use crate::OdooError;
use crate::answer::same;

#[derive(Debug, Default)]
pub(crate) struct Differences(Vec<String>);

impl Differences {
    pub(crate) fn add(&mut self, difference: impl Into<String>) {
        self.0.push(difference.into());
    }

    /// For what may be shown: never for names of persons and their addresses.
    pub(crate) fn expect<T: PartialEq + Debug>(&mut self, what: &str, expected: &T, found: &T) {
        if expected != found {
            let (found, expected) = (shown(found), shown(expected));
            self.add(format!("{what} is {found}, expected {expected}"));
        }
    }

    /// For what may not be shown.
    pub(crate) fn expect_hidden<T: PartialEq>(&mut self, what: &str, expected: &T, found: &T) {
        if expected != found {
            self.add(format!("{what} is not the one that was sent"));
        }
    }

    pub(crate) fn expect_number(&mut self, what: &str, expected: Decimal, found: Decimal) {
        if !same(expected, found) {
            let (found, expected) = (found.normalize(), expected.normalize());
            self.add(format!("{what} is {found}, expected {expected}"));
        }
    }

    pub(crate) fn finish(self) -> Result<(), OdooError> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(OdooError::Differs {
            differences: self.0,
        })
    }
}

/// As people write it: `12` and `none`.
fn shown(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    match text
        .strip_prefix("Some(")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        Some(inner) => inner.to_owned(),
        None if text == "None" => "none".to_owned(),
        None => text,
    }
}
