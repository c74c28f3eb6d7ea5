//! `tenon clean`.

use clap::Args;

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
}

impl Clean {
    /// Removes the cache, unless a world runs from it.
    pub fn run(self, progress: &Progress) -> Result<(), CommandError> {
        let cache = Cache::locate()?;
        let size = cache.size() / MEGABYTE;
        let place = cache.root().display();
        if self.dry_run {
            progress.tell(&format!("{place} holds {size} MB"));
            return Ok(());
        }
        let running = RunFolder::running(&cache).len();
        if running > 0 {
            return Err(CommandError::InUse(running));
        }
        progress.tell(&format!("removing {place}, which holds {size} MB"));
        cache.remove()?;
        progress.tell(&format!("{place} is gone; {size} MB are free again"));
        Ok(())
    }
}
