//! Why a file is not taken.

use super::{MAX_BYTES, MAX_COLUMNS, MAX_ROW_BYTES, MAX_ROWS};

/// A file of which nothing is taken. It says where, never what was written there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFile {
    /// Nothing is in it.
    #[error("it is empty, as an export that was cut off: drop it again when it is complete")]
    Empty,
    /// More than [`MAX_BYTES`].
    #[error("it is larger than {} MB: cut it into several files", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// More than [`MAX_ROWS`].
    #[error("it has more than {MAX_ROWS} rows: cut it into several files")]
    TooManyRows,
    /// More than [`MAX_COLUMNS`].
    #[error(
        "line {line} has more than {MAX_COLUMNS} values: leave out the columns that nobody reads"
    )]
    TooManyColumns {
        /// The line in which the row begins.
        line: u64,
    },
    /// More than [`MAX_ROW_BYTES`].
    #[error(
        "what begins in line {line} is longer than {} KB: look for a quotation mark or a brace that is never closed",
        MAX_ROW_BYTES / 1024
    )]
    TooLong {
        /// The line in which the row begins.
        line: u64,
    },
    /// Not UTF-8.
    #[error(
        "line {line} is not UTF-8: save the file as UTF-8 (a spreadsheet calls it \"CSV UTF-8\")"
    )]
    NotText {
        /// The line in which the row begins.
        line: u64,
    },
    /// A quotation mark that nothing closes may have swallowed rows.
    #[error(
        "a quotation mark in what begins in line {line} has no pair: put the value in quotation marks, and write each of its own twice"
    )]
    Unpaired {
        /// The line in which the row begins.
        line: u64,
    },
    /// A column that no row can do without.
    #[error("its header has no column {columns}: the first line names the columns")]
    NoColumn {
        /// The columns that are missing.
        columns: String,
    },
    /// Two columns of one name: which of them counts?
    #[error("two columns of its header have the same name: rename one of them")]
    ColumnTwice,
    /// A header that cannot be one.
    #[error("its header holds a NUL character: the first line names the columns")]
    NotHeader,
    /// Not JSON, or not all of it.
    #[error("it is not valid JSON from line {line} on: it may have been cut off")]
    NotJson {
        /// The line.
        line: u64,
    },
    /// JSON, but no object.
    #[error(
        "line {line} has something else than an object: a file is an array of objects, or one object after the other"
    )]
    NotObject {
        /// The line.
        line: u64,
    },
}

/// What is wrong, so many lines behind where the search began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) what: What,
    pub(super) beyond: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    TooManyColumns,
    TooLong,
    Unpaired,
    NotText,
    NotJson,
    NotObject,
}

impl Trouble {
    pub(super) const fn at(self, from: u64) -> BadFile {
        let line = from + self.beyond;
        match self.what {
            What::TooManyColumns => BadFile::TooManyColumns { line },
            What::TooLong => BadFile::TooLong { line },
            What::Unpaired => BadFile::Unpaired { line },
            What::NotText => BadFile::NotText { line },
            What::NotJson => BadFile::NotJson { line },
            What::NotObject => BadFile::NotObject { line },
        }
    }
}
