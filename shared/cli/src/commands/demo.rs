//! `tenon demo`.

use std::time::Instant;

use clap::Args;

use crate::commands::CommandError;
use crate::commands::firm_options::FirmOptions;
use crate::commands::keeper::{Detachment, Keeper};
use crate::progress::{Progress, seconds};
use crate::running::RunningWorld;
use crate::story::{CHAPTERS, Firm};

/// Options of `tenon demo`.
#[derive(Debug, Args)]
pub struct Demo {
    #[command(flatten)]
    firm: FirmOptions,
    /// Leave everything running afterwards, until `cargo tenon down`.
    #[arg(long)]
    keep: bool,
    /// Play only the first chapters of the story; 0 plays nothing.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(..=i64::from(CHAPTERS)))]
    chapters: Option<u8>,
}

impl Demo {
    /// Starts a world, plays the story in it, and stops everything. With `--keep` another process
    /// does it, which stays.
    pub async fn run(self, progress: &Progress) -> Result<(), CommandError> {
        if self.keep {
            return Keeper::start()?.until_ready().await;
        }
        self.play(progress).await.map(drop)
    }

    /// What that other process does: plays the story, leaves the terminal, and waits for the signal
    /// that ends it.
    pub async fn keep(self, progress: &Progress) -> Result<(), CommandError> {
        let detachment = Detachment::prepare()?;
        let (firm, world) = self.play(progress).await?;
        progress.tell("\n   Everything stays running:");
        self.firm.tell(&world, self.chapters != Some(0), progress);
        progress.tell("   end it     cargo tenon down");
        detachment.detach(&firm.stack.run_folder().path("keeper.log"))?;
        std::future::pending::<()>().await;
        drop(firm);
        Ok(())
    }

    async fn play(&self, progress: &Progress) -> Result<(Firm, RunningWorld), CommandError> {
        let began = Instant::now();
        let (mut firm, world) = self.firm.open("tenon demo", progress).await?;
        progress.line(&format!(
            "Everything runs after {}",
            seconds(began.elapsed())
        ));
        self.firm.play(self.chapters, &mut firm, progress).await?;
        Ok((firm, world))
    }
}
