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
    /// Signed webhooks: processor time, time from the start of the process to the first answer, and
    /// memory, each beside the least that has to be done.
    #[command(
        after_help = "Examples:\n  cargo tenon bench intake                # some minutes\n  \
        cargo tenon bench intake --webhooks 2000 --rounds 3"
    )]
    Intake(Intake),
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
    #[command(flatten)]
    shape: Shape,
}

/// Options of `tenon bench intake`.
#[derive(Debug, Args)]
pub struct Intake {
    /// Webhooks that one instance takes, one after the other.
    #[arg(long, value_name = "NUMBER", default_value_t = 100_000)]
    webhooks: u32,
    /// How often intake and its references are measured, one after the other.
    #[arg(long, value_name = "NUMBER", default_value_t = 15)]
    rounds: u32,
    #[command(flatten)]
    shape: Shape,
}

/// How it is built, and how the figures are told.
#[derive(Debug, Clone, Copy, Args)]
struct Shape {
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
        match self {
            Self::Posting(posting) => posting.run(progress),
            Self::Intake(intake) => intake.run(progress),
        }
    }
}

impl Posting {
    fn run(self, progress: &Progress) -> Result<(), CommandError> {
        let sizes = [("--rows", self.rows), ("--rounds", self.rounds.max(1))];
        self.shape.measure("posting", &sizes, progress)
    }
}

impl Intake {
    fn run(self, progress: &Progress) -> Result<(), CommandError> {
        // The benchmark starts the function's own program.
        functions::build_tool("intake", self.shape.profile(), progress)?;
        let sizes = [
            ("--webhooks", self.webhooks.max(10)),
            ("--rounds", self.rounds.max(1)),
        ];
        self.shape.measure("intake", &sizes, progress)
    }
}

impl Shape {
    const fn profile(self) -> Profile {
        match self.quick {
            true => Profile::Quick,
            false => Profile::Fast,
        }
    }

    fn measure(
        self,
        name: &str,
        sizes: &[(&str, u32)],
        progress: &Progress,
    ) -> Result<(), CommandError> {
        let (workspace, programs) = functions::build_tool("bench", self.profile(), progress)?;
        let folder = workspace.target.join("bench");
        let mut command = Command::new(programs.join("bench"));
        command.arg(name);
        for (size, number) in sizes {
            command.arg(size).arg(number.to_string());
        }
        command.arg("--folder").arg(&folder);
        // Its own output is what the function writes for CloudWatch.
        let status = process::bound_to_us(&command, None, "TERM")
            .stdout(Stdio::null())
            .status();
        if !status.is_ok_and(|status| status.success()) {
            return Err(CommandError::Check {
                what: "The benchmark".to_owned(),
                command: format!("cargo tenon bench {name}"),
            });
        }
        let kind = if self.json { "json" } else { "md" };
        let file = folder.join(format!("{name}.{kind}"));
        let text = fs::read_to_string(&file);
        let text = text.map_err(|source| CommandError::Unreadable { file, source })?;
        progress.tell(text.trim_end());
        progress.line(&format!("The figures are in {}", folder.display()));
        Ok(())
    }
}
