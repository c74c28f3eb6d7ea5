//! The folder of one running world. A lock in it tells the living from what a crash left behind.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::cache::{Cache, CacheError, at};

/// The file that is locked as long as the world runs.
const LOCK: &str = "lock";
/// In the folder of a world whose folder is to stay.
const KEEP: &str = "keep";

/// The folder of one world: its database, its logs. Removed with the world unless it is to be kept.
#[derive(Debug)]
pub struct RunFolder {
    folder: PathBuf,
    keep: bool,
    _lock: File,
}

impl RunFolder {
    /// Makes a new folder, and removes those of worlds that ended without cleaning up.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn create(cache: &Cache, keep: bool) -> Result<Self, CacheError> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let all = cache.run_folder();
        remove_stale(&all);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = all.join(format!("{}-{number}", std::process::id()));
        // A process of the same number may have been here before.
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        let path = folder.join(LOCK);
        let lock = File::create(&path).map_err(at(&path))?;
        lock.lock().map_err(at(&path))?;
        if keep {
            let mark = folder.join(KEEP);
            fs::write(&mark, "").map_err(at(&mark))?;
        }
        Ok(Self {
            folder,
            keep,
            _lock: lock,
        })
    }

    /// How many worlds run from this cache.
    #[must_use]
    pub fn running(cache: &Cache) -> usize {
        let folders = fs::read_dir(cache.run_folder())
            .into_iter()
            .flatten()
            .flatten();
        folders
            .filter(|entry| {
                File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_err())
            })
            .count()
    }

    /// A file or folder in it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The folder itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if !self.keep {
            // The next world tries again.
            fs::remove_dir_all(&self.folder).ok();
        }
    }
}

/// Removes folders whose lock nobody holds. A folder without a lock file is just being made.
fn remove_stale(all: &Path) {
    for folder in fs::read_dir(all)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
    {
        let stale = File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if stale && !folder.join(KEEP).exists() {
            fs::remove_dir_all(&folder).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_folders_of_the_dead_are_removed() {
        let base = std::env::temp_dir().join(format!("tenon-run-test-{}", std::process::id()));
        let cache = Cache::at(&base).unwrap();
        let living = RunFolder::create(&cache, false).unwrap();
        let dead = cache.run_folder().join("1-1");
        fs::create_dir_all(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        let other = RunFolder::create(&cache, false).unwrap();
        assert!(living.folder().exists() && other.folder().exists() && !dead.exists());
        let gone = living.folder().to_owned();
        drop(living);
        assert!(!gone.exists());
        cache.remove().unwrap();
    }
}
