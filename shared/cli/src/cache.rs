//! The folder outside the tree in which installed components are kept.
//!
//! What is kept there are [`Component`]s. Everything else is logs, locks and downloads, which may be
//! removed at any time.

mod component;
mod inventory;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::env;
use crate::progress::megabytes;

pub use component::Component;

/// The cache cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// None of the three variables is set.
    #[error("there is no place for the cache; set TENON_CACHE to a folder with 3 GB of free space")]
    NoPlace,
    /// The file system refused.
    #[error("the cache cannot use {}; check that the folder is writable and has 3 GB free, or set TENON_CACHE", path.display())]
    Refused {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The disk is too full for what is about to be installed.
    #[error(
        "{what}: this takes {}, and {} are free at {}; free some space, or set TENON_CACHE to a folder elsewhere",
        megabytes(*needed), megabytes(*free), place.display()
    )]
    NoRoom {
        /// What is about to be installed.
        what: String,
        /// Bytes it takes while it is installed.
        needed: u64,
        /// Bytes there are.
        free: u64,
        /// Where.
        place: PathBuf,
    },
}

/// Adds the path to an error of the file system.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> CacheError + '_ {
    move |source| CacheError::Refused {
        path: path.to_owned(),
        source,
    }
}

/// The cache folder.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
    database_root: PathBuf,
}

impl Cache {
    /// The cache of this user: `$TENON_CACHE`, else `$XDG_CACHE_HOME/tenon`, else `~/.cache/tenon`.
    ///
    /// # Errors
    /// When none of these is set, or the folder cannot be created.
    pub fn locate() -> Result<Self, CacheError> {
        Self::at(&env::cache_folder().ok_or(CacheError::NoPlace)?)
    }

    /// A cache in the given folder.
    ///
    /// # Errors
    /// When the folder cannot be created.
    pub fn at(folder: &Path) -> Result<Self, CacheError> {
        fs::create_dir_all(folder).map_err(at(folder))?;
        let root = folder.canonicalize().map_err(at(folder))?;
        let database_root = database_root(&root);
        for folder in ["log", "downloads", "locks", "run"] {
            let folder = root.join(folder);
            fs::create_dir_all(&folder).map_err(at(&folder))?;
        }
        let run = database_root.join("run");
        fs::create_dir_all(&run).map_err(at(&run))?;
        let cache = Self {
            root,
            database_root,
        };
        cache.tidy();
        Ok(cache)
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where databases are kept. PostgreSQL refuses to run as root and so runs as another user;
    /// under a closed home folder (mode 0700) that user could not reach its files.
    #[must_use]
    pub fn database_root(&self) -> &Path {
        &self.database_root
    }

    /// Where downloaded packages are kept.
    #[must_use]
    pub fn downloads(&self) -> PathBuf {
        self.root.join("downloads")
    }

    /// Where running worlds keep their files.
    #[must_use]
    pub fn run_folder(&self) -> PathBuf {
        self.database_root.join("run")
    }

    /// The log of an installation step.
    #[must_use]
    pub fn log(&self, name: &str) -> PathBuf {
        self.root.join("log").join(format!("{name}.log"))
    }

    /// A component that holds no database.
    #[must_use]
    pub fn component(&self, name: &str, recipe: &str) -> Component {
        self.component_in(&self.root, name, recipe)
    }

    /// A component that the user of PostgreSQL must be able to read.
    #[must_use]
    pub fn database_component(&self, name: &str, recipe: &str) -> Component {
        self.component_in(&self.database_root, name, recipe)
    }

    fn component_in(&self, root: &Path, name: &str, recipe: &str) -> Component {
        let digest = digest(recipe.as_bytes());
        let short: String = digest.chars().take(12).collect();
        let full_name = format!("{name}-{short}");
        let lock = self.lock_file(&full_name);
        Component::new(name, root, &full_name, lock, digest)
    }

    /// Refuses to begin what the disk has no room for.
    ///
    /// # Errors
    /// When fewer bytes are free.
    pub fn check_room(&self, what: &str, needed: u64) -> Result<(), CacheError> {
        let there =
            rustix::fs::statvfs(&self.root).map_err(|error| at(&self.root)(error.into()))?;
        let free = there.f_bavail.saturating_mul(there.f_frsize);
        if free >= needed {
            return Ok(());
        }
        Err(CacheError::NoRoom {
            what: what.to_owned(),
            needed,
            free,
            place: self.root.clone(),
        })
    }

    /// The file that is locked while something of this name is installed.
    #[must_use]
    pub fn lock_file(&self, name: &str) -> PathBuf {
        self.root.join("locks").join(name)
    }

    /// Removes what installations that were killed left behind. What is being installed right now
    /// is locked and stays.
    fn tidy(&self) {
        for root in [&self.root, &self.database_root] {
            for entry in fs::read_dir(root).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let Some((name, _process)) = name
                    .strip_suffix(component::STAGING)
                    .and_then(|name| name.rsplit_once('.'))
                else {
                    continue;
                };
                let lock = File::open(self.lock_file(name));
                if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
                    // What cannot be removed now is in the way of nobody.
                    fs::remove_dir_all(entry.path()).ok();
                }
            }
        }
    }

    /// The size of everything in the cache, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        let mut total = size(&self.root);
        if !self.database_root.starts_with(&self.root) {
            total += size(&self.database_root);
        }
        total
    }

    /// Removes the cache.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn remove(&self) -> Result<(), CacheError> {
        for folder in [&self.database_root, &self.root] {
            match fs::remove_dir_all(folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(at(folder)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The cache itself, or for root under a folder closed to others a folder that is open to them.
fn database_root(root: &Path) -> PathBuf {
    let closed = root.ancestors().any(|folder| {
        fs::metadata(folder).is_ok_and(|data| data.permissions().mode() & 0o001 == 0)
    });
    if closed && rustix::process::geteuid().is_root() {
        let short: String = digest(root.as_os_str().as_encoded_bytes())
            .chars()
            .take(12)
            .collect();
        Path::new("/var/tmp").join(format!("tenon-{short}"))
    } else {
        root.to_owned()
    }
}

/// The SHA-256 of some bytes in hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The bytes in a folder.
pub(crate) fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => size(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests;
