//! Why a question about a source has no answer.

/// A question about a source cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nobody by this name.
    #[error("no source is called {name:?}; there are: {known}")]
    Unknown {
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// The source has no scheme of this name.
    #[error("{source_name} has no scheme called {name:?}; it has: {known}")]
    UnknownScheme {
        /// The source.
        source_name: String,
        /// The name.
        name: String,
        /// Those that it has.
        known: String,
    },
    /// A description cannot be used.
    #[error(transparent)]
    Facts(#[from] sources::facts::FactsError),
    /// A name that cannot become a source.
    #[error(
        "{0:?} cannot be a source's name: use small letters, digits and hyphens, beginning with a letter"
    )]
    BadName(String),
    /// There is one already.
    #[error("there is a source called {0:?} already; choose another name")]
    Taken(String),
    /// The message cannot be taken apart.
    #[error("the file cannot be read as a message of this source; correct the file")]
    Message(#[from] sources::Unreadable),
    /// Some of its events cannot be read.
    #[error("{0} events cannot be read; their lines say why")]
    EventsUnread(usize),
    /// An event has no text.
    #[error("an event cannot be written as JSON")]
    Unwritable(#[from] serde_json::Error),
}

impl SourceError {
    /// That nobody is called so, and who there is.
    pub fn unknown(name: &str) -> Self {
        let known: Vec<&str> = sources::ENTRIES.iter().map(|entry| entry.name).collect();
        Self::Unknown {
            name: name.to_owned(),
            known: known.join(" "),
        }
    }
}
