//! `tenon source verify`, `check` and `new`, as a person runs them.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sources::facts::example::Example;

/// What the command printed, and its exit code.
fn tenon(arguments: &[&str]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenon"));
    let output = command.arg("source").args(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).unwrap(), output.status.code())
}

fn file(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("{}-{name}", std::process::id()));
    fs::write(&file, text).unwrap();
    file
}

/// Runs `verify` over an example, with what a test adds or replaces.
fn verify(source: &str, example: &Example, secrets: &[&str], body: &Path) -> (String, Option<i32>) {
    let scheme = example.scheme.as_deref().unwrap();
    let now = example.now.unwrap().to_string();
    let body = body.to_str().unwrap();
    let headers: Vec<String> = example
        .headers
        .iter()
        .map(|(name, value)| format!("{}: {value}", name.to_uppercase()))
        .collect();
    let mut arguments = vec!["verify", source, "--scheme", scheme, "--method", "POST"];
    arguments.extend(["--url", &example.url, "--now", &now, "--body-file", body]);
    for secret in secrets {
        arguments.extend(["--secret", *secret]);
    }
    for header in &headers {
        arguments.extend(["--header", header.as_str()]);
    }
    tenon(&arguments)
}

#[test]
fn every_scheme_of_every_source_is_tried_from_the_command_line() {
    let mut schemes = 0;
    for source in sources::all() {
        let facts = &source.facts;
        for example in facts
            .examples
            .iter()
            .filter(|example| example.scheme.is_some())
        {
            schemes += 1;
            let good = file(&format!("{}-good", facts.name), &example.body);
            let accepted = ("accepted\n".to_owned(), Some(0));
            let secret = example.secret.as_str();
            assert_eq!(
                verify(&facts.name, example, &[secret], &good),
                accepted,
                "{}",
                facts.name
            );
            assert_eq!(
                verify(&facts.name, example, &["new", secret], &good),
                accepted
            );
            let (said, code) = verify(&facts.name, example, &["another"], &good);
            assert!(said.starts_with("refused: "), "{}: {said}", facts.name);
            assert_eq!((said.lines().count(), code), (1, Some(1)), "{said}");
            assert!(!said.contains("another"), "{said}");
        }
    }
    assert!(schemes >= 28, "{schemes}");
}

#[test]
fn a_refusal_says_why_and_a_source_that_signs_nothing_says_so() {
    let body = file("empty", "{}");
    let body = body.to_str().unwrap();
    for (arguments, reason) in [
        (
            vec!["hubspot"],
            "the header x-hubspot-signature-v3 is missing",
        ),
        (
            vec!["hubspot", "--scheme", "v1"],
            "the header x-hubspot-signature is missing",
        ),
        (
            vec!["harvest"],
            "Harvest signs nothing; it sends no messages, its changes are pulled",
        ),
        (
            vec!["kantata"],
            "Kantata OX signs nothing; it sends no messages, its changes are pulled",
        ),
        (
            vec![
                "moco",
                "--header",
                "X-Moco-Signature: a",
                "--header",
                "x-moco-signature: a",
            ],
            "the header x-moco-signature came more than once",
        ),
        (
            vec!["salesforce", "--account", "00D7F00000107Xs"],
            "Salesforce signs nothing; of the proofs that stand in for a signature this one is missing: the secret in the parameter key of our address",
        ),
    ] {
        let mut all = vec!["verify", "--secret", "s", "--body-file", body];
        all.extend(arguments);
        assert_eq!(tenon(&all), (format!("refused: {reason}\n"), Some(1)));
    }
    let (said, code) = tenon(&["verify", "nobody", "--body-file", body]);
    assert!(
        said.contains("no source is called \"nobody\"; there are: hubspot "),
        "{said}"
    );
    assert_eq!(code, Some(1));
    let unknown = ["verify", "hubspot", "--scheme", "v9", "--body-file", body];
    assert!(tenon(&unknown).0.contains("it has: v3 v2 v1"));
}

#[test]
fn check_names_file_line_field_and_fix() {
    let (said, code) = tenon(&["check"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.lines().count(), sources::ENTRIES.len());
    let moco = sources::ENTRIES
        .iter()
        .find(|entry| entry.name == "moco")
        .unwrap();
    let wrong = file(
        "moco.toml",
        &moco.text.replace("signed = false", "signed = true"),
    );
    let line = moco
        .text
        .split("event_type")
        .next()
        .unwrap()
        .lines()
        .count()
        + 1;
    let (said, code) = tenon(&["check", wrong.to_str().unwrap()]);
    let place = format!(
        "{}:{line}: message.event_type.signed: write false",
        wrong.display()
    );
    assert!(said.contains(&place), "{said}");
    assert_eq!(code, Some(1));
}

#[test]
fn new_begins_with_a_description_that_holds() {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("new-{}", std::process::id()));
    let into = folder.to_str().unwrap();
    let (said, code) = tenon(&["new", "own-time", "--into", into]);
    assert_eq!(code, Some(0), "{said}");
    let description = folder.join("own_time/own-time.toml");
    let (said, code) = tenon(&["check", description.to_str().unwrap()]);
    assert!(said.starts_with("own-time ") && code == Some(0), "{said}");
    let reading = fs::read_to_string(folder.join("own_time/mod.rs")).unwrap();
    assert!(reading.contains("pub(crate) fn read(") && !reading.contains("acme"));
    let (said, code) = tenon(&["new", "own-time", "--into", into]);
    assert!(
        said.contains("there is a source called \"own-time\" already"),
        "{said}"
    );
    assert_eq!(code, Some(1));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn new_refuses_a_name_that_is_none_or_is_taken() {
    for (name, why) in [
        ("hubspot", "there is a source called \"hubspot\" already"),
        ("../x", "cannot be a source's name"),
        ("Acme", "cannot be a source's name"),
        ("", "cannot be a source's name"),
    ] {
        let (said, code) = tenon(&["new", name]);
        assert!(said.contains(why), "{said}");
        assert_eq!(code, Some(1));
    }
}
