//! Reading and writing items without repeating the attribute plumbing.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::StoreError;

/// An item as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

/// A text attribute.
pub fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A whole number attribute.
pub fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// An item with only its key.
pub fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    Item::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// A text attribute of an item, when it is there.
pub fn get_text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// A whole number attribute of an item, when it is there.
pub fn get_number(item: &Item, name: &str) -> Option<i64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// The JSON document that an item carries in `doc`.
pub fn document<T: serde::de::DeserializeOwned>(item: &Item) -> Result<T, StoreError> {
    let place = || format!("{:?} {:?}", get_text(item, "pk"), get_text(item, "sk"));
    let text = get_text(item, "doc").ok_or_else(|| StoreError::unreadable(place(), "no doc"))?;
    serde_json::from_str(text).map_err(|error| StoreError::unreadable(place(), error))
}

/// A value as the JSON document of an item.
pub fn to_document<T: serde::Serialize>(value: &T) -> Result<AttributeValue, StoreError> {
    serde_json::to_string(value)
        .map(text)
        .map_err(|e| StoreError::unreadable("doc", e))
}

/// Whether a conditional put found its condition false.
pub fn put_refused<R>(error: &SdkError<PutItemError, R>) -> bool {
    error
        .as_service_error()
        .is_some_and(PutItemError::is_conditional_check_failed_exception)
}

/// Whether a conditional update found its condition false.
pub fn update_refused<R>(error: &SdkError<UpdateItemError, R>) -> bool {
    error
        .as_service_error()
        .is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}
