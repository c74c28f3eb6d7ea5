//! Odoo 19 from Debian's package, with its Python libraries from pip in a private environment.
//!
//! Debian has it in the suite sid, whatever release this machine runs. Only what a server without
//! its web client needs is unpacked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cache::{Cache, CacheError, at};
use crate::install::InstallError;
use crate::install::apt::PrivateApt;
use crate::install::python::Python;
use crate::process::{self, ToolError};
use crate::progress::{Progress, Step};

const PACKAGE: &str = "odoo-19";
const VERSION: &str = "19.0.0+dfsg-1";
const DIGEST: &str = "9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf";
const SUITE: &str = "sid";

/// Odoo's Python libraries: versions that have wheels for Python 3.11 (Debian 12) and 3.13 (13).
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Left out when unpacking. The dashboards of modules that are left out have to go with them, or
/// Odoo complains about inconsistent module states.
const LEFT_OUT: [&str; 8] = [
    "*/i18n/*",
    "*/static/lib/*",
    "*/static/fonts/*",
    "*/static/tests/*",
    "*/addons/l10n_*",
    "*/addons/pos_*",
    "*/addons/website_*",
    "*/addons/spreadsheet_dashboard_[pw]*",
];

/// Where the package keeps the Python package `odoo`.
const INSIDE: &str = "./usr/lib/python3/dist-packages/odoo";

/// Where to find Odoo.
#[derive(Debug, Clone)]
pub struct OdooFiles {
    /// The folder with the Python package `odoo` in it.
    pub folder: PathBuf,
    /// The Python that has its libraries installed.
    pub python: PathBuf,
    /// Changes whenever the installation would.
    pub recipe: String,
}

impl OdooFiles {
    /// The folder of Odoo's modules.
    #[must_use]
    pub fn addons(&self) -> PathBuf {
        self.folder.join("odoo/addons")
    }
}

/// Installs Odoo if it is not there.
pub fn ensure(
    cache: &Cache,
    python: &Python,
    progress: &Progress,
) -> Result<OdooFiles, InstallError> {
    let left_out = LEFT_OUT.join(" ");
    let recipe = format!(
        "{DIGEST}\n{left_out}\n{REQUIREMENTS}\npython {}",
        python.version()
    );
    let component = cache.component("odoo-19.0.0", &recipe);
    component.ensure(|folder| install(cache, python, folder, progress))?;
    let folder = component.folder().to_owned();
    Ok(OdooFiles {
        python: folder.join("venv/bin/python"),
        folder,
        recipe,
    })
}

/// The Python libraries are installed while the package is downloaded and unpacked.
fn install(
    cache: &Cache,
    python: &Python,
    folder: &Path,
    progress: &Progress,
) -> Result<(), InstallError> {
    let step = progress.step("Install Odoo 19 (about 190 MB to download)");
    std::thread::scope(|scope| {
        let libraries = scope.spawn(|| {
            let requirements = folder.join("requirements.txt");
            fs::write(&requirements, REQUIREMENTS).map_err(at(&requirements))?;
            Ok::<(), InstallError>(python.environment(
                &folder.join("venv"),
                &requirements,
                &cache.log("odoo-pip"),
            )?)
        });
        let package = package(cache, &step, progress)?;
        step.now("unpacking");
        unpack(&package, folder, &cache.log("odoo-unpack"))?;
        step.now("Python libraries");
        libraries
            .join()
            .map_err(|_| InstallError::Interrupted("Odoo's Python libraries"))?
    })?;
    step.done();
    Ok(())
}

/// The package file: the pinned version if it can be had, else the newest with a warning.
fn package(cache: &Cache, step: &Step, progress: &Progress) -> Result<PathBuf, InstallError> {
    let pinned = cache
        .downloads()
        .join(format!("{PACKAGE}_{VERSION}_all.deb"));
    if pinned.exists() {
        verify(&pinned)?;
        return Ok(pinned);
    }
    step.now("reading Debian's package list");
    let log = cache.log("odoo-download");
    let private = cache.downloads().join("apt");
    let (apt, signed) = lists(&private, &log)?;
    step.now("downloading the package");
    let file = match download(&apt, &private, Some(VERSION), &log) {
        Ok(file) => {
            verify(&file)?;
            file
        }
        Err(_) => {
            let signature = if signed {
                "Debian's signature was checked"
            } else {
                "and no signature could be checked"
            };
            progress.warn(&format!(
                "Debian no longer carries {PACKAGE} {VERSION}; taking the newest version, which is not pinned ({signature})"
            ));
            download(&apt, &private, None, &log)?
        }
    };
    let kept = cache.downloads().join(file.file_name().unwrap_or_default());
    fs::rename(&file, &kept).map_err(at(&kept))?;
    fs::remove_dir_all(&private).map_err(at(&private))?;
    Ok(kept)
}

/// Reads the suite's package list, with Debian's signature where this machine knows the key.
fn lists(private: &Path, log: &Path) -> Result<(PrivateApt, bool), InstallError> {
    let signed = PrivateApt::with_suite(private, SUITE, false)?;
    if signed.update(log).is_ok() {
        return Ok((signed, true));
    }
    let unsigned = PrivateApt::with_suite(private, SUITE, true)?;
    unsigned.update(log)?;
    Ok((unsigned, false))
}

fn download(
    apt: &PrivateApt,
    folder: &Path,
    version: Option<&str>,
    log: &Path,
) -> Result<PathBuf, InstallError> {
    let wanted = version.map_or_else(
        || PACKAGE.to_owned(),
        |version| format!("{PACKAGE}={version}"),
    );
    process::run(
        "downloading Odoo",
        apt.command().args(["download", &wanted]),
        log,
    )?;
    let files = fs::read_dir(folder)
        .map_err(at(folder))?
        .flatten()
        .map(|entry| entry.path());
    let mut packages =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "deb"));
    packages.next().ok_or_else(|| InstallError::NoPackage {
        package: wanted,
        folder: folder.to_owned(),
    })
}

/// Compares a file with the pin. The machine's own tool does it in a tenth of the time that our
/// unoptimised build would need.
fn verify(file: &Path) -> Result<(), InstallError> {
    let answer = process::answer(Command::new("sha256sum").arg(file)).unwrap_or_default();
    let found = answer
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    if found == DIGEST {
        return Ok(());
    }
    Err(InstallError::WrongDigest {
        file: file.to_owned(),
        found,
        expected: DIGEST.to_owned(),
    })
}

fn unpack(package: &Path, folder: &Path, log: &Path) -> Result<(), InstallError> {
    const WHAT: &str = "unpacking Odoo";
    let failed = |program: &'static str| {
        move |source| process::not_started(WHAT, program.to_owned(), source)
    };
    let open = || process::open_log(log).map_err(at(log));
    let mut reader = Command::new("dpkg-deb");
    let reader = reader
        .arg("--fsys-tarfile")
        .arg(package)
        .stdout(Stdio::piped())
        .stderr(open()?);
    let mut reader = reader.spawn().map_err(failed("dpkg-deb"))?;
    let archive = reader.stdout.take().map_or_else(Stdio::null, Stdio::from);
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--strip-components=5", "--no-same-owner"])
        .arg("--directory")
        .arg(folder);
    tar.args(LEFT_OUT.map(|pattern| format!("--exclude={pattern}")))
        .arg(INSIDE);
    let status = tar
        .stdin(archive)
        .stdout(open()?)
        .stderr(open()?)
        .status()
        .map_err(failed("tar"))?;
    process::check(WHAT, status, log)?;
    let status = reader.wait().map_err(failed("dpkg-deb"))?;
    Ok::<(), ToolError>(process::check(WHAT, status, log)?)?;
    check_unpacked(folder)
}

fn check_unpacked(folder: &Path) -> Result<(), InstallError> {
    let module = folder.join("odoo/addons/sale_timesheet");
    fs::metadata(&module).map(drop).map_err(|source| {
        InstallError::Cache(CacheError::Refused {
            path: module.clone(),
            source,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_the_pinned_one_is_refused() {
        let file = std::env::temp_dir().join(format!("tenon-not-odoo-{}", std::process::id()));
        fs::write(&file, "abc").unwrap();
        let refused = verify(&file).unwrap_err().to_string();
        assert!(
            refused.contains("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            "{refused}"
        );
        fs::remove_file(&file).unwrap();
    }
}
