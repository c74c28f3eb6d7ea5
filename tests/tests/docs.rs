//! The documentation holds: its links lead somewhere, every page is in the book, and its commands
//! are run. The set-up page has a test program of its own (`setup.rs`), and the page on how a record
//! travels is run in the story's world (`story.rs`).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

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
            let below = page.path.strip_prefix("docs").expect("a page of the book");
            below.to_string_lossy().into_owned()
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

const KEPT: (&str, &str) = (
    "shared/cli/tests/living/kept.rs",
    "two_worlds_start_at_the_same_moment_stay_and_are_asked_and_ended",
);
const TRAVELS: (&str, &str) = (
    "tests/tests/story.rs",
    "how_a_record_travels_is_as_the_book_says",
);

/// The commands of the README and of the first hour, and where a test runs each: file and name.
const RUN_BY: [(&str, (&str, &str)); 11] = [
    (
        "cargo tenon demo",
        (
            "shared/cli/tests/living/stopped.rs",
            "a_signal_at_any_moment_leaves_nothing_behind",
        ),
    ),
    // This is it.
    ("cargo tenon test", (".ci/run", "cargo tenon test")),
    (
        "cargo tenon test killed",
        ("tests/tests/kill.rs", "function_is_killed"),
    ),
    ("cargo tenon demo --keep", KEPT),
    ("cargo tenon dev", KEPT),
    ("cargo tenon doctor", KEPT),
    ("cargo tenon down", KEPT),
    ("cargo tenon status", TRAVELS),
    ("cargo tenon trace 501", TRAVELS),
    ("cargo tenon trace 506", TRAVELS),
    ("cargo tenon trace INV/2026/00001", TRAVELS),
];

/// The set-up page has it too, with the Odoo of the test in its place.
const EXAMINATION: &str =
    "cargo tenon doctor --odoo-url https://firm.odoo.com --odoo-db firm --odoo-keys keys.toml";

#[test]
fn every_command_that_a_page_tells_is_run_by_a_test() {
    for page in ["README.md", "docs/first-hour.md"] {
        for command in Page::read(page).commands() {
            if command == EXAMINATION {
                continue;
            }
            let run_by = RUN_BY.iter().find(|(run, _)| *run == command);
            let (_, (file, test)) = run_by.unwrap_or_else(|| panic!("no test runs {command}"));
            assert!(tests::file(file).contains(test), "{file} has no {test}");
        }
    }
}

#[test]
fn every_test_that_a_page_names_exists() {
    let code: String = tests::all_code()
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let mut named = 0;
    for page in pages::all() {
        for name in page.names_of_tests() {
            let there = code.contains(&format!("fn {name}("));
            assert!(there, "{} names {name}", page.path.display());
            named += 1;
        }
    }
    assert!(named > 30, "{named}");
}

#[test]
fn the_page_on_adding_a_source_and_the_book_itself_are_made_as_told() {
    for command in Page::read("docs/adding-a-source.md").commands() {
        run(&command);
    }
    let place = run("cargo tenon docs");
    let first = fs::read_to_string(place.trim()).expect("the book's first page");
    assert!(first.contains("The first hour"), "{first}");
}

/// Runs a command as a person would; answers what it printed.
fn run(command: &str) -> String {
    let output = Command::new("bash")
        .args(["-c", command])
        .current_dir(root())
        .output()
        .expect("bash starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {error}");
    String::from_utf8(output.stdout).expect("it prints text")
}
