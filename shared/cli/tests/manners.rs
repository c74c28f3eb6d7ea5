//! How the command behaves: what goes where, in which colours, and with which exit code.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::process::{Command, Output};

const TENON: &str = env!("CARGO_BIN_EXE_tenon");

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(TENON);
    command
        .args(arguments)
        // Nobody's world is in it.
        .env("TENON_CACHE", env!("CARGO_TARGET_TMPDIR"))
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY");
    command.output().unwrap()
}

#[test]
fn an_error_goes_to_standard_error_and_an_answer_to_standard_output() {
    let failed = run(&["trace", "any", "--api-url", "http://127.0.0.1:9"]);
    assert_eq!(failed.status.code(), Some(1));
    assert!(failed.stdout.is_empty());
    let said = String::from_utf8(failed.stderr).unwrap();
    assert!(said.contains("error: no AWS credentials: set"), "{said}");
    let misunderstood = run(&["tset"]);
    assert_eq!(misunderstood.status.code(), Some(2));
    assert!(misunderstood.stdout.is_empty());
    let machine = run(&["doctor", "--json"]);
    assert_eq!(machine.status.code(), Some(0));
    let answer: serde_json::Value = serde_json::from_slice(&machine.stdout).unwrap();
    assert!(answer["findings"].as_array().unwrap().len() > 5, "{answer}");
    assert!(machine.stderr.is_empty());
    let room = run(&["clean", "--dry-run", "--json"]);
    let answer: serde_json::Value = serde_json::from_slice(&room.stdout).unwrap();
    assert!(answer["megabytes"].is_u64(), "{answer}");
    assert_eq!(answer["removed"], false, "{answer}");
}

/// What the help looks like on a terminal, which `script` plays.
fn on_a_terminal(no_color: &str) -> String {
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command"])
        .arg(format!("'{TENON}' --help"))
        .arg("/dev/null")
        .env("TERM", "xterm")
        .env("NO_COLOR", no_color)
        .env_remove("CI")
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Usage:"), "{text}");
    text
}

#[test]
fn colours_are_for_terminals_whose_owner_wants_them() {
    const ESCAPE: char = '\u{1b}';
    assert!(on_a_terminal("").contains(ESCAPE));
    assert!(!on_a_terminal("1").contains(ESCAPE));
    let piped = String::from_utf8(run(&["--help"]).stdout).unwrap();
    assert!(!piped.contains(ESCAPE));
}
