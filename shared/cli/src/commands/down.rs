//! `tenon down`.

use clap::Args;
use serde_json::json;

use crate::cache::Cache;
use crate::commands::CommandError;
use crate::progress::Progress;
use crate::running::{RunningWorld, this_checkout};
use crate::stack::RunFolder;

/// Options of `tenon down`.
#[derive(Debug, Args)]
pub struct Down {
    /// Also the worlds that other checkouts started from the same cache.
    #[arg(long)]
    all: bool,
    /// Print what was ended as JSON.
    #[arg(long)]
    json: bool,
}

impl Down {
    /// Ends worlds that people may ask, and waits until they are gone. None is no error. What a crash
    /// left behind goes as well.
    pub fn run(self, progress: &Progress) -> Result<(), CommandError> {
        let cache = Cache::locate()?;
        RunFolder::tidy(&cache)?;
        let worlds = if self.all {
            RunningWorld::all(&cache)
        } else {
            RunningWorld::of(&cache, &this_checkout())
        };
        if worlds.is_empty() && !self.json {
            progress.tell("nothing runs");
        }
        let mut ended = Vec::with_capacity(worlds.len());
        for (folder, world) in worlds {
            let name = format!(
                "{} of {} (process {}, since {})",
                world.command,
                world.checkout.display(),
                world.process,
                world.started_at.strftime("%H:%M:%S UTC")
            );
            let step = progress.step(format!("End {name}"));
            if !world.end(&folder) {
                return Err(CommandError::NotEnded {
                    name,
                    process: world.process,
                });
            }
            step.done();
            if !self.json {
                progress.tell(&format!("ended: {name}"));
            }
            ended.push(json!({"command": world.command, "checkout": world.checkout, "process": world.process}));
        }
        if self.json {
            progress.tell(&json!(ended).to_string());
        }
        Ok(())
    }
}
