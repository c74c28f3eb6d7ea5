//! `tenon source read`: what a file says, and nothing about a person that Odoo does not get.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn read(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tenon"))
        .args(["source", "read"])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let lines = text(&output.stdout);
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A file of the test's own.
fn file(name: &str, body: &str) -> String {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, body).unwrap();
    file.to_str().unwrap().to_owned()
}

fn events(output: &Output) -> Vec<String> {
    let word = |line: &Value| line.get("event").unwrap().as_str().unwrap().to_owned();
    lines(output).iter().map(word).collect()
}

#[test]
fn a_message_is_printed_as_canonical_events() {
    let entry = read(&[
        "connectwise",
        "--file",
        "events/connectwise-time-entry.json",
    ]);
    assert!(entry.status.success(), "{}", text(&entry.stderr));
    let entry = lines(&entry).remove(0);
    for (field, value) in [
        ("event", "time_entry"),
        ("reference", "connectwise___43obalt__time_5fentry__90311"),
        ("worked", "7.5"),
        ("approval", "approved"),
    ] {
        assert_eq!(entry.get(field).unwrap(), value);
    }
    let deal = read(&["hubspot", "--file", "events/hubspot-deal-won.json"]);
    assert_eq!(events(&deal), ["fetch", "not_for_us"]);
}

/// The samples of the sources, with their folders' names.
fn samples() -> Vec<(String, String)> {
    let mut samples = Vec::new();
    let folder = root().join("shared/sources/fixtures");
    for source in std::fs::read_dir(folder).unwrap().flatten() {
        let name = source.file_name().into_string().unwrap();
        for file in std::fs::read_dir(source.path()).unwrap().flatten() {
            let file = file.path().to_str().unwrap().to_owned();
            samples.push((name.clone(), file));
        }
    }
    samples
}

#[test]
fn every_sample_of_every_source_is_read_and_tells_nothing_that_odoo_does_not_get() {
    let samples = samples();
    assert!(samples.len() > 50);
    for (source, file) in samples {
        let output = read(&[&source, "--file", &file]);
        let said = text(&output.stdout);
        assert!(output.status.success(), "{file}: {}", text(&output.stderr));
        assert!(!said.contains("unreadable"), "{file}: {said}");
        assert!(!said.contains("another"), "{file}: {said}");
        // A colleague's name, what a customer wrote, and addresses of the source itself.
        for word in ["Kim", "The report is empty", "requester", "https://"] {
            assert!(!said.contains(word), "{file}: {said}");
        }
    }
}

#[test]
fn the_firms_own_book_decides_about_its_words() {
    let book = domain::book::DEMO;
    let strict = book.replace(
        "ApprovedByTierTwo = \"approved\"",
        "ApprovedByTierTwo = \"submitted\"",
    );
    assert_ne!(strict, book);
    let book = file("strict.toml", &strict);
    let sample = "events/connectwise-time-entry.json";
    let entry = lines(&read(&["connectwise", "--file", sample, "--book", &book])).remove(0);
    assert_eq!(entry.get("approval").unwrap(), "submitted");
}

#[test]
fn what_cannot_be_read_fails_with_its_reason_and_never_with_its_content() {
    let sample = std::fs::read_to_string(root().join("events/hubspot-deal-won.json")).unwrap();
    let twice = sample.replacen("\"eventId\"", "\"eventId\":1,\"eventId\"", 1);
    assert_ne!(twice, sample);
    let one_bad = read(&["hubspot", "--file", &file("one-bad.json", &twice)]);
    assert_eq!(one_bad.status.code(), Some(1));
    assert_eq!(events(&one_bad), ["unreadable", "not_for_us"]);
    let secret = "{\"Type\":\"time\",\"Type\":\"hunter2\"}";
    let whole = read(&["connectwise", "--file", &file("whole.json", secret)]);
    assert_eq!(whole.status.code(), Some(1));
    let said = text(&whole.stderr);
    assert!(said.contains("the same name twice"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    let nobody = read(&["nobody", "--file", "events/hubspot-deal-won.json"]);
    assert!(text(&nobody.stderr).contains("there are: hubspot"));
}
