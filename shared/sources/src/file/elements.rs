//! The objects of a JSON file: the elements of an array, or one object after the other.

use serde_json::value::RawValue;

use super::bad::{Trouble, What};
use super::{MAX_ROW_BYTES, Next, lines_in};

/// A JSON file of which the objects are being found.
pub(super) struct Elements {
    place: Place,
}

/// Where in the file we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Beginning,
    /// Behind the opening bracket.
    First,
    /// Behind a comma.
    Element,
    /// Behind an element.
    After,
    /// Outside of any array.
    Sequence,
    /// Behind the closing bracket.
    Done,
}

/// What an object turned out to be.
enum Object {
    Whole(usize),
    CutOff,
    NotJson { beyond: u64 },
}

impl Elements {
    pub(super) const fn new() -> Self {
        Self {
            place: Place::Beginning,
        }
    }

    /// Whether nothing but blanks came.
    pub(super) fn is_empty(&self) -> bool {
        self.place == Place::Beginning
    }

    pub(super) fn next(&mut self, bytes: &[u8], is_last: bool) -> Result<Next, Trouble> {
        let mut skipped = 0;
        loop {
            let beyond = || lines_in(bytes.get(..skipped));
            let wrong = |what| Trouble {
                what,
                beyond: beyond(),
            };
            let Some(byte) = bytes.get(skipped) else {
                return match (is_last, self.place) {
                    (false, _) => Ok(Next::More { skipped }),
                    (true, Place::Beginning | Place::Sequence | Place::Done) => Ok(Next::End),
                    (true, Place::First | Place::Element | Place::After) => {
                        Err(wrong(What::NotJson))
                    }
                };
            };
            self.place = match (self.place, byte) {
                (place, b' ' | b'\t' | b'\r' | b'\n') => place,
                (Place::Beginning, b'[') => Place::First,
                (Place::Beginning, b'{') => {
                    self.place = Place::Sequence;
                    continue;
                }
                (Place::First | Place::Element | Place::Sequence, b'{') => {
                    return self.object(bytes, skipped, is_last);
                }
                (Place::First | Place::After, b']') => Place::Done,
                (Place::After, b',') => Place::Element,
                (Place::Beginning, byte) if !byte.is_ascii() => return Err(wrong(What::NotText)),
                (Place::Beginning | Place::First | Place::Element, byte) if begins_value(*byte) => {
                    return Err(wrong(What::NotObject));
                }
                _ => return Err(wrong(What::NotJson)),
            };
            skipped += 1;
        }
    }

    /// The object behind the skipped bytes.
    fn object(&mut self, bytes: &[u8], skipped: usize, is_last: bool) -> Result<Next, Trouble> {
        let rest = bytes.get(skipped..).unwrap_or_default();
        let before = lines_in(bytes.get(..skipped));
        let wrong = |what, beyond| Trouble {
            what,
            beyond: before + beyond,
        };
        match object(rest) {
            Object::Whole(length) if length > MAX_ROW_BYTES => Err(wrong(What::TooLong, 0)),
            Object::Whole(length) => {
                if self.place != Place::Sequence {
                    self.place = Place::After;
                }
                Ok(Next::Row { skipped, length })
            }
            Object::CutOff if rest.len() > MAX_ROW_BYTES => Err(wrong(What::TooLong, 0)),
            Object::CutOff if is_last => Err(wrong(What::NotJson, 0)),
            Object::CutOff => Ok(Next::More { skipped }),
            Object::NotJson { beyond } => Err(wrong(What::NotJson, beyond)),
        }
    }
}

fn object(bytes: &[u8]) -> Object {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<&RawValue>();
    match values.next() {
        Some(Ok(_)) => Object::Whole(values.byte_offset()),
        Some(Err(error)) if error.is_eof() => Object::CutOff,
        Some(Err(error)) => Object::NotJson {
            beyond: u64::try_from(error.line().saturating_sub(1)).unwrap_or_default(),
        },
        None => Object::CutOff,
    }
}

fn begins_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'"' | b'-' | b'[')
}
