//! A fact that contradicts another one or opens a hole.

/// A fact that would let something through, or lose something without anybody knowing.
pub(crate) struct Hole {
    /// The field: `message.dedup`, or `verify.0.by` for the first of a list.
    pub(crate) field: String,
    /// What to write instead.
    pub(crate) fix: String,
}

impl Hole {
    pub(crate) fn new(field: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            fix: fix.into(),
        }
    }
}
