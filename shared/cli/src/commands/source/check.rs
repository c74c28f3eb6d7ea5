//! `tenon source check`.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use sources::ENTRIES;
use sources::facts::Facts;

use crate::commands::CommandError;
use crate::commands::source::page::period;
use crate::commands::source_error::SourceError;

/// Options of `tenon source check`.
#[derive(Debug, Args)]
pub struct Check {
    /// A description; else all that ship.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Check {
    /// Says of each description that it holds, and fails at the first that does not.
    pub fn run(&self) -> Result<(), CommandError> {
        let Some(file) = &self.file else {
            for entry in &ENTRIES {
                report(entry.file, entry.text)?;
            }
            return Ok(());
        };
        let text = fs::read_to_string(file).map_err(|source| CommandError::Unreadable {
            file: file.clone(),
            source,
        })?;
        Ok(report(&file.display().to_string(), &text)?)
    }
}

fn report(file: &str, text: &str) -> Result<(), SourceError> {
    let facts = sources::check(file, text)?;
    println!("{}", line(&facts));
    Ok(())
}

fn line(facts: &Facts) -> String {
    let schemes: Vec<&str> = facts.verify.iter().map(|one| one.scheme.as_str()).collect();
    let proved = match schemes.is_empty() {
        true => "sends nothing".to_owned(),
        false => format!("proved by {}", schemes.join(", ")),
    };
    let pull = facts.pull.as_ref();
    let every = pull.map_or(0, |pull| facts.pulled_seconds(pull));
    let list = pull.and_then(|pull| pull.list.as_ref());
    let pulled = match list {
        Some(_) => "pulled",
        None => "to be pulled (its list is not described yet)",
    };
    let examples = facts.examples.len();
    format!(
        "{:<18} {proved}; {pulled} every {}; examples that hold: {examples}",
        facts.name,
        period(every)
    )
}
