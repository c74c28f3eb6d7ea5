//! The command `tenon doctor` on a real Odoo: what it prints, and how it ends.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cli::stack::seed::{self, SeedUser};
use odoo::doctor::needs;
use serde_json::Value;

#[path = "../../odoo/tests/support/database.rs"]
mod database;

const BOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/books/demo");

/// The service users of the seed beside what they need.
const USERS: [(SeedUser, needs::ServiceUser); 4] = [
    (seed::MASTER, needs::MASTER),
    (seed::WORK, needs::WORK),
    (seed::BILLING, needs::BILLING),
    (seed::READ, needs::READ),
];

fn keys_file(name: &str, mode: u32, key_of_work: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("tenon-doctor-{}-{name}", std::process::id()));
    let line = |(seeded, needed): &(SeedUser, needs::ServiceUser)| {
        let key = match needed.name {
            "work" => key_of_work,
            _ => seeded.key,
        };
        format!("{} = \"{key}\"\n", needed.name)
    };
    fs::write(&file, USERS.iter().map(line).collect::<String>()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    file
}

fn doctor(place: &(String, String), keys: &Path) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_tenon"))
        .args([
            "doctor",
            "--json",
            "--odoo-url",
            &place.0,
            "--odoo-db",
            &place.1,
        ])
        .args(["--book", BOOK, "--odoo-keys"])
        .arg(keys)
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    for (user, _) in USERS {
        assert!(!said.contains(user.key), "a key was printed");
    }
    fs::remove_file(keys).unwrap();
    output
}

/// The levels and checks that are not ok.
fn complaints(output: &Output) -> Vec<(String, String)> {
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = answer["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    findings
        .iter()
        .filter(|finding| finding["level"] != "ok")
        .map(|finding| (text(finding, "level"), text(finding, "check")))
        .collect()
}

#[test]
fn the_command_says_what_it_found_and_ends_with_it() {
    let place = database::fresh();
    let good = doctor(&place, &keys_file("good", 0o600, seed::WORK.key));
    assert_eq!((good.status.code(), complaints(&good)), (Some(0), vec![]));
    let open = doctor(&place, &keys_file("open", 0o644, seed::WORK.key));
    let warning = ("warning".to_owned(), "keys file".to_owned());
    assert_eq!(
        (open.status.code(), complaints(&open)),
        (Some(0), vec![warning])
    );
    let wrong = doctor(&place, &keys_file("wrong", 0o600, &"9".repeat(40)));
    let failure = ("failure".to_owned(), "work key".to_owned());
    assert_eq!(
        (wrong.status.code(), complaints(&wrong)),
        (Some(1), vec![failure])
    );
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("1 checks failed"));
}

#[test]
fn the_seeded_users_have_the_groups_that_the_examination_names() {
    for (seeded, needed) in USERS {
        let groups: Vec<&str> = seeded.groups.split_whitespace().collect();
        assert_eq!(groups, needed.groups, "{}", needed.name);
    }
}
