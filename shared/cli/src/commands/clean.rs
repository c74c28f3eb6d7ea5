//! `tenon clean`.

use clap::Args;
use serde_json::json;

use crate::cache::Cache;
use crate::commands::CommandError;
use crate::progress::Progress;
use crate::stack::RunFolder;

/// Bytes in a megabyte, as disks are sold.
const MEGABYTE: u64 = 1_000_000;

/// Options of `tenon clean`.
#[derive(Debug, Args)]
pub struct Clean {
    /// Only say how much it would free.
    #[arg(long)]
    dry_run: bool,
    /// Print what was found as JSON.
    #[arg(long)]
    json: bool,
}

impl Clean {
    /// Removes the cache, unless a world runs from it.
    pub fn run(self, progress: &Progress) -> Result<(), CommandError> {
        let cache = Cache::locate()?;
        let size = cache.size() / MEGABYTE;
        let place = cache.root().display();
        if self.dry_run {
            self.tell(&cache, size, &format!("{place} holds {size} MB"), progress);
            return Ok(());
        }
        let running = RunFolder::running(&cache).len();
        if running > 0 {
            return Err(CommandError::InUse(running));
        }
        let step = progress.step(format!("Remove {place}, which holds {size} MB"));
        cache.remove()?;
        step.done();
        let gone = format!("{place} is gone; {size} MB are free again");
        self.tell(&cache, size, &gone, progress);
        Ok(())
    }

    fn tell(&self, cache: &Cache, megabytes: u64, words: &str, progress: &Progress) {
        let found =
            json!({"folder": cache.root(), "megabytes": megabytes, "removed": !self.dry_run});
        match self.json {
            true => progress.tell(&found.to_string()),
            false => progress.tell(words),
        }
    }
}
