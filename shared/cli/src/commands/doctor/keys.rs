//! The file with the API keys of an Odoo's service users.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use odoo::ApiKey;
use odoo::doctor::needs::SERVICE_USERS;
use odoo::doctor::{Finding, Keys};

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
        /// The service user.
        user: &'static str,
    },
}

/// The four keys, and a warning for every file that others may read.
pub fn read(file: &Path) -> Result<(Keys, Vec<Finding>), KeysError> {
    let text = content(file)?;
    let not_toml = || KeysError::NotToml {
        file: file.to_owned(),
    };
    let named: BTreeMap<String, String> = toml::from_str(&text).map_err(|_| not_toml())?;
    let mut warnings: Vec<Finding> = open_to_others(file).into_iter().collect();
    let mut key = |user: &'static str| {
        let value = named.get(user).ok_or_else(|| KeysError::Missing {
            file: file.to_owned(),
            user,
        })?;
        let Some(path) = value.strip_prefix(FILE).map(Path::new) else {
            return Ok(ApiKey::new(value));
        };
        warnings.extend(open_to_others(path));
        Ok(ApiKey::new(content(path)?.trim()))
    };
    let [master, work, billing, read] = SERVICE_USERS.map(|user| user.name);
    let keys = Keys {
        master: key(master)?,
        work: key(work)?,
        billing: key(billing)?,
        read: key(read)?,
    };
    Ok((keys, warnings))
}

fn content(file: &Path) -> Result<String, KeysError> {
    fs::read_to_string(file).map_err(|source| KeysError::Unreadable {
        file: file.to_owned(),
        source,
    })
}

fn open_to_others(file: &Path) -> Option<Finding> {
    let mode = fs::metadata(file).ok()?.permissions().mode();
    (mode & OTHERS != 0).then(|| {
        let found = format!("others may read {}", file.display());
        Finding::warning("keys file", found, format!("chmod 600 {}", file.display()))
    })
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
        let (_, warnings) = read(&file).unwrap();
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].found.ends_with("inner"), "{warnings:?}");
        fs::remove_file(inner).unwrap();
        assert!(matches!(read(&file), Err(KeysError::Unreadable { .. })));
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_used_is_never_repeated() {
        for (name, text) in [
            ("toml", "master = very-secret"),
            ("lacks", "master = \"very-secret\""),
        ] {
            let file = scratch(name, text, 0o600);
            let Err(error) = read(&file) else {
                panic!("{name} was read");
            };
            assert!(!format!("{error} {error:?}").contains("very-secret"));
            fs::remove_file(file).unwrap();
        }
    }
}
