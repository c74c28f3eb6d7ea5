//! `cargo tenon fuzz`, as a person runs it.

use std::fs;
use std::process::{Command, Output};

use fuzz::target::{Range, Target};

fn run(arguments: &[&str]) -> Output {
    Command::new("cargo")
        .args(["tenon", "fuzz", "--quick"])
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .expect("cargo starts")
}

#[test]
fn every_target_is_tried_and_a_kept_input_is_tried_again() {
    let all = run(&["--seconds", "5", "--seed", "3"]);
    let said = String::from_utf8_lossy(&all.stdout);
    assert!(all.status.success(), "{said}");
    for target in ["verify", "decode", "read", "answers", "edge"] {
        let line = said.lines().find(|line| line.starts_with(target));
        assert!(
            line.is_some_and(|line| line.contains("inputs hold")),
            "{said}"
        );
    }

    let name = format!("tenon-fuzz-{}.json", std::process::id());
    let file = std::env::temp_dir().join(name);
    let input = Range::of(Target::Read).input(3, 1);
    fs::write(&file, serde_json::to_string(&input).unwrap()).unwrap();
    let again = run(&["--input", file.to_str().unwrap()]);
    fs::write(&file, "{}").unwrap();
    let not_one = run(&["--input", file.to_str().unwrap()]);
    fs::remove_file(&file).unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success() && said.contains("holds"), "{said}");
    let said = String::from_utf8_lossy(&not_one.stdout);
    assert!(
        !not_one.status.success() && said.contains("no kept input"),
        "{said}"
    );
}
