//! Every ready-to-invoke event, invoked with cargo-lambda outside the emulator.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cli::cache::Cache;
use cli::dev::variables;
use cli::functions::{Profile, Workspace};
use cli::install::pip_program::CARGO_LAMBDA;
use cli::progress::Progress;
use cli::story::Firm;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// What a queue's reader answers when no message has to come again.
const NONE_AGAIN: &str = r#"{"batchItemFailures":[]}"#;

/// What each event must give in a world in which nothing has happened yet.
const EXPECTED: [(&str, &str); 21] = [
    // The demo's book has no schedule of its own.
    (
        "bill-minute",
        r#"{"invoices":0,"without":0,"failed":0,"shadowed":0,"left_out":0}"#,
    ),
    ("audit-hour", r#"{"chains":5}"#),
    ("audit-ledger", r#"{"records":1}"#),
    (
        "bill-run",
        r#"{"invoices":0,"without":0,"failed":0,"shadowed":0,"left_out":0}"#,
    ),
    // The ledger has no such entry, so there is no unit to keep.
    ("bill-units", NONE_AGAIN),
    // Nobody has named that account of the source: people are asked, and nothing is read.
    ("collect-files", NONE_AGAIN),
    ("console-ask", "200 lanes"),
    // The deal of the link is no contract yet.
    ("console-decide", "409 is no contract we know"),
    ("feedback-due", NONE_AGAIN),
    ("intake-unknown-path", "404 unknown_path"),
    // Signed with a key that the demo's PSA does not have.
    ("intake-webhook-connectwise", "429 unknown_key"),
    // Signed long ago.
    ("intake-webhook", "401 stale"),
    ("post-billing", NONE_AGAIN),
    ("post-master", NONE_AGAIN),
    ("post-work", NONE_AGAIN),
    ("pull-minute", r#"{"invoices":0,"records":0}"#),
    ("relay-ledger", NONE_AGAIN),
    // The PSA does not have the key either: it is asked for again with the next callback.
    ("rotate-keys", NONE_AGAIN),
    ("sweep-minute", r#"{"rung":0,"released":0,"let_go":0}"#),
    ("sweep-releases", NONE_AGAIN),
    ("validate-deliveries", NONE_AGAIN),
];

/// `cargo lambda watch` in this workspace. It ends its functions when it is asked to end.
struct Watch {
    program: PathBuf,
    root: PathBuf,
    port: String,
    child: Child,
}

impl Watch {
    /// Starts it, on another port when somebody else took the first one meanwhile.
    fn start(root: &Path, variables: &Path) -> Self {
        let program = CARGO_LAMBDA
            .ensure(&Cache::locate().unwrap(), &Progress::new())
            .unwrap();
        let said = variables.with_extension("said");
        for _ in 0..3 {
            let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let port = free.local_addr().unwrap().port().to_string();
            drop(free);
            let child = Command::new(&program)
                .args(["lambda", "watch", "--profile", "quick", "--ignore-changes"])
                .args(["--invoke-address", "127.0.0.1", "--invoke-port", &port])
                .arg("--env-file")
                .arg(variables)
                .current_dir(root)
                .stdout(Stdio::null())
                .stderr(fs::File::create(&said).unwrap())
                .spawn()
                .unwrap();
            let mut watch = Self {
                program: program.clone(),
                root: root.to_owned(),
                port,
                child,
            };
            if watch.listens() {
                return watch;
            }
        }
        let said = fs::read_to_string(said).unwrap();
        panic!("cargo-lambda does not listen; it said: {said}");
    }

    /// Waits until it does, for as long as it runs and two minutes at most.
    fn listens(&mut self) -> bool {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(120) {
            if std::net::TcpStream::connect(format!("127.0.0.1:{}", self.port)).is_ok() {
                return true;
            }
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }

    /// What a function answers to the event of this name.
    fn invoke(&self, event: &str) -> Value {
        let function = event.split('-').next().unwrap();
        let output = Command::new(&self.program)
            .args(["lambda", "invoke", "--invoke-address", "127.0.0.1"])
            .args(["--invoke-port", &self.port, function, "--data-file"])
            .arg(format!("events/{event}.json"))
            .current_dir(&self.root)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{event}: {errors}");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{event}: {error}"))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).ok();
        self.child.wait().ok();
    }
}

/// The names of the events that are a function's, in order.
fn events(workspace: &Workspace) -> Vec<String> {
    let functions = workspace.functions();
    let files = fs::read_dir(workspace.root.join("events"))
        .unwrap()
        .flatten();
    let names = files.map(|file| file.file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .filter(|name| functions.iter().any(|f| name.starts_with(&format!("{f}-"))))
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_invoked_with_cargo_lambda_and_gives_what_it_must() {
    let firm = Firm::open(Profile::Quick, &Progress::new()).await.unwrap();
    let file = firm.stack.run_folder().path("lambda.env");
    let file = variables::write(firm.stack.aws(), &file).await.unwrap();
    let workspace = firm.stack.workspace();
    let expected = BTreeMap::from(EXPECTED);
    let mut known: Vec<&str> = expected.keys().copied().collect();
    known.sort_unstable();
    assert_eq!(events(workspace), known, "every event has its outcome here");

    let watch = Watch::start(&workspace.root, &file);
    for (event, must) in expected {
        let answer = watch.invoke(event);
        match must.split_once(' ') {
            Some((status, words)) if !must.starts_with('{') => {
                assert_eq!(
                    answer["statusCode"].to_string(),
                    status,
                    "{event}: {answer}"
                );
                let body = answer["body"].as_str().unwrap();
                assert!(body.contains(words), "{event}: {body}");
            }
            _ => assert_eq!(
                answer,
                serde_json::from_str::<Value>(must).unwrap(),
                "{event}"
            ),
        }
    }
    // The events of `validate` have become records.
    let status = firm.status().await.unwrap();
    let waits = json!("connectwise___43obalt__time_5fentry__90311");
    assert_eq!(status["waiting"][0]["reference"], waits, "{status}");
    let held = json!("connectwise___43obalt__project__412");
    assert_eq!(status["held"][0]["reference"], held, "{status}");
}
