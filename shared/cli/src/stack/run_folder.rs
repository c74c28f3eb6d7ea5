//! The folder of one running world. A lock in it tells the living from what a crash left behind.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::cache::{Cache, CacheError, at};
use crate::ending;

/// The file that is locked as long as the world runs.
const LOCK: &str = "lock";
/// In the folder of a world that failed: its logs stay.
const LOGS: &str = "logs-are-kept";
/// Locked while somebody makes a folder or removes those of the dead.
const DOOR: &str = ".door";

/// The folder of one world: its database, its logs. It goes with the world, but the logs of a world
/// that failed stay.
#[derive(Debug)]
pub struct RunFolder {
    folder: PathBuf,
    keeps_logs: AtomicBool,
    _lock: File,
}

impl RunFolder {
    /// Makes a new folder, and removes those of worlds that ended without cleaning up.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn create(cache: &Cache) -> Result<Self, CacheError> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let all = cache.run_folder();
        // Nobody else looks between the making of our lock file and its locking.
        let _door = closed_door(&all)?;
        remove_stale(&all);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = all.join(format!("{}-{number}", std::process::id()));
        // A process of the same number may have been here before.
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        let path = folder.join(LOCK);
        let lock = File::create(&path).map_err(at(&path))?;
        lock.lock().map_err(at(&path))?;
        Ok(Self {
            folder,
            keeps_logs: AtomicBool::new(false),
            _lock: lock,
        })
    }

    /// Removes the folders of worlds that ended without cleaning up.
    ///
    /// # Errors
    /// When the file cannot be locked that lets only one process at a time do it.
    pub fn tidy(cache: &Cache) -> Result<(), CacheError> {
        let all = cache.run_folder();
        let _door = closed_door(&all)?;
        remove_stale(&all);
        Ok(())
    }

    /// The folders of all worlds that run from this cache.
    #[must_use]
    pub fn running(cache: &Cache) -> Vec<PathBuf> {
        let all = cache.run_folder();
        folders(&all).filter(|folder| is_alive(folder)).collect()
    }

    /// Keeps the logs when the world ends, because it failed.
    pub fn keep_logs(&self) {
        self.keeps_logs.store(true, Ordering::Relaxed);
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
        // Who stopped the command asked for no logs. What cannot be removed now, the next world
        // tries again.
        if self.keeps_logs.load(Ordering::Relaxed) && !ending::requested() {
            keep_only_logs(&self.folder);
        } else {
            fs::remove_dir_all(&self.folder).ok();
        }
    }
}

/// Keeps others from making or removing folders until it is dropped.
fn closed_door(all: &Path) -> Result<File, CacheError> {
    let path = all.join(DOOR);
    let door = File::create(&path).map_err(at(&path))?;
    door.lock().map_err(at(&path))?;
    Ok(door)
}

/// True while the world of a folder runs.
#[must_use]
pub fn is_alive(folder: &Path) -> bool {
    File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_err())
}

fn folders(all: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(all).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
}

/// Removes the folders of the dead, but for the logs of those that failed.
fn remove_stale(all: &Path) {
    for folder in folders(all) {
        if !is_alive(&folder) && !folder.join(LOGS).exists() {
            fs::remove_dir_all(&folder).ok();
        }
    }
}

fn keep_only_logs(folder: &Path) {
    fs::write(folder.join(LOGS), "").ok();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            fs::remove_dir_all(&path).ok();
        } else if path.extension().is_none_or(|extension| extension != "log")
            && !path.ends_with(LOGS)
        {
            fs::remove_file(&path).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> Cache {
        let folder =
            std::env::temp_dir().join(format!("tenon-run-test-{}-{name}", std::process::id()));
        Cache::at(&folder).unwrap()
    }

    #[test]
    fn only_the_folders_of_the_dead_are_removed() {
        let cache = scratch("dead");
        let living = RunFolder::create(&cache).unwrap();
        let dead = cache.run_folder().join("1-1");
        fs::create_dir_all(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        let other = RunFolder::create(&cache).unwrap();
        assert!(living.folder().exists() && other.folder().exists() && !dead.exists());
        assert_eq!(RunFolder::running(&cache).len(), 2);
        let gone = living.folder().to_owned();
        drop(living);
        assert!(!gone.exists());
        cache.remove().unwrap();
    }

    #[test]
    fn folders_made_at_the_same_moment_do_not_remove_each_other() {
        let cache = scratch("moment");
        let made: Vec<RunFolder> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| RunFolder::create(&cache).unwrap()))
                .collect();
            makers
                .into_iter()
                .map(|maker| maker.join().unwrap())
                .collect()
        });
        assert_eq!(made.iter().filter(|run| run.folder().exists()).count(), 8);
        cache.remove().unwrap();
    }

    #[test]
    fn a_failed_world_leaves_its_logs_and_nothing_else() {
        let cache = scratch("failed");
        let failed = RunFolder::create(&cache).unwrap();
        fs::write(failed.path("odoo.log"), "why").unwrap();
        fs::write(failed.path("odoo.conf"), "x").unwrap();
        fs::create_dir_all(failed.path("postgresql")).unwrap();
        failed.keep_logs();
        let folder = failed.folder().to_owned();
        drop(failed);
        drop(RunFolder::create(&cache).unwrap());
        let mut left: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, [LOGS, "odoo.log"]);
        cache.remove().unwrap();
    }
}
