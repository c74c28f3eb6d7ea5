//! Programs from Debian's packages, unpacked into a folder of ours: no administrator rights are
//! needed, no service is started, and nothing on the machine changes.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{Cache, at};
use crate::install::InstallError;
use crate::install::apt::{PrivateApt, Wanted};
use crate::process;
use crate::progress::Step;

/// Downloads packages of this machine's own Debian release and unpacks them into `folder`.
pub fn install(
    cache: &Cache,
    packages: &[Wanted<'_>],
    folder: &Path,
    step: &Step,
    log: &Path,
) -> Result<(), InstallError> {
    step.now("reading Debian's package list");
    let apt = PrivateApt::machine(cache, log)?;
    let arriving = folder.join("arriving");
    for &wanted in packages {
        let files = apt.fetch(wanted, &arriving, step, log)?;
        step.now("unpacking");
        for file in files {
            let mut unpack = Command::new("dpkg-deb");
            unpack.arg("--extract").arg(&file).arg(folder);
            process::run("unpacking a Debian package", &unpack, log)?;
            fs::remove_file(&file).map_err(at(&file))?;
        }
    }
    Ok(fs::remove_dir_all(&arriving).map_err(at(&arriving))?)
}

/// Every folder of shared libraries below a root: `usr/lib`, those of the machine's kind in it, and
/// the private ones in these.
pub fn libraries(root: &Path) -> OsString {
    let base = root.join("usr/lib");
    let of_the_machine: Vec<PathBuf> = folders(&base)
        .filter(|folder| folder.to_string_lossy().ends_with("-linux-gnu"))
        .collect();
    let private = of_the_machine
        .iter()
        .flat_map(|folder| folders(folder))
        .filter(|folder| has_library(folder));
    let all: Vec<PathBuf> = of_the_machine
        .iter()
        .cloned()
        .chain(private)
        .chain(std::iter::once(base))
        .collect();
    std::env::join_paths(all).unwrap_or_default()
}

fn folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
}

fn has_library(folder: &Path) -> bool {
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.any(|entry| entry.file_name().to_string_lossy().contains(".so"))
}
