//! The folder outside the tree in which installed components are kept.
//!
//! A component lies in its own folder, named after its version and the digest of its recipe. It is
//! built in a staging folder and renamed when complete, so a crash half-way leaves nothing that
//! counts as installed. A lock per component lets two checkouts install at the same time.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::env;

/// The file whose presence says that a component is complete; it holds the digest of the recipe.
const MARKER: &str = ".installed";

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
        Ok(Self {
            root,
            database_root,
        })
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
        let folder = root.join(format!("{name}-{short}"));
        let lock = self.root.join("locks").join(format!("{name}-{short}"));
        Component {
            folder,
            lock,
            digest,
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

/// One installed thing.
#[derive(Debug, Clone)]
pub struct Component {
    folder: PathBuf,
    lock: PathBuf,
    digest: String,
}

impl Component {
    /// Where it is, once installed.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// True when it is complete and made by this recipe.
    #[must_use]
    pub fn is_installed(&self) -> bool {
        fs::read_to_string(self.folder.join(MARKER)).is_ok_and(|digest| digest == self.digest)
    }

    /// Installs it if it is not there. `install` fills the staging folder it is given.
    ///
    /// # Errors
    /// Those of `install`, and those of the file system.
    pub fn ensure<E: From<CacheError>>(
        &self,
        install: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<bool, E> {
        if self.is_installed() {
            return Ok(false);
        }
        let lock = File::create(&self.lock).map_err(at(&self.lock))?;
        lock.lock().map_err(at(&self.lock))?;
        if self.is_installed() {
            return Ok(false);
        }
        let staging = self.folder.with_extension("staging");
        remove_if_there(&staging)?;
        remove_if_there(&self.folder)?;
        fs::create_dir_all(&staging).map_err(at(&staging))?;
        install(&staging)?;
        let marker = staging.join(MARKER);
        fs::write(&marker, &self.digest).map_err(at(&marker))?;
        fs::rename(&staging, &self.folder).map_err(at(&self.folder))?;
        Ok(true)
    }
}

fn remove_if_there(folder: &Path) -> Result<(), CacheError> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(at(folder))
    } else {
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

fn size(folder: &Path) -> u64 {
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
mod tests {
    use super::*;

    fn scratch(name: &str) -> Cache {
        let folder =
            std::env::temp_dir().join(format!("tenon-cache-test-{}-{name}", std::process::id()));
        Cache::at(&folder).unwrap()
    }

    #[test]
    fn a_failed_installation_does_not_count() {
        let cache = scratch("failed");
        let component = cache.component("thing", "recipe 1");
        let failed = component.ensure(|folder| {
            fs::write(folder.join("half"), "x").unwrap();
            Err(CacheError::NoPlace)
        });
        assert!(failed.is_err());
        assert!(!component.is_installed());
        assert!(component.ensure::<CacheError>(|_| Ok(())).unwrap());
        assert!(!component.folder().join("half").exists());
        cache.remove().unwrap();
    }

    #[test]
    fn another_recipe_is_another_installation() {
        let cache = scratch("recipe");
        cache
            .component("thing", "recipe 1")
            .ensure::<CacheError>(|_| Ok(()))
            .unwrap();
        assert!(cache.component("thing", "recipe 1").is_installed());
        assert!(!cache.component("thing", "recipe 2").is_installed());
        assert!(
            !cache
                .component("thing", "recipe 1")
                .ensure::<CacheError>(|_| panic!("again"))
                .unwrap()
        );
        cache.remove().unwrap();
    }

    #[test]
    fn a_digest_is_hexadecimal() {
        assert_eq!(
            digest(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
