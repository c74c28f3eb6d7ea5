//! `tenon demo`.

use std::time::Instant;

use clap::Args;

use crate::commands::CommandError;
use crate::functions::Profile;
use crate::progress::{Progress, seconds};
use crate::story::{self, Firm};

/// Options of `tenon demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Build the functions as they ship (slower to build).
    #[arg(long)]
    release: bool,
    /// Keep the folder with the logs and the database afterwards.
    #[arg(long)]
    keep: bool,
}

impl Demo {
    /// Starts a world, plays the story in it, and stops everything.
    pub async fn run(self, progress: &Progress) -> Result<(), CommandError> {
        let began = Instant::now();
        let profile = if self.release {
            Profile::Release
        } else {
            Profile::Quick
        };
        let mut firm = Firm::open(profile, progress).await?;
        progress.line(&format!(
            "Everything runs after {}",
            seconds(began.elapsed())
        ));
        story::play(&mut firm, progress).await?;
        if self.keep {
            let folder = firm.stack.run_folder().folder();
            progress.line(&format!("Kept: {}", folder.display()));
        }
        Ok(())
    }
}
