//! Messages in the shapes that vendors document, from the files of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// The sources with a folder of fixtures, and the account of their samples where one is named.
const ACCOUNTS: [(&str, &str); 8] = [
    ("clockify", "64a687e29ae1f428e7ebe303"),
    ("generic", "legacy"),
    ("pipedrive", "123"),
    ("salesforce", "00D7F00000107XsUAI"),
    ("standard-webhooks", "legacy"),
    ("toggl", "900"),
    ("zendesk", "12514403"),
    ("hubspot", "48807704"),
];

/// The files of sources that lie elsewhere.
const EVENTS: [(&str, &str); 4] = [
    ("hubspot", "hubspot-deal-won.json"),
    ("connectwise", "connectwise-project.json"),
    ("connectwise", "connectwise-time-entry.json"),
    ("connectwise", "connectwise-time-entry-deleted.json"),
];

/// One file.
pub struct Sample {
    /// The source and the file, for example `harvest/projects.json`.
    pub name: String,
    /// The source.
    pub source: String,
    /// The account that it belongs to.
    pub account: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// All of them, in the order of their names.
pub fn all() -> Vec<Sample> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found: Vec<Sample> = EVENTS
        .iter()
        .map(|(source, file)| sample(source, file, &top.join("events").join(file)))
        .collect();
    for folder in entries(&top.join("shared/sources/fixtures")) {
        let source = name(&folder);
        for file in entries(&folder) {
            found.push(sample(&source, &name(&file), &file));
        }
    }
    found
}

fn sample(source: &str, file: &str, path: &Path) -> Sample {
    let account = ACCOUNTS.iter().find(|(named, _)| *named == source);
    let account = match source {
        "connectwise" => "Cobalt",
        _ => account.map_or("acme", |(_, account)| account),
    };
    Sample {
        name: format!("{source}/{file}"),
        source: source.to_owned(),
        account: account.to_owned(),
        bytes: fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
