//! One stored document for the account of a source, or for several:
//! `{"accounts":{"48807704":{…},"5550123":{…}}}`, each with the document that it would have alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Shared<'a> {
    #[serde(borrow)]
    accounts: BTreeMap<String, &'a RawValue>,
}

/// The account's own document; none where several share one and it is not among them.
#[must_use]
pub fn document_of<'a>(stored: &'a str, account: &str) -> Option<&'a str> {
    match serde_json::from_str::<Shared<'a>>(stored) {
        Ok(shared) => shared.accounts.get(account).map(|own| own.get()),
        Err(_) => Some(stored),
    }
}

/// What is stored, with another document of this account in it.
///
/// # Errors
/// When that is no JSON.
pub fn with_document(stored: &str, account: &str, own: String) -> serde_json::Result<String> {
    let Ok(mut shared) = serde_json::from_str::<Shared<'_>>(stored) else {
        return Ok(own);
    };
    let own = RawValue::from_string(own)?;
    shared.accounts.insert(account.to_owned(), &own);
    serde_json::to_string(&shared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_has_its_own_document_and_only_that_one_is_replaced() {
        let stored = r#"{"accounts":{"a":{"token":"1"},"b":{"token":"2"}}}"#;
        assert_eq!(document_of(stored, "b"), Some(r#"{"token":"2"}"#));
        assert_eq!(document_of(stored, "c"), None);
        let next = with_document(stored, "b", r#"{"token":"3"}"#.to_owned()).unwrap();
        assert_eq!(document_of(&next, "b"), Some(r#"{"token":"3"}"#));
        assert_eq!(document_of(&next, "a"), Some(r#"{"token":"1"}"#));
    }

    #[test]
    fn a_document_of_one_account_is_its_own() {
        let stored = r#"{"token":"1"}"#;
        assert_eq!(document_of(stored, "a"), Some(stored));
        let next = with_document(stored, "a", "{}".to_owned()).unwrap();
        assert_eq!(next, "{}");
    }
}
