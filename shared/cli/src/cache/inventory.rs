//! What a folder held when it was complete, in one line: enough to notice at every start that files
//! were deleted, cut short or changed since, without reading them.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Python writes its compiled modules here whenever it likes.
const COMPILED: &str = "__pycache__";

#[derive(Debug, Default)]
struct Inventory {
    files: u64,
    bytes: u64,
    newest: i64,
}

/// The inventory of a folder, without the file called `except` at its top.
///
/// # Errors
/// When a folder cannot be read.
pub fn inventory(folder: &Path, except: &str) -> io::Result<String> {
    let mut found = Inventory::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() != except {
            found.count(&entry.path(), &entry.metadata()?)?;
        }
    }
    let Inventory {
        files,
        bytes,
        newest,
    } = found;
    Ok(format!(
        "{files} files of {bytes} bytes, last changed at {newest}"
    ))
}

impl Inventory {
    fn count(&mut self, path: &Path, data: &Metadata) -> io::Result<()> {
        if data.is_dir() {
            if path.ends_with(COMPILED) {
                return Ok(());
            }
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                self.count(&entry.path(), &entry.metadata()?)?;
            }
        } else if data.is_symlink() {
            // A link may lead to a file of the machine, such as its Python, which is allowed to be
            // updated but not to go away.
            self.files += u64::from(path.exists());
        } else {
            self.files += 1;
            self.bytes += data.len();
            self.newest = self.newest.max(data.mtime());
        }
        Ok(())
    }
}
