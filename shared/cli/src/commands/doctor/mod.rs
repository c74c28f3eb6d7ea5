//! `tenon doctor`.

mod keys;
mod machine;

use std::path::PathBuf;

use clap::Args;
use domain::book::Book;
use jiff::Zoned;
use odoo::doctor::{Examination, Finding, Level, Patient, examine};

use crate::cache::Cache;
use crate::commands::CommandError;
use crate::commands::book_text::book_text;
use crate::commands::their_odoo::OdooOptions;
use crate::odoo_keys::KeysFile;
use crate::running::{RunningWorld, this_checkout};
use crate::story::OdooKeys;

pub use keys::of_service_users;

/// In the run folder of a world that started its Odoo itself.
const OWN_ODOO: &str = "odoo.conf";

/// Options of `tenon doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    odoo: OdooOptions,
    /// A book whose companies, products, people and payment terms must be in that Odoo.
    #[arg(long, value_name = "FILE", requires = "odoo_url")]
    book: Option<PathBuf>,
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Examines, prints what was found, and fails when something keeps Tenon from working.
    pub async fn run(self) -> Result<(), CommandError> {
        let examination = match self.odoo.named() {
            Some(named) => {
                let file = KeysFile::read(named.keys)?;
                let book = self.book.as_deref().map(book).transpose()?;
                let patient = Patient {
                    url: named.url.to_owned(),
                    database: named.database.to_owned(),
                    keys: keys::of_service_users(&file)?,
                    book: book.as_ref(),
                    today: today(),
                };
                let mut examination = examine(&patient).await;
                examination.findings.splice(0..0, keys::warnings(&file));
                examination
            }
            None => here().await?,
        };
        match self.json {
            true => println!("{}", serde_json::json!(examination)),
            false => examination.findings.iter().for_each(print),
        }
        match examination.failures().count() {
            0 => Ok(()),
            failures => Err(CommandError::Unfit(failures)),
        }
    }
}

/// This machine, and the Odoo of every world that this checkout runs on it. A world on somebody
/// else's Odoo was examined when it began.
async fn here() -> Result<Examination, CommandError> {
    let mut findings = machine::examine();
    for (folder, world) in RunningWorld::of(&Cache::locate()?, &this_checkout()) {
        if !folder.join(OWN_ODOO).exists() {
            continue;
        }
        let patient = Patient {
            url: world.odoo_url,
            database: world.odoo_database,
            keys: OdooKeys::seeded().of_services(),
            book: None,
            today: today(),
        };
        findings.extend(examine(&patient).await.findings);
    }
    Ok(Examination { findings })
}

fn book(file: &std::path::Path) -> Result<Book, CommandError> {
    Ok(Book::parse(&book_text(file)?)?)
}

/// The day of whoever asks.
#[expect(
    clippy::disallowed_methods,
    reason = "lock dates are compared with the day of whoever asks"
)]
pub fn today() -> jiff::civil::Date {
    Zoned::now().date()
}

/// Prints a finding.
pub fn print(finding: &Finding) {
    let mark = match finding.level {
        Level::Ok => "ok",
        Level::Warning => "warn",
        Level::Failure => "FAIL",
    };
    println!("  {mark:<4}  {:<16} {}", finding.check, finding.found);
    if let Some(fix) = &finding.fix {
        println!("        {:<16} -> {fix}", "");
    }
}
