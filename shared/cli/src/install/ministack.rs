//! MiniStack, the AWS emulator that runs native Lambda bootstraps without Docker.

use std::fs;
use std::path::PathBuf;

use crate::cache::{Cache, at};
use crate::install::InstallError;
use crate::install::python::Python;
use crate::progress::Progress;

/// The pins. The translator turns the SAM template into plain resources, as AWS does.
const REQUIREMENTS: &str = "ministack==1.5.33\naws-sam-translator==1.114.0\n";

/// On disk.
const BYTES: u64 = 130_000_000;

/// Where to find MiniStack.
#[derive(Debug, Clone)]
pub struct MiniStackFiles {
    /// The Python that has it installed.
    pub python: PathBuf,
}

/// Installs MiniStack if it is not there.
pub fn ensure(
    cache: &Cache,
    python: &Python,
    progress: &Progress,
) -> Result<MiniStackFiles, InstallError> {
    let version = python.version();
    let component = cache.component(
        "ministack-1.5.33",
        &format!("{REQUIREMENTS}python {version}"),
    );
    component.ensure(progress, |folder| {
        let what = "Install MiniStack 1.5.33 (AWS emulator)";
        cache.check_room(what, BYTES)?;
        let step = progress.step(what);
        let requirements = folder.join("requirements.txt");
        fs::write(&requirements, REQUIREMENTS).map_err(at(&requirements))?;
        python.environment(&folder.join("venv"), &requirements, &cache.log("ministack"))?;
        step.done();
        Ok::<(), InstallError>(())
    })?;
    Ok(MiniStackFiles {
        python: component.folder().join("venv/bin/python"),
    })
}
