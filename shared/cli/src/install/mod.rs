//! Gets programs into the cache: Odoo with its Python libraries, PostgreSQL, the AWS emulator.
//! Nothing here starts a server.

pub mod apt;
pub mod aws_cli;
pub mod cargo_lambda;
pub mod mdbook;
pub mod ministack;
pub mod odoo;
pub mod postgres;
pub mod python;

use std::path::PathBuf;

pub use ministack::MiniStackFiles;
pub use odoo::OdooFiles;
pub use postgres::PostgresFiles;

use crate::cache::CacheError;
use crate::process::ToolError;

/// Something could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The cache folder is not usable.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// A program of the installation failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// System packages are missing and we may not install them.
    #[error(
        "this machine lacks {missing}, and installing it needs administrator rights; run:\n  {command}\nand try again"
    )]
    NeedsPackages {
        /// What is missing.
        missing: String,
        /// The command that installs it.
        command: String,
    },
    /// No Debian mirror is configured.
    #[error(
        "no Debian mirror is configured in /etc/apt; the pinned Odoo comes from Debian, so this needs Debian 12 or newer"
    )]
    NoMirror,
    /// A download is not what was pinned.
    #[error("{} has SHA-256 {found} instead of the pinned {expected}; delete the file and try again", file.display())]
    WrongDigest {
        /// The file.
        file: PathBuf,
        /// The digest of the file.
        found: String,
        /// The digest in the recipe.
        expected: String,
    },
    /// The package manager said it worked but left no file.
    #[error("the package manager downloaded no {package} into {}; try again, and look into its log there", folder.display())]
    NoPackage {
        /// The package.
        package: String,
        /// Where it should be.
        folder: PathBuf,
    },
    /// A thread of the installation ended without a result.
    #[error("the installation of {0} was interrupted; try again")]
    Interrupted(&'static str),
}
