//! Tells when a file below some folders has changed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use inotify::{EventMask, Inotify, WatchMask, Watches};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// How long it must be quiet: saving many files is one change.
const QUIET: Duration = Duration::from_millis(120);
/// Room for the events of one reading.
const BUFFER: usize = 16 * 1024;

/// Sources that are watched as long as this exists.
#[derive(Debug)]
pub struct Watcher {
    changes: UnboundedReceiver<()>,
}

/// A folder cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be watched; the limit may be reached (/proc/sys/fs/inotify/max_user_watches)", folder.display())]
pub struct WatchError {
    folder: PathBuf,
    #[source]
    source: io::Error,
}

impl Watcher {
    /// Watches the folders with all that is below them.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn start(folders: &[PathBuf]) -> Result<Self, WatchError> {
        let refused = |folder: &Path, source| WatchError {
            folder: folder.to_owned(),
            source,
        };
        let mut inotify = Inotify::init().map_err(|source| refused(Path::new("/"), source))?;
        for folder in folders {
            add(&mut inotify.watches(), folder).map_err(|source| refused(folder, source))?;
        }
        let (sender, changes) = unbounded_channel();
        let folders = folders.to_vec();
        thread::spawn(move || {
            let mut buffer = [0; BUFFER];
            while let Ok(events) = inotify.read_events_blocking(&mut buffer) {
                let masks: Vec<EventMask> = events.map(|event| event.mask).collect();
                let new_folder = masks.iter().any(|mask| mask.contains(EventMask::ISDIR));
                for folder in folders.iter().filter(|_| new_folder) {
                    // A folder that is gone again needs no watching.
                    add(&mut inotify.watches(), folder).ok();
                }
                if sender.send(()).is_err() {
                    return;
                }
            }
        });
        Ok(Self { changes })
    }

    /// Waits for a change, and then until it is quiet. False when nothing is watched any more.
    pub async fn changed(&mut self) -> bool {
        if self.changes.recv().await.is_none() {
            return false;
        }
        while let Ok(Some(())) = timeout(QUIET, self.changes.recv()).await {}
        true
    }
}

/// Watches a folder and those in it. What is watched already stays so.
fn add(watches: &mut Watches, folder: &Path) -> io::Result<()> {
    let mask = WatchMask::CLOSE_WRITE
        | WatchMask::CREATE
        | WatchMask::DELETE
        | WatchMask::MOVED_FROM
        | WatchMask::MOVED_TO;
    watches.add(folder, mask)?;
    for entry in fs::read_dir(folder)?.flatten() {
        if entry.path().is_dir() {
            add(watches, &entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sees(watcher: &mut Watcher) -> bool {
        timeout(Duration::from_millis(700), watcher.changed())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn changes_are_seen_in_new_folders_too_and_reading_is_none() {
        let folder = std::env::temp_dir().join(format!("tenon-watch-{}", std::process::id()));
        let file = folder.join("a/lib.rs");
        fs::create_dir_all(folder.join("a")).unwrap();
        fs::write(&file, "1").unwrap();
        let mut watcher = Watcher::start(std::slice::from_ref(&folder)).unwrap();
        fs::read(&file).unwrap();
        assert!(!sees(&mut watcher).await, "reading changes nothing");
        fs::write(&file, "2").unwrap();
        assert!(sees(&mut watcher).await);
        assert!(!sees(&mut watcher).await, "one save is one change");
        fs::create_dir_all(folder.join("b/c")).unwrap();
        assert!(sees(&mut watcher).await);
        fs::write(folder.join("b/c/new.rs"), "3").unwrap();
        assert!(sees(&mut watcher).await);
        fs::rename(&file, folder.join("a/other.rs")).unwrap();
        assert!(sees(&mut watcher).await, "as many editors save");
        fs::remove_dir_all(&folder).unwrap();
    }
}
