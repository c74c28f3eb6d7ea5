//! The AWS command line, to run the commands of the set-up page as they stand.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::cache::{Cache, at};
use crate::install::InstallError;
use crate::install::python::Python;
use crate::progress::Progress;

const REQUIREMENTS: &str = "awscli==1.46.3\n";

const PROGRAM: &str = "#!/bin/sh\nexec \"$(dirname \"$0\")/venv/bin/python\" -m awscli \"$@\"\n";

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
    let component = cache.component(
        "awscli",
        &format!("{REQUIREMENTS}{PROGRAM}python {version}"),
    );
    component.ensure(progress, |folder| {
        let step = progress.step("Install the AWS command line");
        let requirements = folder.join("requirements.txt");
        fs::write(&requirements, REQUIREMENTS).map_err(at(&requirements))?;
        python.environment(&folder.join("venv"), &requirements, &cache.log("awscli"))?;
        place_program(&folder.join("aws"))?;
        step.done();
        Ok::<(), InstallError>(())
    })?;
    Ok(component.folder().to_owned())
}

/// The program that pip makes names the folder it was installed in, which is renamed afterwards.
fn place_program(program: &Path) -> Result<(), InstallError> {
    fs::write(program, PROGRAM).map_err(at(program))?;
    fs::set_permissions(program, Permissions::from_mode(0o755)).map_err(at(program))?;
    Ok(())
}
