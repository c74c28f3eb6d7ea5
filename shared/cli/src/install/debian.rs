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

/// Every folder of shared libraries below a root: `usr/lib` and, in older packages, `lib`; those of
/// the machine's kind in them, and the private ones in these.
pub fn libraries(root: &Path) -> OsString {
    let bases = ["usr/lib", "lib"].map(|base| root.join(base));
    let of_the_machine: Vec<PathBuf> = bases
        .iter()
        .flat_map(|base| folders(base))
        .filter(|folder| folder.to_string_lossy().ends_with("-linux-gnu"))
        .collect();
    let private: Vec<PathBuf> = of_the_machine
        .iter()
        .flat_map(|folder| folders(folder))
        .filter(|folder| has_library(folder))
        .collect();
    let all = of_the_machine.into_iter().chain(private).chain(bases);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_found_wherever_packages_put_them() {
        let root = std::env::temp_dir().join(format!("tenon-libraries-{}", std::process::id()));
        for file in [
            "usr/lib/x86_64-linux-gnu/libnss3.so",
            "usr/lib/x86_64-linux-gnu/pulseaudio/libpulsecommon-16.1.so",
            "usr/lib/x86_64-linux-gnu/pkgconfig/nss.pc",
            "lib/x86_64-linux-gnu/libexpat.so.1",
        ] {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let found: Vec<PathBuf> = std::env::split_paths(&libraries(&root)).collect();
        let expected = [
            "usr/lib/x86_64-linux-gnu",
            "lib/x86_64-linux-gnu",
            "usr/lib/x86_64-linux-gnu/pulseaudio",
            "usr/lib",
            "lib",
        ];
        assert_eq!(found, expected.map(|folder| root.join(folder)));
        fs::remove_dir_all(&root).unwrap();
    }
}
