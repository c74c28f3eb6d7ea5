//! The file with the API keys of an Odoo's users.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// What a value begins with that names a file with the key instead of being it.
const FILE: &str = "file:";
/// Read or written by group or others.
const OTHERS: u32 = 0o077;

/// The file with the keys cannot be used. No message repeats anything of it.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// It, or a file that it names, cannot be read.
    #[error("the file with the keys {} cannot be read; check its name and rights", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is not TOML of names and texts.
    #[error("{} is not a list of keys; write lines like: master = \"the key\"", file.display())]
    NotToml {
        /// The file.
        file: PathBuf,
    },
    /// A user has none.
    #[error(
        "{} has no key for `{user}`; write {user} = \"the key\", or {user} = \"file:/a/file/with/it\"",
        file.display()
    )]
    Missing {
        /// The file.
        file: PathBuf,
        /// The user.
        user: &'static str,
    },
}

/// The content of such a file. It has no `Debug`.
pub struct KeysFile {
    file: PathBuf,
    keys: BTreeMap<String, String>,
    open_to_others: Vec<PathBuf>,
}

impl KeysFile {
    /// Reads a file of lines like `master = "the key"`, and the files that it names.
    ///
    /// # Errors
    /// When one of them cannot be read, or it is not such a file.
    pub fn read(file: &Path) -> Result<Self, KeysError> {
        let not_toml = |_| KeysError::NotToml {
            file: file.to_owned(),
        };
        let named: BTreeMap<String, String> = toml::from_str(&content(file)?).map_err(not_toml)?;
        let mut files = vec![file.to_owned()];
        let mut keys = BTreeMap::new();
        for (user, value) in named {
            let key = match value.strip_prefix(FILE).map(PathBuf::from) {
                None => value,
                Some(inner) => {
                    let key = content(&inner)?.trim().to_owned();
                    files.push(inner);
                    key
                }
            };
            keys.insert(user, key);
        }
        files.retain(|file| is_open_to_others(file));
        Ok(Self {
            file: file.to_owned(),
            keys,
            open_to_others: files,
        })
    }

    /// The key of a user.
    ///
    /// # Errors
    /// When the file has none.
    pub fn key(&self, user: &'static str) -> Result<&str, KeysError> {
        let missing = || KeysError::Missing {
            file: self.file.clone(),
            user,
        };
        self.keys.get(user).map(String::as_str).ok_or_else(missing)
    }

    /// The files with keys that others on this machine may read.
    #[must_use]
    pub fn open_to_others(&self) -> &[PathBuf] {
        &self.open_to_others
    }
}

fn content(file: &Path) -> Result<String, KeysError> {
    fs::read_to_string(file).map_err(|source| KeysError::Unreadable {
        file: file.to_owned(),
        source,
    })
}

fn is_open_to_others(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|data| data.permissions().mode() & OTHERS != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str, text: &str, mode: u32) -> PathBuf {
        let file = std::env::temp_dir().join(format!("tenon-keys-{}-{name}", std::process::id()));
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn a_key_may_stand_in_a_file_and_what_others_may_read_is_told() {
        let inner = scratch("inner", "k-work\n", 0o640);
        let lines = format!(
            "master = \"k\"\nwork = \"file:{}\"\nbilling = \"k\"\nread = \"k\"\nfinance = \"k\"\n",
            inner.display()
        );
        let file = scratch("outer", &lines, 0o600);
        let keys = KeysFile::read(&file).unwrap();
        assert_eq!(keys.key("work").unwrap(), "k-work");
        assert_eq!(keys.open_to_others(), std::slice::from_ref(&inner));
        fs::remove_file(inner).unwrap();
        let lost = KeysFile::read(&file);
        assert!(matches!(lost, Err(KeysError::Unreadable { .. })));
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_used_is_never_repeated() {
        for (name, text) in [
            ("toml", "master = very-secret"),
            ("lacks", "master = \"very-secret\""),
        ] {
            let file = scratch(name, text, 0o600);
            let read = KeysFile::read(&file).and_then(|keys| keys.key("work").map(drop));
            let error = read.unwrap_err();
            assert!(!format!("{error} {error:?}").contains("very-secret"));
            fs::remove_file(file).unwrap();
        }
    }
}
