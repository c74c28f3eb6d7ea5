//! Text that is kept compressed.

use std::io::{Read as _, Write as _};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::StoreError;
use crate::item::{Item, get_text};

/// The attribute that holds it.
const CONTENT: &str = "content";

/// A text, compressed.
pub fn compress(text: &str) -> Result<Vec<u8>, StoreError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish())
        .map_err(|error| StoreError::unreadable(CONTENT, error))
}

/// Puts what was compressed into an item.
pub fn put(item: &mut Item, compressed: Vec<u8>) {
    let value = AttributeValue::B(Blob::new(compressed));
    item.insert(CONTENT.to_owned(), value);
}

/// The text of an item.
pub fn text_of(item: &Item) -> Result<String, StoreError> {
    let place = || format!("{:?} {:?}", get_text(item, "pk"), get_text(item, "sk"));
    let bytes = item.get(CONTENT).and_then(|value| value.as_b().ok());
    let bytes = bytes.ok_or_else(|| StoreError::unreadable(place(), "no content"))?;
    let mut text = String::new();
    GzDecoder::new(bytes.as_ref())
        .read_to_string(&mut text)
        .map_err(|error| StoreError::unreadable(place(), error))?;
    Ok(text)
}
