//! How large things may be in DynamoDB.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>

use serde_json::{Value, json};

use super::query::INDEXES;
use super::{Item, Reply};

/// An item with its names.
const ITEM: usize = 400 * 1024;
/// The answer to one query.
pub(super) const ANSWER: usize = 1024 * 1024;
/// A sort key.
const SORT_KEY: usize = 1024;

/// Why an item is not kept; none when it is.
pub(super) fn refusal(item: &Item) -> Option<Reply> {
    let refuse = |message: &str| {
        let body = json!({"message": message});
        Some(Reply::Refused("ValidationException", body))
    };
    if size(item) > ITEM {
        return refuse("Item size has exceeded the maximum allowed size");
    }
    if text(item, "sk").is_some_and(|key| key.len() > SORT_KEY) {
        return refuse("Aggregated size of all range keys has exceeded the size limit");
    }
    let mut keys = INDEXES.iter().flat_map(|(_, pk, sk)| [pk, sk]);
    if keys.any(|key| text(item, key).is_some_and(str::is_empty)) {
        return refuse(
            "The AttributeValue for a key attribute cannot contain an empty string value",
        );
    }
    None
}

/// What an item counts: the bytes of its names and values.
pub(super) fn size(item: &Item) -> usize {
    let value = |value: &Value| {
        let text = value["S"].as_str().or(value["N"].as_str());
        text.map_or(1, str::len)
    };
    item.iter().map(|(name, v)| name.len() + value(v)).sum()
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?["S"].as_str()
}
