//! Python with `venv`, and the few system packages that only the machine's package manager can give.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::Cache;
use crate::env;
use crate::install::InstallError;
use crate::process;
use crate::progress::Progress;

/// Prints nothing and succeeds where Odoo 19 can run and virtual environments can be made.
const CHECK: &str = "import ensurepip, venv, ssl, sys; assert sys.version_info >= (3, 10)";

/// The zone that Odoo asks every database connection for.
const TIME_ZONE: &str = "/usr/share/zoneinfo/UTC";

/// Where Debian has its own Python.
const DEBIANS: &str = "/usr/bin";

/// A Python that can make virtual environments.
#[derive(Debug, Clone)]
pub struct Python {
    program: PathBuf,
}

impl Python {
    /// Its version, such as `3.11`: an environment made by one is of no use to another.
    pub fn version(&self) -> String {
        let script = "import sys; print('%d.%d' % sys.version_info[:2])";
        process::answer(Command::new(&self.program).args(["-c", script])).unwrap_or_default()
    }

    /// Makes a virtual environment in `folder` with the pinned packages of a requirements file.
    pub fn environment(
        &self,
        folder: &Path,
        requirements: &Path,
        log: &Path,
    ) -> Result<(), InstallError> {
        let mut command = Command::new(&self.program);
        process::run(
            "making a Python environment",
            command.args(["-m", "venv"]).arg(folder),
            log,
        )?;
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args([
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-input",
            "--retries",
            "5",
        ]);
        pip.arg("--progress-bar=off")
            .arg("--requirement")
            .arg(requirements);
        process::run("installing Python packages", &pip, log).map_err(InstallError::IndexAway)
    }
}

/// Finds Python and installs the missing system packages where that is allowed.
pub fn ensure(cache: &Cache, progress: &Progress) -> Result<Python, InstallError> {
    if let (Some(python), true) = (find(), Path::new(TIME_ZONE).exists()) {
        return Ok(python);
    }
    let missing = missing_packages();
    let step = progress.step(format!("Install system packages: {}", missing.join(" ")));
    let Some(prefix) = administrator() else {
        return Err(needs(&missing));
    };
    let log = cache.log("system");
    let apt = |arguments: &[&str]| {
        let mut words = prefix.iter().copied().chain(["apt-get", "-q"]);
        let mut command = Command::new(words.next().unwrap_or("apt-get"));
        command
            .args(words)
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        process::run("installing system packages", &command, &log)
    };
    apt(&["update"])?;
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(&missing);
    apt(&install)?;
    step.done();
    find().ok_or_else(|| needs(&missing))
}

fn needs(missing: &[&str]) -> InstallError {
    let missing = missing.join(" ");
    let command = format!("apt-get update && apt-get install -y --no-install-recommends {missing}");
    InstallError::NeedsPackages {
        command: format!("sudo sh -c '{command}'"),
        missing,
    }
}

fn missing_packages() -> Vec<&'static str> {
    let mut missing = Vec::new();
    if find().is_none() {
        missing.extend(["python3", "python3-venv"]);
    }
    if !Path::new(TIME_ZONE).exists() {
        missing.push("tzdata");
    }
    missing
}

/// What to put before a command that needs administrator rights, if we can have them unasked.
fn administrator() -> Option<&'static [&'static str]> {
    if rustix::process::geteuid().is_root() {
        return Some(&[]);
    }
    process::answer(Command::new("sudo").args(["-n", "true"])).map(|_| ["sudo", "-n"].as_slice())
}

/// Debian's own Python first: one from a version manager often lacks parts and may go away.
fn find() -> Option<Python> {
    let mut folders = env::program_folders();
    folders.sort_by_key(|folder| folder != Path::new(DEBIANS));
    let programs = folders.into_iter().map(|folder| folder.join("python3"));
    programs
        .filter(|program| program.exists())
        .find(|program| process::answer(Command::new(program).args(["-c", CHECK])).is_some())
        .map(|program| Python { program })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// Makes an environment whose Python is itself, and cannot reach a package index.
    const LONELY: &str = "#!/bin/sh\ncase \"$*\" in\n  *venv*) mkdir -p \"$3/bin\"; cp \"$0\" \"$3/bin/python\" ;;\n  \
        *) echo 'Could not fetch URL https://index.test/simple/' >&2; exit 1 ;;\nesac\n";

    #[test]
    fn a_package_index_that_is_away_is_said_so() {
        let folder = std::env::temp_dir().join(format!("tenon-pip-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let program = folder.join("python3");
        fs::write(&program, LONELY).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let (requirements, log) = (folder.join("requirements.txt"), folder.join("log"));
        let python = Python { program };
        let failed = python.environment(&folder.join("venv"), &requirements, &log);
        let failed = failed.unwrap_err();
        assert!(
            failed
                .to_string()
                .contains("the index that pip is configured with")
        );
        let InstallError::IndexAway(cause) = failed else {
            panic!("{failed}");
        };
        assert!(
            cause
                .to_string()
                .contains("Could not fetch URL https://index.test/simple/")
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
