//! `tenon book`: what the firm configures is checked, compared, published, approved, and comes into
//! force.

mod documents;
mod init;
mod schema;
mod trial;
mod versions;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use domain::book::Book;
use jiff::{Timestamp, Zoned};
use serde_json::json;

use crate::commands::CommandError;
use crate::commands::book_text::book_text;
use crate::commands::deployment::Deployment;
use crate::commands::people::word;

const LIFE: &str = "A book's life:\n  \
    cargo tenon book check infra/books/demo              # while it is written\n  \
    cargo tenon book diff infra/books/demo               # against the one that is valid\n  \
    cargo tenon book test infra/books/demo               # on what was taken in the last week\n  \
    cargo tenon book publish infra/books/demo --note 'Bob is hired'\n  \
    cargo tenon book approve 0123456789ab                # somebody else\n  \
    cargo tenon book activate 0123456789ab --from 2026-12-01T00:00[Europe/Brussels]\n  \
    cargo tenon book rollback                            # the one before is valid again";

/// Something about books.
#[derive(Debug, Subcommand)]
#[command(after_help = LIFE)]
pub enum BookCommand {
    /// Begin a book: list what an Odoo has, and what its service users lack, and write a first book
    /// with everything marked that only the firm knows.
    #[command(
        after_help = "Example:\n  cargo tenon book init my-book --odoo-url https://erp.example.com --odoo-db erp --odoo-keys keys.toml"
    )]
    Init(init::Init),
    /// Check a book: a folder of TOML files, or one file. Everything that is wrong is told with its
    /// file, line and key, and what to write instead.
    #[command(after_help = "Example:\n  cargo tenon book check infra/books/demo")]
    Check {
        /// The book's folder, or its only file.
        book: PathBuf,
    },
    /// What one book says otherwise than another one, value by value.
    #[command(
        after_help = "Examples:\n  cargo tenon book diff my-book                # against the valid one\n  \
        cargo tenon book diff my-book other-book\n  cargo tenon book diff my-book 0123456789ab"
    )]
    Diff {
        /// The newer book: a folder, a file, or a published version.
        newer: String,
        /// The older one [default: the one that is valid now].
        older: Option<String>,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Try a book on what was taken in the last days, beside the one that is valid: what would have
    /// gone another way, and what that is in money. Nothing is changed.
    #[command(after_help = "Examples:\n  cargo tenon book test my-book\n  \
        cargo tenon book test my-book --days 30\n  cargo tenon book test 0123456789ab --against 45670123cdef")]
    Test {
        /// The book: a folder, a file, or a published version.
        book: String,
        /// How many days back.
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// A published version to compare with [default: the one that is valid now].
        #[arg(long, value_name = "VERSION")]
        against: Option<String>,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Keep a checked book under the digest of its text. It changes nothing by itself.
    #[command(
        after_help = "Example:\n  cargo tenon book publish infra/books/demo --note 'Bob is hired'"
    )]
    Publish {
        /// The book's folder, or its only file.
        book: PathBuf,
        /// Why it was changed.
        #[arg(long, default_value = "", hide_default_value = true)]
        note: String,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Every published book, who wrote and who approved it, and which one was valid when.
    #[command(after_help = "Example:\n  cargo tenon book versions")]
    Versions {
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Print a published book.
    #[command(after_help = "Example:\n  cargo tenon book show 0123456789ab")]
    Show {
        /// The version [default: the one that is valid now].
        version: Option<String>,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Agree to a book that somebody else wrote.
    #[command(after_help = "Example:\n  cargo tenon book approve 0123456789ab")]
    Approve {
        /// The version.
        version: String,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Put an approved book into force: what happens from then on is judged by it.
    #[command(
        after_help = "Examples:\n  cargo tenon book activate 0123456789ab --from now\n  \
        cargo tenon book activate 0123456789ab --from 2026-12-01T00:00[Europe/Brussels]\n  \
        cargo tenon book activate 0123456789ab --from 2026-11-01T00:00Z   # also for what is sent again"
    )]
    Activate {
        /// The version.
        version: String,
        /// From when on events are judged by it: now, or a time with its zone. It may be in the past.
        #[arg(long, value_name = "TIME", value_parser = instant)]
        from: From,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Put the book into force again that was valid before. It was approved then, so that one person
    /// can do it.
    #[command(after_help = "Example:\n  cargo tenon book rollback")]
    Rollback {
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Write down what a book means, for people who audit it: every mapping with its meaning, who owns
    /// which field, and what is kept where and how long.
    #[command(after_help = "Example:\n  cargo tenon book docs infra/books/demo --to book-docs")]
    Docs {
        /// The book's folder, or its only file.
        book: PathBuf,
        /// The folder that mappings.md, ownership.md and retention.md are written into.
        #[arg(long, value_name = "FOLDER", default_value = "book-docs")]
        to: PathBuf,
    },
    /// Print the JSON Schema of a book's files, with which editors help to write them.
    #[command(after_help = "Example:\n  cargo tenon book schema > book.schema.json")]
    Schema,
}

/// From when on a book is valid.
#[derive(Debug, Clone, Copy)]
pub enum From {
    /// From when the command is given.
    Now,
    /// From then on.
    At(Timestamp),
}

impl BookCommand {
    /// Does it and prints what came of it.
    pub async fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Init(init) => init.run().await,
            Self::Check { book } => check(&book),
            Self::Diff {
                newer,
                older,
                deployment,
            } => versions::diff(&newer, older.as_deref(), &deployment).await,
            Self::Test {
                book,
                days,
                against,
                deployment,
            } => trial::run(&book, days, against.as_deref(), &deployment).await,
            Self::Publish {
                book,
                note,
                deployment,
            } => publish(&book, &note, &deployment).await,
            Self::Versions { deployment } => {
                let answer = deployment.get("book/versions").await?;
                deployment.print(&answer, versions::print)
            }
            Self::Show {
                version,
                deployment,
            } => {
                let text = versions::published(version.as_deref(), &deployment).await?;
                print!("{text}");
                Ok(())
            }
            Self::Approve {
                version,
                deployment,
            } => {
                let body = json!({"book": version});
                let answer = deployment.post("book/approve", &body).await?;
                deployment.print(&answer, |answer| {
                    println!("approved: {}", word(answer, "book"));
                })
            }
            Self::Activate {
                version,
                from,
                deployment,
            } => versions::activate(&version, from, &deployment).await,
            Self::Rollback { deployment } => {
                let answer = deployment.post("book/rollback", &json!({})).await?;
                deployment.print(&answer, |answer| {
                    println!("valid again: {}", word(answer, "book"));
                })
            }
            Self::Docs { book, to } => documents::write(&book, &to),
            Self::Schema => {
                println!("{:#}", schema::of_files());
                Ok(())
            }
        }
    }
}

async fn publish(book: &Path, note: &str, deployment: &Deployment) -> Result<(), CommandError> {
    let content = book_text(book)?;
    Book::parse(&content)?;
    let body = json!({"content": content, "note": note});
    let answer = deployment.post("book", &body).await?;
    deployment.print(&answer, |answer| {
        let version = word(answer, "book");
        println!("published: {version}");
        println!("next, by somebody else: cargo tenon book approve {version}");
    })
}

fn check(book: &Path) -> Result<(), CommandError> {
    let text = book_text(book)?;
    let read = Book::parse(&text)?;
    let files = domain::book::files(&text).len();
    println!("book {}: {files} files, nothing wrong", read.version);
    println!(
        "entities: {}, services: {}, employees: {}, accounts of CRMs: {}, of PSAs: {}",
        read.entities.len(),
        read.services.len(),
        read.employees.len(),
        read.crm.len(),
        read.psa.len()
    );
    Ok(())
}

/// `now`, an instant with its offset, or a civil time with its zone. A time without a zone means
/// different things to different people.
fn instant(text: &str) -> Result<From, String> {
    if text == "now" {
        return Ok(From::Now);
    }
    let zoned = text.parse::<Zoned>().map(|zoned| zoned.timestamp());
    let instant = zoned.or_else(|_| text.parse::<Timestamp>());
    instant.map(From::At).map_err(|_| {
        "write now, or a time with its zone, such as 2026-12-01T00:00[Europe/Brussels]".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_zone() {
        let at = |text: &str| match instant(text).unwrap() {
            From::At(instant) => instant.to_string(),
            From::Now => "now".to_owned(),
        };
        assert_eq!(
            at("2026-12-01T00:00[Europe/Brussels]"),
            "2026-11-30T23:00:00Z"
        );
        assert_eq!(at("2026-12-01T00:00Z"), "2026-12-01T00:00:00Z");
        assert_eq!(at("now"), "now");
        for without in ["2026-12-01", "2026-12-01T00:00", "tomorrow"] {
            assert!(instant(without).is_err(), "{without}");
        }
    }
}
