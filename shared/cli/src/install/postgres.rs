//! PostgreSQL's programs: those of the machine, or Debian's packages unpacked into the cache, which
//! needs no administrator rights and starts no server behind anyone's back.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{Cache, Component, at};
use crate::install::InstallError;
use crate::install::apt::PrivateApt;
use crate::process;
use crate::progress::Progress;

/// Odoo 19 refuses anything older.
const OLDEST: u32 = 13;

/// Where Debian puts PostgreSQL, below the root of a file system.
const DEBIAN_FOLDER: &str = "usr/lib/postgresql";

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
    unpack_into(
        cache,
        &cache.database_component("postgresql", "the version of this Debian, 1"),
        progress,
    )
}

fn unpack_into(
    cache: &Cache,
    component: &Component,
    progress: &Progress,
) -> Result<PostgresFiles, InstallError> {
    component.ensure(|folder| {
        let step = progress.step("Install PostgreSQL");
        download_and_unpack(folder, &cache.log("postgresql"))?;
        step.done();
        Ok::<(), InstallError>(())
    })?;
    let folder = component.folder();
    find(folder, Some(libraries(folder))).ok_or_else(|| InstallError::NoPackage {
        package: "postgresql".to_owned(),
        folder: folder.to_owned(),
    })
}

/// Downloads PostgreSQL and everything it needs that this machine does not have.
fn download_and_unpack(folder: &Path, log: &Path) -> Result<(), InstallError> {
    let private = folder.join("apt");
    let apt = PrivateApt::with_machine_sources(&private)?;
    apt.update(log)?;
    let mut download = apt.command();
    download.args([
        "install",
        "-y",
        "--no-install-recommends",
        "--download-only",
        "postgresql",
    ]);
    process::run("downloading PostgreSQL", &download, log)?;
    let archives = private.join("cache/archives");
    for package in fs::read_dir(&archives).map_err(at(&archives))?.flatten() {
        if package
            .path()
            .extension()
            .is_some_and(|extension| extension == "deb")
        {
            let mut unpack = Command::new("dpkg-deb");
            unpack.arg("--extract").arg(package.path()).arg(folder);
            process::run("unpacking PostgreSQL", &unpack, log)?;
        }
    }
    fs::remove_dir_all(&private).map_err(at(&private))?;
    Ok(())
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

/// `usr/lib` and the folders of shared libraries directly below it.
fn libraries(root: &Path) -> OsString {
    let base = root.join("usr/lib");
    let below = fs::read_dir(&base)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let folders: Vec<PathBuf> = below
        .filter(|folder| folder.to_string_lossy().ends_with("-linux-gnu"))
        .chain(std::iter::once(base.clone()))
        .collect();
    std::env::join_paths(folders).unwrap_or_default()
}
