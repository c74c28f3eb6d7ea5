//! `tenon source`: what is known about the systems that send, tried on a file.

mod account;
mod check;
mod new;
mod page;
mod read;
mod verify;

use clap::Subcommand;
use jiff::Timestamp;

use crate::commands::CommandError;
use crate::commands::source_error::SourceError;

/// The source with this name.
fn named(name: &str) -> Result<&'static sources::Source, SourceError> {
    sources::source(name).ok_or_else(|| SourceError::unknown(name))
}

/// A header as `curl` takes it.
fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once(':')
        .ok_or_else(|| "write it as 'Name: value'".to_owned())?;
    Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "what a person tries or asks is tried or asked now"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
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
    /// Try a message's proof as intake would: prints `accepted`, or `refused: ` and the reason.
    ///
    /// The exit code is 0 or 1. For ConnectWise the secret is the signing key as fetched, for
    /// Pipedrive `user:password`, for Clockify's add-ons the public key as PEM.
    #[command(after_help = "Examples:\n  \
        cargo tenon source verify moco --secret s --header 'X-Moco-Signature: 5257a8…' --body-file body.json\n  \
        cargo tenon source verify hubspot --scheme v1 --secret new --secret old --header 'X-HubSpot-Signature: 32af…' --body-file body.json\n  \
        cargo tenon source verify dataverse --secret s --url 'https://hooks.example.com/in/dataverse/1?code=s' --body-file body.json --now 2026-11-22T12:00:01Z")]
    Verify(verify::Verify),
    /// Hold descriptions against the rules and against their own examples.
    #[command(
        after_help = "Examples:\n  cargo tenon source check                                     # all that ship\n  \
        cargo tenon source check shared/sources/src/acme/acme.toml   # one"
    )]
    Check(check::Check),
    /// Begin a source: a description that holds, and a reading to go on from.
    #[command(after_help = "Example:\n  cargo tenon source new acme")]
    New(new::New),
    /// Write the page of every source into docs/sources.
    #[command(hide = true)]
    Pages,
}

impl Source {
    /// Runs it.
    pub fn run(&self) -> Result<(), CommandError> {
        match self {
            Self::Read(read) => read.run(),
            Self::Verify(verify) => verify.run(),
            Self::Check(check) => check.run(),
            Self::New(new) => new.run(),
            Self::Pages => page::write_all(),
        }
    }
}
