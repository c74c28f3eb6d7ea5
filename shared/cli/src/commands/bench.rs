//! `tenon bench`.

use std::fs;
use std::process::{Command, Stdio};

use clap::{Args, Subcommand};

use crate::commands::CommandError;
use crate::functions::{self, Profile};
use crate::process;
use crate::progress::Progress;

/// What is measured.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Approved time entries from the ledger into a real Odoo, beside Odoo's own `load` of the same
    /// rows, and scripts.
    #[command(
        after_help = "Examples:\n  cargo tenon bench posting               # about half an hour\n  \
        cargo tenon bench posting --rows 500 --rounds 1"
    )]
    Posting(Posting),
}

/// Options of `tenon bench posting`.
#[derive(Debug, Args)]
pub struct Posting {
    /// Entries of each measurement.
    #[arg(long, value_name = "NUMBER", default_value_t = 10_000)]
    rows: u32,
    /// How often the posting and Odoo's own load are measured, one after the other.
    #[arg(long, value_name = "NUMBER", default_value_t = 3)]
    rounds: u32,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// As the tests build it: quicker to build, slower to run.
    #[arg(long)]
    quick: bool,
}

impl Bench {
    /// Builds and runs it; the figures stay in `target/bench/`.
    pub fn run(self, progress: &Progress) -> Result<(), CommandError> {
        let Self::Posting(posting) = self;
        posting.run(progress)
    }
}

impl Posting {
    fn run(self, progress: &Progress) -> Result<(), CommandError> {
        let profile = match self.quick {
            true => Profile::Quick,
            false => Profile::Fast,
        };
        let (workspace, programs) = functions::build_tool("bench", profile, progress)?;
        let folder = workspace.target.join("bench");
        let mut command = Command::new(programs.join("bench"));
        command
            .args(["posting", "--rows", &self.rows.to_string()])
            .args(["--rounds", &self.rounds.max(1).to_string()])
            .arg("--folder")
            .arg(&folder);
        // Its own output is what the function writes for CloudWatch.
        let status = process::bound_to_us(&command, None, "TERM")
            .stdout(Stdio::null())
            .status();
        if !status.is_ok_and(|status| status.success()) {
            return Err(CommandError::Check {
                what: "The benchmark".to_owned(),
                command: "cargo tenon bench posting".to_owned(),
            });
        }
        let name = if self.json {
            "posting.json"
        } else {
            "posting.md"
        };
        let file = folder.join(name);
        let text = fs::read_to_string(&file);
        let text = text.map_err(|source| CommandError::Unreadable { file, source })?;
        progress.tell(text.trim_end());
        progress.line(&format!("The figures are in {}", folder.display()));
        Ok(())
    }
}
