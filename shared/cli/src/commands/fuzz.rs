//! `tenon fuzz`.

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::commands::CommandError;
use crate::functions::{self, Profile};
use crate::process;
use crate::progress::Progress;

/// Options of `tenon fuzz`.
#[derive(Debug, Args)]
pub struct Fuzz {
    /// How long, shared among the targets.
    #[arg(long, value_name = "NUMBER", default_value_t = 60)]
    seconds: u64,
    /// One target instead of all: verify, decode, read, answers or edge.
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// What the inputs are made of: the same seed makes the same ones.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Try one input again that broke something.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["target", "seed"])]
    input: Option<PathBuf>,
    /// As the tests build it: quicker to build, ten times slower to run.
    #[arg(long)]
    quick: bool,
}

impl Fuzz {
    /// Builds the program and runs it. An input that breaks something stays in `target/fuzz/`.
    pub fn run(self, progress: &Progress) -> Result<(), CommandError> {
        let profile = match self.quick {
            true => Profile::Quick,
            false => Profile::Fast,
        };
        let (workspace, programs) = functions::build_tool("fuzz", profile, progress)?;
        let mut command = Command::new(programs.join("fuzz"));
        command
            .args(["--seconds", &self.seconds.to_string()])
            .args(["--seed", &self.seed.to_string()])
            .arg("--folder")
            .arg(workspace.target.join("fuzz"));
        if let Some(target) = &self.target {
            command.args(["--target", target]);
        }
        if let Some(input) = &self.input {
            command.arg("--input").arg(input);
        }
        let status = process::bound_to_us(&command, None, "TERM").status();
        match status.is_ok_and(|status| status.success()) {
            true => Ok(()),
            false => Err(CommandError::FuzzFailed),
        }
    }
}
