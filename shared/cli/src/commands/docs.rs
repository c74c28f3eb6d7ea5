//! `tenon docs`.

use std::process::Command;

use crate::cache::Cache;
use crate::commands::CommandError;
use crate::functions::Workspace;
use crate::install::mdbook;
use crate::process;
use crate::progress::Progress;

/// Makes the pages of `docs/` into a book and says where it is.
pub fn build(progress: &Progress) -> Result<(), CommandError> {
    let cache = Cache::locate()?;
    let workspace = Workspace::read()?;
    let mdbook = mdbook::ensure(&cache, progress)?;
    let mut command = Command::new(mdbook);
    command.arg("build").arg(workspace.root.join("docs"));
    process::run("making the book", &command, &cache.log("book"))?;
    let book = workspace.root.join("target/book/index.html");
    progress.tell(&book.display().to_string());
    Ok(())
}
