//! What a run of the tests is summed up to: for people, for programs, and for the next run, which
//! begins with what takes longest.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use quick_xml::escape::escape;
use serde::{Deserialize, Serialize};

use crate::cache::{CacheError, at};
use crate::commands::test::programs::Test;
use crate::commands::test::runner::Outcome;
use crate::progress::seconds;

/// How many of the slowest are shown.
const SLOWEST: usize = 10;

/// All results of a run.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Results {
    /// How many passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
    /// From the first test's start to the last one's end.
    pub milliseconds: u64,
    /// Each test, the slowest first.
    pub tests: Vec<TestResult>,
}

/// One test's result.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TestResult {
    /// Its program's name.
    pub program: String,
    /// Its own name.
    pub name: String,
    /// True when it ended well.
    pub passed: bool,
    /// How long it took.
    pub milliseconds: u64,
}

/// Where results are kept: `target/tests`.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder in cargo's own.
    #[must_use]
    pub fn of(target: &Path) -> Self {
        Self(target.join("tests"))
    }

    /// A folder that the outputs of this run have for themselves.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn for_outputs(&self) -> Result<PathBuf, CacheError> {
        let folder = self.0.join(format!("output-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        Ok(folder)
    }

    /// For how long each test ran when it last did.
    #[must_use]
    pub fn times(&self) -> BTreeMap<(String, String), u64> {
        let text = fs::read_to_string(self.0.join("times.json")).unwrap_or_default();
        let known: Vec<TestResult> = serde_json::from_str(&text).unwrap_or_default();
        known
            .into_iter()
            .map(|test| ((test.program, test.name), test.milliseconds))
            .collect()
    }

    /// Writes `results.json`, `junit.xml` as most CI systems show it, and the times for the next run.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn keep(&self, results: &Results, outcomes: &[Outcome]) -> Result<(), CacheError> {
        let write = |name: &str, text: &str| {
            let file = self.0.join(name);
            fs::write(&file, text).map_err(at(&file))
        };
        write("results.json", &json(results))?;
        write("junit.xml", &junit(results, outcomes))?;
        let mut times = self.times();
        for test in &results.tests {
            let key = (test.program.clone(), test.name.clone());
            times.insert(key, test.milliseconds);
        }
        let times: Vec<TestResult> = times
            .into_iter()
            .map(|((program, name), milliseconds)| TestResult {
                program,
                name,
                passed: true,
                milliseconds,
            })
            .collect();
        write("times.json", &json(&times))
    }
}

/// Strings and numbers always become JSON.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

impl Results {
    /// Sums up how the tests ended.
    #[must_use]
    pub fn of(outcomes: &[Outcome], took: Duration) -> Self {
        let mut tests: Vec<TestResult> = outcomes.iter().map(result).collect();
        tests.sort_by_key(|test| std::cmp::Reverse(test.milliseconds));
        let passed = tests.iter().filter(|test| test.passed).count();
        Self {
            passed,
            failed: tests.len() - passed,
            milliseconds: whole(took),
            tests,
        }
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        json(self)
    }

    /// For people: the slowest, and how many passed.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut text = String::new();
        if self.tests.len() > SLOWEST {
            text.push_str("the slowest tests:\n");
            for test in self.tests.iter().take(SLOWEST) {
                let took = seconds(Duration::from_millis(test.milliseconds));
                text.push_str(&format!("  {took:>12}  {} {}\n", test.program, test.name));
            }
        }
        let took = seconds(Duration::from_millis(self.milliseconds));
        text.push_str(&format!(
            "{} tests passed, {} failed ({took})",
            self.passed, self.failed
        ));
        text
    }
}

fn result(outcome: &Outcome) -> TestResult {
    TestResult {
        program: outcome.test.program.name.clone(),
        name: outcome.test.name.clone(),
        passed: outcome.passed,
        milliseconds: whole(outcome.took),
    }
}

fn whole(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What a failed test printed, and how to repeat it.
#[must_use]
pub fn failure(outcome: &Outcome) -> String {
    let Test { program, name } = &outcome.test;
    format!(
        "==  FAILED: {} {name}\n{}\n    to repeat it alone: cargo tenon test {name}\n",
        program.name,
        outcome.output.trim_end()
    )
}

/// The format that began with JUnit and that CI systems read.
fn junit(results: &Results, outcomes: &[Outcome]) -> String {
    let mut cases = String::new();
    for outcome in outcomes {
        let (name, program) = (
            escape(&outcome.test.name),
            escape(&outcome.test.program.name),
        );
        let time = outcome.took.as_millis();
        let failure = match outcome.passed {
            true => String::new(),
            false => format!("<failure>{}</failure>", escape(printable(&outcome.output))),
        };
        cases.push_str(&format!(
            "  <testcase classname=\"{program}\" name=\"{name}\" time=\"{}.{:03}\">{failure}</testcase>\n",
            time / 1000,
            time % 1000
        ));
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n <testsuite name=\"tenon\" tests=\"{}\" failures=\"{}\">\n{cases} </testsuite>\n</testsuites>\n",
        results.tests.len(),
        results.failed
    )
}

/// Without characters that XML cannot hold, such as those of colours.
fn printable(text: &str) -> String {
    let may_stay = |c: &char| !c.is_control() || *c == '\n' || *c == '\t';
    text.chars().filter(may_stay).collect()
}
