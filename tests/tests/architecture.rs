//! The shape of the repository: who may use whom, how small a function's `main` is, and what the
//! one template must say everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cli::stack::seed;
use cli::story::firm::SECRETS_OF_THE_DEMO;
use domain::limits::Limits;
use serde_json::Value;
use tests::deployed::{array, text};
use tests::{file, root};

/// Who may use whom among our own crates. A function may use any shared crate but the command
/// line, and no other function; the tests may use everything.
const SHARED: [(&str, &[&str]); 7] = [
    ("domain", &[]),
    ("sources", &["domain"]),
    ("odoo", &["domain"]),
    ("aws", &["domain"]),
    ("source_api", &["domain", "sources"]),
    (
        "source_account",
        &["aws", "domain", "source_api", "sources"],
    ),
    ("cli", &["domain", "odoo", "source_api", "sources"]),
];

/// Crates that ship nothing and may use everything.
const TESTING: [&str; 5] = ["bench", "fuzz", "simulation", "story_kit", "tests"];

/// What may stand at the top of the repository, besides files whose name begins with a dot.
const TOP: [&str; 9] = [
    "ARCHITECTURE.md",
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "docs",
    "events",
    "functions",
    "infra",
    "shared",
];

const LONGEST_MAIN: usize = 40;

/// A crate of the workspace.
struct Crate {
    name: String,
    is_function: bool,
    /// Without those that only its own tests use.
    uses: BTreeSet<String>,
    /// Those that only its own tests use.
    tests_use: BTreeSet<String>,
}

fn crates() -> Vec<Crate> {
    let mut cargo = Command::new(cli::env::cargo());
    cargo
        .args(["metadata", "--no-deps", "--format-version=1"])
        .current_dir(root());
    let answer = cargo.output().expect("cargo starts");
    let metadata: Value = serde_json::from_slice(&answer.stdout).expect("cargo answers JSON");
    let packages = array(&metadata["packages"]);
    packages.iter().map(read_crate).collect()
}

fn read_crate(package: &Value) -> Crate {
    let named = |for_tests: bool| {
        let all = array(&package["dependencies"]).into_iter();
        all.filter(|dependency| (dependency["kind"] == "dev") == for_tests)
            .map(|dependency| text(&dependency["name"]))
            .collect()
    };
    Crate {
        name: text(&package["name"]),
        is_function: text(&package["manifest_path"]).contains("/functions/"),
        uses: named(false),
        tests_use: named(true),
    }
}

/// Whoever has the Rust that README asks for would learn otherwise from the compiler.
#[test]
fn no_dependency_needs_a_newer_rust_than_readme_says() {
    let mut cargo = Command::new(cli::env::cargo());
    cargo
        .args(["metadata", "--format-version=1", "--locked"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root());
    let answer = cargo.output().expect("cargo starts");
    let metadata: Value = serde_json::from_slice(&answer.stdout).expect("cargo answers JSON");
    let numbers = |version: &str| -> Vec<u32> {
        let numbers = version.split('.').map(|number| number.parse());
        numbers.collect::<Result<_, _>>().expect("numbers")
    };
    let packages = array(&metadata["packages"]);
    let needed = packages
        .iter()
        .filter_map(|one| one["rust_version"].as_str());
    let newest = needed.max_by_key(|version| numbers(version));
    let newest = newest.expect("somebody says what is needed");
    let ours = file("Cargo.toml");
    assert!(
        ours.contains(&format!("rust-version = \"{newest}\"")),
        "{newest}"
    );
    assert!(
        file("README.md").contains(&format!("Rust {newest} or newer")),
        "{newest}"
    );
}

#[test]
fn crates_use_each_other_in_one_direction() {
    let crates = crates();
    let ours: BTreeSet<&str> = crates.iter().map(|c| c.name.as_str()).collect();
    let shared: BTreeMap<&str, &[&str]> = SHARED.into_iter().collect();
    let testing = |one: &&Crate| TESTING.contains(&one.name.as_str());
    for one in crates.iter().filter(|one| !testing(one)) {
        let allowed: Vec<&str> = match shared.get(one.name.as_str()) {
            Some(allowed) => allowed.to_vec(),
            None => shared.keys().copied().filter(|n| *n != "cli").collect(),
        };
        let used = one.uses.iter().map(String::as_str);
        for used in used.filter(|used| ours.contains(used)) {
            assert!(allowed.contains(&used), "{} uses {used}", one.name);
        }
        let is_function = |name: &&String| crates.iter().any(|c| c.is_function && c.name == **name);
        let functions: Vec<_> = one.tests_use.iter().filter(is_function).collect();
        assert!(functions.is_empty(), "{} uses {functions:?}", one.name);
    }
    let functions = crates.iter().filter(|one| one.is_function).count();
    assert_eq!(
        crates.len(),
        functions + SHARED.len() + TESTING.len(),
        "every shared crate has its rule here"
    );
}

#[test]
fn the_cloud_and_http_have_one_door_each() {
    for one in crates() {
        let aws = one
            .uses
            .iter()
            .any(|n| n.starts_with("aws-sdk") || n == "aws-config");
        // What is compared with ours makes its calls without us.
        let may = ["aws", "bench"].contains(&one.name.as_str());
        assert!(!aws || may, "{} uses AWS by itself", one.name);
        let http = one.uses.contains("reqwest");
        let may = ["odoo", "source_api", "cli", "tests", "bench"].contains(&one.name.as_str());
        assert!(!http || may, "{} speaks HTTP by itself", one.name);
        let pure = ["domain", "sources"].contains(&one.name.as_str());
        assert!(
            !pure || !one.uses.contains("tokio"),
            "{} does I/O",
            one.name
        );
    }
}

#[test]
fn a_functions_main_only_starts_it() {
    for one in crates().iter().filter(|one| one.is_function) {
        let main = file(&format!("functions/{}/src/main.rs", one.name));
        let lines = main.lines().count();
        assert!(lines <= LONGEST_MAIN, "{} has {lines} lines", one.name);
    }
}

fn limits() -> BTreeMap<String, Value> {
    serde_json::from_str(&file("infra/limits.json")).expect("limits.json is JSON")
}

#[test]
fn both_profiles_of_limits_are_safe() {
    let limits = limits();
    assert_eq!(limits.keys().collect::<Vec<_>>(), ["aws", "local"]);
    for (profile, limits) in limits {
        let limits: Limits = serde_json::from_value(limits).expect("all limits, and no other");
        assert_eq!(limits.check(), Ok(limits), "{profile}");
    }
}

#[test]
fn the_template_defaults_to_the_limits_of_aws() {
    let template = file("infra/template.yaml");
    for (name, seconds) in limits()["aws"].as_object().expect("an object") {
        let words = name
            .split('_')
            .map(|word| word[..1].to_uppercase() + &word[1..]);
        let line = format!(
            "  {}: {{Type: Number, Default: {seconds}}}",
            words.collect::<String>()
        );
        assert!(
            template.lines().any(|have| have == line),
            "not in the template: {line}"
        );
    }
}

/// The template's resources: their names, and their lines.
fn resources() -> Vec<(String, String)> {
    let template = file("infra/template.yaml");
    let (_, rest) = template
        .split_once("\nResources:\n")
        .expect("there are resources");
    let (body, _) = rest.split_once("\nOutputs:\n").expect("there are outputs");
    let mut resources: Vec<(String, String)> = Vec::new();
    for line in body
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
    {
        let name = line
            .strip_prefix("  ")
            .filter(|rest| rest.starts_with(char::is_alphabetic));
        match name.and_then(|rest| rest.split_once(':')) {
            Some((name, own)) => resources.push((name.to_owned(), own.to_owned())),
            None => {
                let Some((_, lines)) = resources.last_mut() else {
                    continue;
                };
                lines.push('\n');
                lines.push_str(line);
            }
        }
    }
    resources
}

#[test]
fn every_queue_has_a_net_below_it() {
    let resources = resources();
    let queues = resources
        .iter()
        .filter(|(_, lines)| lines.contains("Type: AWS::SQS::Queue"))
        .filter(|(_, lines)| !lines.contains("Type: AWS::SQS::QueuePolicy"));
    let (nets, queues): (Vec<_>, Vec<_>) =
        queues.partition(|(name, _)| name.ends_with("DeadLetters"));
    for (name, lines) in &queues {
        let net = name.strip_suffix("Queue").expect("a queue is called so");
        let policy = format!("RedrivePolicy: {{deadLetterTargetArn: !GetAtt {net}DeadLetters.Arn");
        assert!(lines.contains(&policy), "{name}");
    }
    // The table's stream has one of its own, and so has what a vendor sends unlike its description.
    assert_eq!((queues.len(), nets.len()), (9, 11));
}

#[test]
fn every_dead_letter_queue_has_an_alarm_on_its_age() {
    let resources = resources();
    let lines_of = |wanted: &str| {
        let found = resources.iter().find(|(name, _)| name == wanted);
        found.map(|(_, lines)| lines.as_str()).unwrap_or_default()
    };
    let nets = resources.iter().map(|(name, _)| name);
    for net in nets.filter(|name| name.ends_with("DeadLetters")) {
        let alarm = lines_of(&format!("{net}Alarm"));
        for part in [
            "MetricName: ApproximateAgeOfOldestMessage".to_owned(),
            format!("Value: !GetAtt {net}.QueueName"),
            "AlarmActions: !If [HasAlarmTopic".to_owned(),
        ] {
            assert!(alarm.contains(&part), "{net}: no {part}");
        }
    }
    assert!(lines_of("OdooClosedAlarm").contains("MetricName: OdooClosed"));
}

/// A number behind a key, or the AWS default of the parameter that it refers to.
fn seconds(lines: &str, key: &str, parameter: &str) -> Option<u64> {
    let value = lines
        .lines()
        .find_map(|line| line.trim().strip_prefix(key))?;
    match value.trim() {
        "!Ref PostTimeoutSeconds" | "!Ref VisibilitySeconds" => limits()["aws"][parameter].as_u64(),
        number => number.parse().ok(),
    }
}

#[test]
fn a_queue_waits_six_times_as_long_as_its_reader_may_take() {
    let resources = resources();
    let mut pairs = 0;
    for (name, lines) in &resources {
        let queues = lines.lines().filter_map(|line| {
            let (_, rest) = line.split_once("{Queue: !GetAtt ")?;
            rest.split_once(".Arn").map(|(queue, _)| queue)
        });
        for queue in queues {
            let timeout = seconds(lines, "Timeout:", "post_timeout_seconds").unwrap_or(30);
            let (_, queue_lines) = resources
                .iter()
                .find(|(name, _)| name == queue)
                .expect(queue);
            let hidden = seconds(queue_lines, "VisibilityTimeout:", "visibility_seconds");
            assert!(
                hidden >= Some(6 * timeout),
                "{name} and {queue}: {hidden:?} for {timeout}"
            );
            pairs += 1;
        }
    }
    assert_eq!(pairs, 9);
}

#[test]
fn every_mapping_reports_single_failures() {
    let mut mappings = 0;
    for (name, lines) in resources() {
        let starts = ["Type: SQS\n", "Type: DynamoDB\n"];
        let own: usize = starts
            .iter()
            .map(|start| lines.matches(start).count())
            .sum();
        let reports = lines
            .matches("FunctionResponseTypes: [ReportBatchItemFailures]")
            .count();
        // What one invocation is given is one block of the audit: all of it, or nothing.
        let singly = if name == "Audit" { 0 } else { own };
        assert_eq!(singly, reports, "{name}");
        mappings += own;
    }
    assert_eq!(mappings, 11);
}

#[test]
fn the_template_holds_no_secret_value() {
    let template = file("infra/template.yaml");
    let keys = seed::USERS.map(|user| user.key);
    let known = SECRETS_OF_THE_DEMO.iter().chain(&keys).copied();
    for word in known.chain([
        "SecretString",
        "GenerateSecretString",
        "resolve:secretsmanager",
    ]) {
        assert!(!template.contains(word), "{word}");
    }
    for (name, lines) in resources() {
        if lines.contains("AWS::SecretsManager::Secret") {
            let only_a_name = lines.contains("Properties: {Name: !Sub \"tenon/${Environment}/");
            assert!(only_a_name, "{name} has a value");
        }
    }
}

#[test]
fn the_top_of_the_repository_is_tidy() {
    let entries = std::fs::read_dir(root()).expect("the repository is there");
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // Build output may be there; it is not part of the repository.
        let known = name.starts_with('.') || TOP.contains(&name.as_str());
        assert!(
            known || ["tests", "target"].contains(&name.as_str()),
            "{name}"
        );
    }
}
