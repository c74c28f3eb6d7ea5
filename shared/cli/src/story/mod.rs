//! The story that `tenon demo` plays: one hour's way from a won deal to a paid invoice.
//!
//! Every figure it prints was read back from Odoo or from the CRM, and every step checks what it
//! finds: a story that comes to its end has held. Read [`firm`] (the systems), then the chapters
//! in their order: [`sale`], [`work`], [`money`], [`again`], and the [`table`] at the end.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value answers null for what is not there, and lengths are checked before"
)]

pub mod again;
pub mod day;
pub mod eyes;
pub mod firm;
pub mod money;
mod opening;
pub mod sale;
pub mod table;
pub mod their_odoo;
pub mod work;

use std::io;

use serde_json::Value;

use crate::aws_api::AwsError;
use crate::cache::CacheError;
use crate::door::DoorError;
use crate::progress::Progress;
use crate::stack::StackError;

pub use firm::Firm;
pub use their_odoo::{OdooKeys, TheirOdoo};

/// The book of the demo's firm.
pub const BOOK: &str = domain::book::DEMO;

/// The story did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    /// The world could not be started, or broke.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The emulator refused something.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// No port for a stand-in.
    #[error("a stand-in found no port on this machine; end some servers and try again")]
    NoPort(#[source] io::Error),
    /// A server did not answer.
    #[error("a server of the demo did not answer")]
    NoAnswer(#[source] reqwest::Error),
    /// Odoo answered something else.
    #[error("Odoo answered {call} with status {status}: {answer}")]
    Odoo {
        /// Model and method.
        call: String,
        /// The HTTP status.
        status: u16,
        /// The beginning of the answer.
        answer: String,
        /// Why it could not be read.
        #[source]
        cause: serde_json::Error,
    },
    /// The console refused.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The limits' file is broken.
    #[error("infra/limits.json cannot be read")]
    Limits(#[source] serde_json::Error),
    /// The demo's book is broken.
    #[error(transparent)]
    Book(#[from] domain::book::BadBook),
    /// Somebody else's Odoo is not set up for it.
    #[error("this Odoo cannot be used yet; `cargo tenon doctor` says what to do:{0}")]
    Unfit(String),
    /// Somebody else's Odoo has orders already.
    #[error(
        "the database {database} at {url} has {orders} confirmed sale orders, and the demo writes demo data that stays; \
         take an empty database, or say --write-among-real-records"
    )]
    InBusiness {
        /// Odoo's address.
        url: String,
        /// Its database.
        database: String,
        /// How many.
        orders: u64,
    },
    /// What people need to know could not be written down.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// It took too long.
    #[error("waited too long until {what}; status: {status}")]
    Restless {
        /// For what.
        what: String,
        /// What the console said then.
        status: Box<Value>,
    },
    /// A step found something else than it must.
    #[error("{step}: expected {expected}, found {found}")]
    Unexpected {
        /// The step.
        step: &'static str,
        /// What must be.
        expected: String,
        /// What is.
        found: String,
    },
}

/// How many chapters the story has.
pub const CHAPTERS: u8 = 9;

/// Plays the whole story and prints it, with the table at its end.
///
/// # Errors
/// When any step does not find what it must.
pub async fn play(firm: &mut Firm, progress: &Progress) -> Result<(), StoryError> {
    play_until(CHAPTERS, firm, progress).await?;
    table::print(firm, progress).await
}

/// Plays the first chapters.
///
/// # Errors
/// When any step does not find what it must.
pub async fn play_until(last: u8, firm: &mut Firm, progress: &Progress) -> Result<(), StoryError> {
    for chapter in 1..=last.min(CHAPTERS) {
        match chapter {
            1 => sale::incomplete_deal(firm, progress).await?,
            2 => sale::completed_deal(firm, progress).await?,
            3 => sale::signature(firm, progress).await?,
            4 => work::projects_and_time(firm, progress).await?,
            5 => work::odoo_stops_and_the_steward_confirms(firm, progress).await?,
            6 => work::late_project(firm, progress).await?,
            7 => money::billing_run(firm, progress).await?,
            8 => money::payment(firm, progress).await?,
            _ => again::everything_again(firm, progress).await?,
        }
    }
    Ok(())
}

/// Ends the story unless what was found is what must be.
pub fn must<T: PartialEq + std::fmt::Debug>(
    step: &'static str,
    found: T,
    expected: T,
) -> Result<(), StoryError> {
    match found == expected {
        true => Ok(()),
        false => Err(StoryError::Unexpected {
            step,
            expected: format!("{expected:?}"),
            found: format!("{found:?}"),
        }),
    }
}
