//! `tenon story`.

use std::path::PathBuf;
use std::process::Command;

use clap::{Args, Subcommand};

use crate::cache::Cache;
use crate::commands::CommandError;
use crate::commands::databases::Databases;
use crate::functions::{self, Profile};
use crate::process;
use crate::progress::Progress;

/// What can be done with stories.
#[derive(Debug, Subcommand)]
pub enum Story {
    /// Play stories on a real Odoo, each in a database of its own, and say what is not as they expect.
    ///
    /// Odoo and the databases end with the command. A file in target/stories plays each story again,
    /// with everything in it that lay beside the story.
    #[command(after_help = "Examples:\n  cargo tenon story run my-story.toml\n  \
        cargo tenon story run tests/stories/*.toml\n  cargo tenon story run target/stories/my-story.json")]
    Run(Files),
    /// Read stories without playing them: every key and every file that they name.
    #[command(after_help = "Example:\n  cargo tenon story check my-story.toml")]
    Check(Files),
}

/// Stories.
#[derive(Debug, Args)]
pub struct Files {
    /// The story files; docs/stories.md says how one is written.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Story {
    /// Builds the program and runs it.
    pub fn run(self, progress: &Progress) -> Result<(), CommandError> {
        let (workspace, programs) = functions::build_tool("story_kit", Profile::Quick, progress)?;
        let mut command = Command::new(programs.join("story"));
        let given = match self {
            Self::Check(Files { files }) => {
                command.arg("--check").args(files);
                None
            }
            Self::Run(Files { files }) => {
                let cache = Cache::locate()?;
                let databases =
                    Databases::offer(&cache, progress).map_err(CommandError::NoAddress)?;
                let address = databases.address().to_string();
                command.args(["--databases", &address]).arg("--folder");
                command.arg(workspace.target.join("stories")).args(files);
                Some(databases)
            }
        };
        let status = process::bound_to_us(&command, None, "TERM").status();
        drop(given);
        match status.is_ok_and(|status| status.success()) {
            true => Ok(()),
            false => Err(CommandError::StoryFailed),
        }
    }
}
