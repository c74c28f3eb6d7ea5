//! Runs tests side by side, each in a process of its own.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::commands::test::programs::Test;
use crate::ending;
use crate::process;
use crate::progress::{Progress, seconds};

/// After this, people are told which test they wait for.
const LONG: Duration = Duration::from_secs(60);
/// The longest pause between two looks at a test.
const LOOK: Duration = Duration::from_millis(50);

/// How a test ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The test.
    pub test: Test,
    /// How long it took.
    pub took: Duration,
    /// True when it ended well.
    pub passed: bool,
    /// All that it printed, on both outputs in order.
    pub output: String,
}

/// How tests are run.
#[derive(Debug)]
pub struct Runner<'a> {
    /// How many run at the same time.
    pub jobs: usize,
    /// What is set in their environment.
    pub environment: &'a [(&'a str, &'a str)],
    /// A folder for their outputs, which this run has for itself.
    pub folder: &'a Path,
    /// Where the results are shown.
    pub progress: &'a Progress,
}

impl Runner<'_> {
    /// Runs all tests, in this order as far as there is room. The outcomes are in the order of
    /// their ends.
    #[must_use]
    pub fn run(&self, tests: Vec<Test>) -> Vec<Outcome> {
        let waiting = Mutex::new(tests.into_iter().enumerate().collect::<VecDeque<_>>());
        let outcomes = Mutex::new(Vec::new());
        let next = || {
            if ending::requested() {
                return None;
            }
            let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.pop_front()
        };
        thread::scope(|scope| {
            for _ in 0..self.jobs {
                scope.spawn(|| {
                    while let Some((number, test)) = next() {
                        let outcome = self.one(number, test);
                        self.progress.line(&line(&outcome));
                        let mut outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner);
                        outcomes.push(outcome);
                    }
                });
            }
        });
        outcomes
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn one(&self, number: usize, test: Test) -> Outcome {
        let file = self.folder.join(format!("{number}.log"));
        let began = Instant::now();
        let ended = self.watch(&test, &file, began);
        let took = began.elapsed();
        // What servers that the test started may still write is not of interest.
        let mut output = fs::read(&file).map_or_else(
            |error| format!("its output cannot be read: {error}\n"),
            |bytes| String::from_utf8_lossy(&bytes).into_owned(),
        );
        let passed = ended.unwrap_or_else(|error| {
            output.push_str(&format!("it could not be run: {error}\n"));
            false
        });
        Outcome {
            test,
            took,
            passed,
            output,
        }
    }

    /// Runs a test to its end; true when it ended well. Its output goes to a file and not through
    /// a pipe, which a server that it leaves behind would keep open.
    fn watch(&self, test: &Test, file: &PathBuf, began: Instant) -> io::Result<bool> {
        let output = File::create(file)?;
        let mut command = std::process::Command::new(&test.program.file);
        command
            .args([&test.name, "--exact", "--nocapture"])
            .current_dir(&test.program.folder)
            .env("CARGO_MANIFEST_DIR", &test.program.folder)
            .envs(self.environment.iter().copied());
        let mut command = process::bound_to_us(&command, None, "TERM");
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let mut running = command.spawn()?;
        let mut pause = Duration::from_millis(1);
        let mut told = false;
        loop {
            if let Some(status) = running.try_wait()? {
                return Ok(status.success());
            }
            if !told && began.elapsed() > LONG {
                told = true;
                let name = test.full_name();
                self.progress
                    .line(&format!("  ..  {name} takes longer than a minute"));
            }
            thread::sleep(pause);
            pause = LOOK.min(pause * 2);
        }
    }
}

fn line(outcome: &Outcome) -> String {
    let mark = if outcome.passed { "ok" } else { "FAIL" };
    let (name, took) = (outcome.test.full_name(), seconds(outcome.took));
    format!("  {mark:<4} {took:>12}  {name}")
}
