//! PostgreSQL's programs: those of the machine, or Debian's packages unpacked into the cache, which
//! needs no administrator rights and starts no server behind anyone's back.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::Cache;
use crate::install::InstallError;
use crate::install::apt::Wanted;
use crate::install::debian::{self, libraries};
use crate::progress::Progress;

/// Odoo 19 refuses anything older.
const OLDEST: u32 = 13;

/// Where Debian puts PostgreSQL, below the root of a file system.
const DEBIAN_FOLDER: &str = "usr/lib/postgresql";

/// On disk, with the packages while they are unpacked.
const BYTES: u64 = 450_000_000;

/// Where to find PostgreSQL.
#[derive(Debug, Clone)]
pub struct PostgresFiles {
    programs: PathBuf,
    libraries: Option<OsString>,
    major: u32,
}

impl PostgresFiles {
    /// The major version, which a database cannot be moved across.
    #[must_use]
    pub const fn major(&self) -> u32 {
        self.major
    }

    /// Makes the libraries that came with the programs known to a command that runs one of them.
    pub fn prepare(&self, command: &mut Command) {
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
    }

    /// The path of a program such as `psql`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }
}

/// Finds PostgreSQL or installs it into the cache.
pub fn ensure(cache: &Cache, progress: &Progress) -> Result<PostgresFiles, InstallError> {
    if let Some(files) = find(Path::new("/"), None) {
        return Ok(files);
    }
    let component = cache.database_component("postgresql", "the version of this Debian, 2");
    component.ensure(progress, |folder| {
        const WHAT: &str = "Install PostgreSQL";
        cache.check_room(WHAT, BYTES)?;
        let step = progress.step(WHAT);
        let packages = [Wanted::WithDependencies(&["postgresql"])];
        debian::install(cache, &packages, folder, &step, &cache.log("postgresql"))?;
        step.done();
        Ok::<(), InstallError>(())
    })?;
    let folder = component.folder();
    find(folder, Some(libraries(folder))).ok_or_else(|| InstallError::NoPackage {
        package: "postgresql".to_owned(),
        folder: folder.to_owned(),
    })
}

/// The newest usable version below `root`.
fn find(root: &Path, libraries: Option<OsString>) -> Option<PostgresFiles> {
    let versions = fs::read_dir(root.join(DEBIAN_FOLDER)).ok()?.flatten();
    versions
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(major, programs)| {
            *major >= OLDEST && programs.join("postgres").exists() && programs.join("psql").exists()
        })
        .max_by_key(|(major, _)| *major)
        .map(|(major, programs)| PostgresFiles {
            programs,
            libraries,
            major,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(root: &Path, major: &str, programs: &[&str]) {
        let folder = root.join(DEBIAN_FOLDER).join(major).join("bin");
        fs::create_dir_all(&folder).unwrap();
        for program in programs {
            fs::write(folder.join(program), "").unwrap();
        }
    }

    #[test]
    fn a_postgresql_that_odoo_refuses_does_not_count() {
        let root = std::env::temp_dir().join(format!("tenon-postgresql-{}", std::process::id()));
        put(&root, "9.6", &["postgres", "psql"]);
        put(&root, "11", &["postgres", "psql"]);
        // Only the client of a newer one.
        put(&root, "17", &["psql"]);
        assert!(find(&root, None).is_none());
        put(&root, "13", &["postgres", "psql"]);
        put(&root, "15", &["postgres", "psql"]);
        assert_eq!(find(&root, None).unwrap().major(), 15);
        fs::remove_dir_all(&root).unwrap();
    }
}
