//! `tenon test`.

mod checks;
mod programs;
mod results;
mod runner;

use std::cmp::Reverse;
use std::fs;
use std::time::Instant;

use clap::Args;

use crate::cache::Cache;
use crate::commands::CommandError;
use crate::commands::databases::{self, Databases};
use crate::ending;
use crate::functions::Workspace;
use crate::progress::Progress;
use results::{Folder, Results};
use runner::{Outcome, Runner};

/// Tests that start a world wait for most of their time, so that more run than there are processors.
const JOBS_PER_PROCESSOR: usize = 2;

/// Options of `tenon test`.
#[derive(Debug, Args)]
pub struct Test {
    /// Only tests whose name contains this, or those of the file `tests/NAME.rs`. Style, examples in
    /// comments and documentation are not checked then, and only what the tests need is started.
    name: Option<String>,
    /// How many tests run at the same time [default: two per processor].
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<usize>,
    /// Also print what passing tests said.
    #[arg(long)]
    show_output: bool,
    /// Print the results as JSON on standard output.
    #[arg(long)]
    json: bool,
}

impl Test {
    /// Checks the style, installs and builds side by side, then runs every test. With a name, only
    /// the matching tests.
    pub fn run(self, progress: &Progress) -> Result<(), CommandError> {
        let workspace = Workspace::read()?;
        let cache = Cache::locate()?;
        if self.name.is_none() {
            checks::before(&workspace, &cache, progress)?;
        }
        self.tests(&workspace, &cache, progress)?;
        if self.name.is_none() {
            checks::examples(&workspace, progress)?;
            progress.line("Everything passed");
        }
        Ok(())
    }

    fn tests(
        &self,
        workspace: &Workspace,
        cache: &Cache,
        progress: &Progress,
    ) -> Result<(), CommandError> {
        let folder = Folder::of(&workspace.target);
        let tests = self.chosen(workspace, &folder)?;
        let outputs = folder.for_outputs()?;
        let databases = Databases::offer(cache, progress).map_err(CommandError::NoAddress)?;
        let place = cache.root().to_string_lossy();
        let address = databases.address().to_string();
        let runner = Runner {
            jobs: self.jobs.unwrap_or_else(jobs).max(1),
            environment: &[("TENON_CACHE", &place), (databases::ADDRESS, &address)],
            folder: &outputs,
            progress,
        };
        let began = Instant::now();
        progress.line(&format!("==  {} tests", tests.len()));
        let outcomes = runner.run(tests);
        drop(databases);
        // Their content is in memory and, of failed ones, in junit.xml.
        fs::remove_dir_all(&outputs).ok();
        if ending::requested() {
            return Err(CommandError::Interrupted);
        }
        let results = Results::of(&outcomes, began.elapsed());
        folder.keep(&results, &outcomes)?;
        self.report(&results, &outcomes, progress)
    }

    /// The tests to run, those first that took longest the last time.
    fn chosen(
        &self,
        workspace: &Workspace,
        folder: &Folder,
    ) -> Result<Vec<programs::Test>, CommandError> {
        let filter = self.name.as_deref().unwrap_or_default();
        let mut tests = programs::tests(&programs::build(workspace)?, filter)?;
        if tests.is_empty() {
            return Err(CommandError::NoTest(filter.to_owned()));
        }
        let times = folder.times();
        tests.sort_by_key(|test| {
            let known = times.get(&(test.program.name.clone(), test.name.clone()));
            let unknown = test.program.rank();
            Reverse(known.copied().unwrap_or(unknown))
        });
        Ok(tests)
    }

    /// What failed, at the end where people look, and the sums.
    fn report(
        &self,
        results: &Results,
        outcomes: &[Outcome],
        progress: &Progress,
    ) -> Result<(), CommandError> {
        for outcome in outcomes {
            match outcome.passed {
                true if self.show_output => progress.line(&outcome.output),
                true => {}
                false => progress.line(&results::failure(outcome)),
            }
        }
        match self.json {
            true => progress.tell(&results.json()),
            false => progress.tell(&results.summary()),
        }
        match results.failed {
            0 => Ok(()),
            failed => Err(CommandError::TestsFailed(failed)),
        }
    }
}

fn jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from) * JOBS_PER_PROCESSOR
}
