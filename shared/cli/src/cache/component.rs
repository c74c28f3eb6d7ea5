//! One installed thing.
//!
//! It lies in a folder of its own, named after its version and the digest of its recipe. It is built
//! in a staging folder and renamed when complete, so that a crash half-way leaves nothing that
//! counts as installed. A lock lets two checkouts install at the same time. What was damaged since
//! is noticed by its [inventory](super::inventory) and installed again.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process;

use crate::cache::inventory::inventory;
use crate::cache::{CacheError, at};
use crate::progress::Progress;

/// The file whose presence says that a component is complete: the digest of its recipe and what it
/// held then.
const MARKER: &str = ".installed";

/// The end of the name of a folder that is being filled. Before it comes the number of our process:
/// what a program of a killed installation still writes, it writes into nobody's folder.
pub(super) const STAGING: &str = ".staging";

/// One installed thing.
#[derive(Debug, Clone)]
pub struct Component {
    name: String,
    folder: PathBuf,
    staging: PathBuf,
    lock: PathBuf,
    digest: String,
}

/// What is where a component belongs.
#[derive(Debug, PartialEq, Eq)]
enum State {
    Absent,
    Whole,
    Damaged,
}

impl Component {
    pub(super) fn new(
        name: &str,
        root: &Path,
        full_name: &str,
        lock: PathBuf,
        digest: String,
    ) -> Self {
        Self {
            name: name.to_owned(),
            folder: root.join(full_name),
            staging: root.join(format!("{full_name}.{}{STAGING}", process::id())),
            lock,
            digest,
        }
    }

    /// Where it is, once installed.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// True when it is complete, made by this recipe, and as it was then.
    #[must_use]
    pub fn is_installed(&self) -> bool {
        self.state() == State::Whole
    }

    fn state(&self) -> State {
        let Ok(marker) = fs::read_to_string(self.folder.join(MARKER)) else {
            return if self.folder.exists() {
                State::Damaged
            } else {
                State::Absent
            };
        };
        match self.marker(&self.folder) {
            Ok(found) if found == marker => State::Whole,
            _ => State::Damaged,
        }
    }

    fn marker(&self, folder: &Path) -> Result<String, CacheError> {
        let found = inventory(folder, MARKER).map_err(at(folder))?;
        Ok(format!("{}\n{found}\n", self.digest))
    }

    /// Installs it unless it is there and whole. `install` fills the staging folder it is given.
    ///
    /// # Errors
    /// Those of `install`, and those of the file system.
    pub fn ensure<E: From<CacheError>>(
        &self,
        progress: &Progress,
        install: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<bool, E> {
        if self.is_installed() {
            return Ok(false);
        }
        let _lock = self.wait_for_lock(progress)?;
        match self.state() {
            State::Whole => return Ok(false),
            State::Absent => {}
            State::Damaged => progress.warn(&format!(
                "{} is damaged: files in {} were deleted or changed; installing it again",
                self.name,
                self.folder.display()
            )),
        }
        remove_if_there(&self.staging)?;
        remove_if_there(&self.folder)?;
        fs::create_dir_all(&self.staging).map_err(at(&self.staging))?;
        install(&self.staging).inspect_err(|_| {
            // What a failed one leaves behind takes room; its log lies elsewhere.
            fs::remove_dir_all(&self.staging).ok();
        })?;
        let marker = self.staging.join(MARKER);
        let text = self.marker(&self.staging)?;
        fs::write(&marker, text).map_err(at(&marker))?;
        fs::rename(&self.staging, &self.folder).map_err(at(&self.folder))?;
        Ok(true)
    }

    fn wait_for_lock(&self, progress: &Progress) -> Result<File, CacheError> {
        let lock = File::create(&self.lock).map_err(at(&self.lock))?;
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(at(&self.lock)(error)),
        }
        let step = progress.step(format!(
            "Another tenon is installing {}; waiting",
            self.name
        ));
        lock.lock().map_err(at(&self.lock))?;
        step.done();
        Ok(lock)
    }
}

fn remove_if_there(folder: &Path) -> Result<(), CacheError> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(at(folder))
    } else {
        Ok(())
    }
}
