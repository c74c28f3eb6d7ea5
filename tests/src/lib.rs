//! What the tests of the whole share: the deployed functions and their logs, a proxy at which
//! calls, answers and callers get lost, and the steps that bring a firm to where a test begins.
//!
//! Every test program opens one [`cli::story::Firm`]: a real Odoo, the emulated account with its
//! permissions enforced, and our functions deployed from the one template.

pub mod asked;
pub mod books;
pub mod browser;
pub mod deployed;
pub mod emulator;
pub mod fault;
pub mod fault_proxy;
pub mod kill;
pub mod large_stack;
pub mod ledger_table;
pub mod logs;
pub mod outage;
pub mod pages;
pub mod pictures;
pub mod private;
pub mod protocol;
pub mod steps;
pub mod two_accounts;
pub mod typed;
pub mod vendors;

/// The text of a file of this repository.
///
/// # Panics
/// When there is no such file.
pub fn file(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The top folder of this repository.
pub fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this crate is a folder of the repository")
        .to_owned()
}

/// The Rust files below a folder.
pub fn rust_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// All Rust files of this repository with their text.
///
/// # Panics
/// When one of them is no text.
pub fn all_code() -> Vec<(std::path::PathBuf, String)> {
    let folders = ["functions", "shared", "tests"].map(|folder| rust_files(&root().join(folder)));
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a source file is text");
        (path, text)
    };
    folders.into_iter().flatten().map(read).collect()
}
