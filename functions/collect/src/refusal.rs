//! A file that is not taken, and what people are told.

use domain::ExceptionClass;
use domain::judge::Objection;
use sources::file::BadFile;

/// Why nothing of a file is taken. It stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotTaken {
    #[error(
        "its place says not whose it is: drop it as in/SOURCE/ACCOUNT/NAME, of a source that there is"
    )]
    UnknownPlace,
    #[error("{title} sends no files: what comes from there comes another way")]
    NoFiles { title: String },
    #[error(
        "the book in force names no such account of {title}: write it as the book does, with its capitals"
    )]
    UnknownAccount { title: String },
    #[error(
        "its name says not how it is written: let it end in .csv, .json, .jsonl or .ndjson, as its source may"
    )]
    UnknownForm,
    #[error("its name is too long to be asked about: shorten it")]
    LongName,
    #[error(transparent)]
    Bad(#[from] BadFile),
}

impl NotTaken {
    /// The question for people.
    pub(crate) fn objection(&self, key: &str) -> Objection {
        Objection {
            code: "file_refused",
            class: ExceptionClass::DataQuality,
            sentence: format!("The file {key} was not taken: no row of it is in"),
            items: vec![self.to_string()],
            fix: "Correct the file and drop it again under the same name. What was taken before changes nothing."
                .to_owned(),
            owner: "operations",
        }
    }
}
