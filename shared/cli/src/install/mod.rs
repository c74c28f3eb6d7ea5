//! Gets programs into the cache: Odoo with its Python libraries, PostgreSQL, the AWS emulator, and a
//! browser for the tests. Nothing here starts a server, and nothing asks the network for what is
//! there and whole.

pub mod apt;
pub mod aws_cli;
pub mod browser;
mod debian;
pub mod mdbook;
pub mod ministack;
pub mod odoo;
pub mod pip_program;
pub mod postgres;
pub mod python;
mod release;
pub mod sources;

use std::path::PathBuf;

pub use browser::BrowserFiles;
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
    /// The mirror did not answer, or did not have what was asked for.
    #[error(
        "Debian's packages could not be downloaded from {mirrors}; check the network and try again (only the first run needs it)"
    )]
    MirrorAway {
        /// The addresses in /etc/apt.
        mirrors: String,
        /// What apt said.
        #[source]
        cause: ToolError,
    },
    /// Python's package index did not answer.
    #[error(
        "Python packages could not be installed from the index that pip is configured with; check the network and try again (only the first run needs it)"
    )]
    IndexAway(#[source] ToolError),
    /// The mirror has no version that may be used.
    #[error(
        "the Debian mirror offers no {package} of the series {series} (it has: {offered}); set another mirror in /etc/apt, or take a newer Tenon"
    )]
    NotOffered {
        /// The package.
        package: &'static str,
        /// What its version must begin with.
        series: &'static str,
        /// The versions there are.
        offered: String,
    },
    /// Neither pinned nor signed.
    #[error(
        "Debian no longer offers the pinned {package}, and {version} cannot be trusted: this machine does not know the key of the suite's signature; run:
  sudo apt-get install -y debian-archive-keyring
and try again"
    )]
    Unsigned {
        /// The package.
        package: &'static str,
        /// The version there is.
        version: String,
    },
    /// A download is not what was pinned.
    #[error(
        "{package} came with SHA-256 {found} instead of the pinned {expected}; try again, and if that does not help, set another mirror in /etc/apt"
    )]
    WrongDigest {
        /// The package.
        package: String,
        /// The digest of the file.
        found: String,
        /// The digest in the recipe.
        expected: String,
    },
    /// The package manager said it worked but left no file.
    #[error("the package manager downloaded no {package} into {}; try again", folder.display())]
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
