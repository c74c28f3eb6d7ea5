//! `tenon source new`: the example of the page on adding a source, under another name.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use sources::ENTRIES;

use crate::commands::CommandError;
use crate::commands::source_error::SourceError;
use crate::functions::Workspace;

/// A test holds this page to an example that works.
const PAGE: &str = include_str!("../../../../../docs/adding-a-source.md");

const USES: &str = "\
use domain::book::Book;
use domain::event::{Event, PsaProject};
use domain::{Reference, Version};

use crate::json::{self, Object, Unreadable};
use crate::reading::{Message, Reading};
";

/// Options of `tenon source new`.
#[derive(Debug, Args)]
pub struct New {
    /// Its name: small letters, digits and hyphens.
    #[arg(value_name = "NAME")]
    name: String,
    /// Where the sources are; else those of this checkout.
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
}

impl New {
    /// Writes the two files, and says what is left to do.
    pub fn run(&self) -> Result<(), CommandError> {
        let name = self.name.as_str();
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letters) {
            return Err(SourceError::BadName(name.to_owned()).into());
        }
        let module = name.replace('-', "_");
        let sources = match &self.into {
            Some(folder) => folder.clone(),
            None => Workspace::read()?.root.join("shared/sources/src"),
        };
        let folder = sources.join(&module);
        if folder.exists() || ENTRIES.iter().any(|entry| entry.name == name) {
            return Err(SourceError::Taken(name.to_owned()).into());
        }
        let facts = format!("{name}.toml");
        let description = called(block("toml"), name);
        let reading = called(block("rust"), name).replace("fn read(", "pub(crate) fn read(");
        let reading = format!("//! {name}: what its messages say.\n\n{USES}\n{reading}");
        for (file, text) in [(facts.as_str(), description), ("mod.rs", reading)] {
            write(&folder.join(file), &text)?;
        }
        println!(
            "{module}/{facts} and {module}/mod.rs are written in {}; they describe an invented vendor.\n\
             1. Replace its facts by yours:  cargo tenon source check {}\n\
             2. In shared/sources/src/lib.rs:  mod {module};\n\
             3. In ENTRIES of shared/sources/src/lib.rs, and one more in COUNT:\n    \
             Entry {{ name: \"{name}\", file: \"{module}/{facts}\", text: include_str!(\"{module}/{facts}\"), read: {module}::read }},\n\
             4. Say in mod.rs what its messages mean; docs/adding-a-source.md has the rest of the way.",
            sources.display(),
            folder.join(&facts).display(),
        );
        Ok(())
    }
}

/// What the page's first fenced block of a language holds.
fn block(language: &str) -> &'static str {
    let (_, rest) = PAGE
        .split_once(&format!("```{language}\n"))
        .unwrap_or_default();
    rest.split("```").next().unwrap_or_default()
}

fn called(text: &str, name: &str) -> String {
    text.replace("Acme Time", name).replace("acme", name)
}

fn write(file: &Path, text: &str) -> Result<(), CommandError> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, text))
        .map_err(|source| CommandError::NotPlaced {
            file: file.to_owned(),
            source,
        })
}
