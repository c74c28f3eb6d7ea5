//! cargo-lambda, which runs functions outside the emulator and invokes them one by one. Only for
//! those who ask for it.

use std::path::PathBuf;
use std::process::Command;

use crate::cache::Cache;
use crate::install::{InstallError, ministack, python};
use crate::process;
use crate::progress::Progress;

/// The pin.
const PACKAGE: &str = "cargo-lambda==1.9.2";

/// Installs it if it is not there; answers the program.
///
/// # Errors
/// When it cannot be installed; the message says what to do.
pub fn ensure(cache: &Cache, progress: &Progress) -> Result<PathBuf, InstallError> {
    let component = cache.component("cargo-lambda-1.9.2", PACKAGE);
    component.ensure(progress, |folder| {
        let python = python::ensure(cache, progress)?;
        let step = progress.step("Install cargo-lambda 1.9.2");
        // Any environment's pip will do. What the package asks for is a cross compiler, which only
        // `cargo lambda build` needs.
        let mut pip = Command::new(ministack::ensure(cache, &python, progress)?.python);
        pip.args(["-m", "pip", "install", "--disable-pip-version-check"]);
        pip.args(["--no-input", "--no-deps", "--progress-bar=off", "--target"]);
        pip.arg(folder).arg(PACKAGE);
        process::run("installing cargo-lambda", &pip, &cache.log("cargo-lambda"))?;
        step.done();
        Ok::<(), InstallError>(())
    })?;
    Ok(component.folder().join("bin/cargo-lambda"))
}
