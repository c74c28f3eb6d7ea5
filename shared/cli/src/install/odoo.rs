//! Odoo 19 from Debian's package, with its Python libraries from pip in a private environment.
//!
//! What a server with its web client needs is unpacked where the package has it, below a root of our
//! own: the package's links to files of other packages then lead to those unpacked beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cache::{Cache, CacheError, Component, at};
use crate::install::InstallError;
use crate::install::python::Python;
use crate::install::release::Release;
use crate::process::{self, ToolError, bound_to_us};
use crate::progress::Progress;

/// Odoo's Python libraries: versions that have wheels for Python 3.11 (Debian 12) and 3.13 (13).
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Left out when unpacking: nine tenths of the package. The dashboards of modules that are left out
/// have to go with them, or Odoo complains about inconsistent module states.
const LEFT_OUT: [&str; 6] = [
    "*/i18n/*",
    "*/static/tests/*",
    "*/addons/l10n_*",
    "*/addons/pos_*",
    "*/addons/website_*",
    "*/addons/spreadsheet_dashboard_[pw]*",
];

/// Where the package keeps the Python package `odoo`.
const INSIDE: &str = "usr/lib/python3/dist-packages";

/// On disk: the unpacked package, and the libraries.
const PACKAGE_BYTES: u64 = 200_000_000;
const LIBRARY_BYTES: u64 = 260_000_000;
/// The same for everything that a first run installs, and one running world.
const FIRST_RUN_BYTES: u64 = 1_500_000_000;

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

/// Installs Odoo if it is not there: its libraries while the package is downloaded and unpacked.
pub fn ensure(
    cache: &Cache,
    python: &Python,
    progress: &Progress,
) -> Result<OdooFiles, InstallError> {
    if Release::known(cache).is_none() {
        cache.check_room("The first installation", FIRST_RUN_BYTES)?;
    }
    std::thread::scope(|scope| {
        let libraries = scope.spawn(|| libraries(cache, python, progress));
        let (folder, versions) = server(cache, progress)?;
        let environment = libraries
            .join()
            .map_err(|_| InstallError::Interrupted("Odoo's Python libraries"))??;
        let left_out = LEFT_OUT.join(" ");
        let python = python.version();
        Ok(OdooFiles {
            folder: folder.join(INSIDE),
            python: environment.join("bin/python"),
            recipe: format!("{versions}{left_out}\n{REQUIREMENTS}\npython {python}"),
        })
    })
}

/// The environment with Odoo's libraries.
fn libraries(cache: &Cache, python: &Python, progress: &Progress) -> Result<PathBuf, InstallError> {
    let recipe = format!("{REQUIREMENTS}\npython {}", python.version());
    let component = cache.component("odoo-python", &recipe);
    component.ensure(progress, |folder| {
        let what = "Install Odoo's Python libraries";
        cache.check_room(what, LIBRARY_BYTES)?;
        let step = progress.step(format!("{what} (75 MB to download)"));
        let requirements = folder.join("requirements.txt");
        fs::write(&requirements, REQUIREMENTS).map_err(at(&requirements))?;
        python.environment(&folder.join("venv"), &requirements, &cache.log("odoo-pip"))?;
        step.done();
        Ok::<(), InstallError>(())
    })?;
    Ok(component.folder().join("venv"))
}

/// The folder with the unpacked packages, and their versions. The packages are looked for only when
/// they are needed.
fn server(cache: &Cache, progress: &Progress) -> Result<(PathBuf, String), InstallError> {
    if let Some(release) = Release::known(cache) {
        let component = unpacked(cache, &release);
        if component.is_installed() {
            return Ok((component.folder().to_owned(), release.versions));
        }
    }
    let release = Release::ensure(cache, progress)?;
    let component = unpacked(cache, &release);
    component.ensure(progress, |folder| {
        let what = format!("Unpack Odoo {}", release.version());
        cache.check_room(&what, PACKAGE_BYTES)?;
        let step = progress.step(what);
        let log = cache.log("odoo-unpack");
        for (package, part) in release.files() {
            unpack(&package, part, folder, &log)?;
        }
        check_unpacked(folder)?;
        step.done();
        Ok::<(), InstallError>(())
    })?;
    Ok((component.folder().to_owned(), release.versions))
}

fn unpacked(cache: &Cache, release: &Release) -> Component {
    let recipe = format!("{}{}", release.versions, LEFT_OUT.join(" "));
    cache.component(&format!("odoo-{}", release.version()), &recipe)
}

fn unpack(package: &Path, part: &str, folder: &Path, log: &Path) -> Result<(), InstallError> {
    const WHAT: &str = "unpacking Odoo";
    let failed = |program: &'static str| {
        move |source| process::not_started(WHAT, program.to_owned(), source)
    };
    let open = || process::open_log(log).map_err(at(log));
    let mut reader = Command::new("dpkg-deb");
    let mut reader = bound_to_us(reader.arg("--fsys-tarfile").arg(package), None, "TERM");
    let reader = reader.stdout(Stdio::piped()).stderr(open()?);
    let mut reader = reader.spawn().map_err(failed("dpkg-deb"))?;
    let archive = reader.stdout.take().map_or_else(Stdio::null, Stdio::from);
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--no-same-owner"])
        .arg("--directory")
        .arg(folder);
    tar.args(LEFT_OUT.map(|pattern| format!("--exclude={pattern}")))
        .arg(part);
    let status = bound_to_us(&tar, None, "TERM")
        .stdin(archive)
        .stdout(open()?)
        .stderr(open()?)
        .status()
        .map_err(failed("tar"))?;
    process::check(WHAT, status, log)?;
    let status = reader.wait().map_err(failed("dpkg-deb"))?;
    Ok::<(), ToolError>(process::check(WHAT, status, log)?)?;
    Ok(())
}

/// A module that everything needs, and a link that leads to another package.
fn check_unpacked(folder: &Path) -> Result<(), InstallError> {
    let addons = folder.join(INSIDE).join("odoo/addons");
    for file in [
        "sale_timesheet/__manifest__.py",
        "web/static/lib/jquery/jquery.js",
    ] {
        let path = addons.join(file);
        fs::metadata(&path).map_err(|source| CacheError::Refused {
            path: path.clone(),
            source,
        })?;
    }
    Ok(())
}
