//! The AWS command line, to run the commands of the set-up page as they stand.

use std::fs;
use std::path::PathBuf;

use crate::cache::{Cache, at};
use crate::install::InstallError;
use crate::install::python::Python;
use crate::progress::Progress;

const REQUIREMENTS: &str = "awscli==1.46.3\n";

/// Installs it if it is not there; answers the folder of its program `aws`.
///
/// # Errors
/// When it cannot be downloaded.
pub fn ensure(
    cache: &Cache,
    python: &Python,
    progress: &Progress,
) -> Result<PathBuf, InstallError> {
    let version = python.version();
    let component = cache.component("awscli", &format!("{REQUIREMENTS}python {version}"));
    component.ensure(|folder| {
        let step = progress.step("Install the AWS command line");
        let requirements = folder.join("requirements.txt");
        fs::write(&requirements, REQUIREMENTS).map_err(at(&requirements))?;
        python.environment(&folder.join("venv"), &requirements, &cache.log("awscli"))?;
        step.done();
        Ok::<(), InstallError>(())
    })?;
    Ok(component.folder().join("venv/bin"))
}
