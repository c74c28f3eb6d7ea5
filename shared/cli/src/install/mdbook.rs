//! mdBook, which makes the pages of `docs/` into a book. It comes from crates.io and is compiled once.

use std::path::PathBuf;
use std::process::Command;

use crate::cache::Cache;
use crate::env;
use crate::install::InstallError;
use crate::process;
use crate::progress::Progress;

const VERSION: &str = "0.5.4";

/// Installs mdBook if it is not there; answers its program.
///
/// # Errors
/// When it cannot be downloaded or compiled.
pub fn ensure(cache: &Cache, progress: &Progress) -> Result<PathBuf, InstallError> {
    let component = cache.component("mdbook", VERSION);
    component.ensure(progress, |folder| {
        let step = progress.step(format!(
            "Compile mdBook {VERSION} (about two minutes, once)"
        ));
        let mut install = Command::new(env::cargo());
        install
            .args(["install", "mdbook", "--version", VERSION, "--locked"])
            // No server, no watching, no search: pages only.
            .args(["--no-default-features", "--quiet", "--root"])
            .arg(folder);
        process::run("compiling mdBook", &install, &cache.log("mdbook"))?;
        step.done();
        Ok::<(), InstallError>(())
    })?;
    Ok(component.folder().join("bin/mdbook"))
}
