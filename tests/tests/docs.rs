//! The documentation holds: its links lead somewhere, every page is in the book, and its commands
//! run as they stand.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use cli::aws_api::{Aws, SECRETS};
use cli::cache::Cache;
use cli::install::{aws_cli, python};
use cli::progress::Progress;
use cli::stack::{Installed, MiniStack, RunFolder};
use serde_json::{Value, json};
use tests::pages::{self, Page};
use tests::root;

#[test]
fn every_link_leads_somewhere() {
    for page in pages::all() {
        let folder = root().join(&page.path);
        let folder = folder.parent().expect("a page lies in a folder");
        for link in page.links() {
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let place = folder.join(file);
            let said = format!("{} links to {link}", page.path.display());
            assert!(file.is_empty() || place.exists(), "{said}");
            if !anchor.is_empty() {
                let target = match file.is_empty() {
                    true => page.anchors(),
                    false => Page::read(&relative(&place)).anchors(),
                };
                assert!(target.iter().any(|have| have == anchor), "{said}");
            }
        }
    }
}

fn relative(place: &Path) -> String {
    let place = place.canonicalize().expect("the page exists");
    let top = root().canonicalize().expect("the repository exists");
    let below = place.strip_prefix(top).expect("a page of this repository");
    below.to_string_lossy().into_owned()
}

#[test]
fn every_page_is_in_the_book() {
    let listed: BTreeSet<String> = Page::read("docs/SUMMARY.md").links().into_iter().collect();
    let there: BTreeSet<String> = pages::all()
        .iter()
        .filter(|page| page.path.starts_with("docs") && !page.path.ends_with("SUMMARY.md"))
        .map(|page| {
            page.path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert_eq!(listed, there);
}

#[test]
fn every_decision_is_in_the_book() {
    let page = Page::read("docs/decisions.md").text;
    for entry in fs::read_dir(root().join("infra/decisions"))
        .expect("there are decisions")
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(
            page.contains(&format!("{{{{#include ../infra/decisions/{name}}}}}")),
            "{name}"
        );
    }
}

/// What the test changes in the page's commands before it runs them, and why.
const CHANGED: [(&str, &str); 2] = [
    // A build as it ships takes ten minutes.
    ("cargo tenon build\n", "cargo tenon build --quick\n"),
    // No test calls a server outside of this machine: nothing listens on this port.
    (
        "OdooUrl=https://firm.odoo.com",
        "OdooUrl=http://127.0.0.1:9",
    ),
];

#[test]
fn the_set_up_page_runs_as_it_stands() {
    let mut script = Page::read("docs/setup.md").blocks("sh").concat();
    for (as_written, as_run) in CHANGED {
        assert!(
            script.contains(as_written),
            "the page has no {as_written:?}"
        );
        script = script.replace(as_written, as_run);
    }
    let progress = &Progress::new();
    let cache = Cache::locate().expect("there is a cache");
    let python = python::ensure(&cache, progress).expect("there is a Python");
    let aws_cli = aws_cli::ensure(&cache, &python, progress).expect("the AWS command line");
    let installed = Installed::ensure(&cache, progress).expect("everything is installed");
    let run = RunFolder::create(&cache).expect("a folder to run in");
    let ministack = MiniStack::start(&installed.ministack, &run.path("aws")).expect("an account");
    let secrets = run.path("secrets");
    put_secrets(&secrets);
    let said = shell(&script, &secrets, &aws_cli, ministack.url(), &cache);
    assert!(said.contains("\nactive book: "), "{said}");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(secrets_are_there(&Aws::root(ministack.url())));
}

/// A value per secret that the page names, as files that only this user may read.
fn put_secrets(folder: &Path) {
    for name in [
        "odoo/master",
        "odoo/work",
        "odoo/billing",
        "odoo/read",
        "hubspot",
        "connectwise",
    ] {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder for the secrets");
        fs::write(&file, format!("the value of {name}")).expect("a secret's file");
    }
}

/// Runs a script as a person with the credentials of the account's owner; answers what it printed.
fn shell(script: &str, secrets: &Path, aws_cli: &Path, emulator: &str, cache: &Cache) -> String {
    let folders = std::iter::once(aws_cli.to_owned()).chain(cli::env::program_folders());
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(root())
        .env("TENON_SECRETS", secrets)
        .env(
            "PATH",
            std::env::join_paths(folders).expect("a search path"),
        )
        .env("TENON_CACHE", cache.root())
        .env("AWS_ENDPOINT_URL", emulator)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", cli::aws_api::REGION)
        .output()
        .expect("bash starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{error}");
    said
}

async fn secrets_are_there(aws: &Aws) {
    let body = json!({"SecretId": "tenon/prod/odoo/work"});
    let answer: Value = aws
        .json(SECRETS, "GetSecretValue", &body)
        .await
        .expect("it is there");
    assert_eq!(answer["SecretString"], "the value of odoo/work");
}
