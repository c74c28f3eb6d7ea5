//! `tenon source`: what is known about the systems that send, tried on a file.

mod read;

use clap::Subcommand;

use crate::commands::CommandError;

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

/// The source with this name.
fn named(name: &str) -> Result<&'static sources::Source, SourceError> {
    sources::source(name).ok_or_else(|| {
        let known: Vec<&str> = sources::ENTRIES.iter().map(|entry| entry.name).collect();
        SourceError::Unknown {
            name: name.to_owned(),
            known: known.join(" "),
        }
    })
}

/// What is asked about a source.
#[derive(Debug, Subcommand)]
pub enum Source {
    /// Read a message, or an answer of an API, into canonical events, one JSON line each.
    ///
    /// What is printed is what goes on to the rules: personal data only where Odoo gets it.
    #[command(
        after_help = "Examples:\n  cargo tenon source read hubspot --file events/hubspot-deal-won.json\n  \
        cargo tenon source read connectwise --file events/connectwise-time-entry.json\n  \
        cargo tenon source read harvest --file time-entries.json --book my-book.toml"
    )]
    Read(read::Read),
}

impl Source {
    /// Runs it.
    pub fn run(&self) -> Result<(), CommandError> {
        match self {
            Self::Read(read) => read.run(),
        }
    }
}
