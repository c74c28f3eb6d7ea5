//! What the cache holds: Odoo with its Python libraries, PostgreSQL, the AWS emulator, and a
//! database with Odoo's modules installed and our users and products in it.

pub mod apt;
mod ministack;
mod odoo;
mod postgres;
mod python;
mod template;

use std::path::PathBuf;

pub use ministack::MiniStackFiles;
pub use odoo::OdooFiles;
pub use postgres::PostgresFiles;
pub use template::{DATABASE, OdooTemplate};

use crate::cache::{Cache, CacheError};
use crate::process::ToolError;
use crate::progress::Progress;
use crate::stack::{OdooSettings, PostgresServer, StackError};

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
    /// The script that fills the database failed.
    #[error("the Odoo database could not be filled; the last lines of {}:\n{tail}", log.display())]
    Seed {
        /// What Odoo said.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// A server needed by the installation did not start.
    #[error("the template database could not be made")]
    Server(#[source] Box<StackError>),
    /// A thread of the installation ended without a result.
    #[error("the installation of {0} was interrupted; try again")]
    Interrupted(&'static str),
}

impl From<StackError> for InstallError {
    fn from(error: StackError) -> Self {
        Self::Server(Box::new(error))
    }
}

/// Everything that a running world needs.
#[derive(Debug, Clone)]
pub struct Installed {
    /// The cache it lies in.
    pub cache: Cache,
    /// PostgreSQL's programs.
    pub postgres: PostgresFiles,
    /// Odoo and its Python.
    pub odoo: OdooFiles,
    /// The AWS emulator.
    pub ministack: MiniStackFiles,
    /// The database that worlds are copied from.
    pub template: OdooTemplate,
}

impl Installed {
    /// Installs what is missing, side by side where possible. Fast when all is there.
    ///
    /// # Errors
    /// When something cannot be installed; the message says what to do.
    pub fn ensure(cache: &Cache, progress: &Progress) -> Result<Self, InstallError> {
        let python = python::ensure(cache, progress)?;
        std::thread::scope(|scope| {
            let ministack = scope.spawn(|| ministack::ensure(cache, &python, progress));
            let postgres = scope.spawn(|| postgres::ensure(cache, progress));
            let odoo = odoo::ensure(cache, &python, progress)?;
            let postgres = postgres
                .join()
                .map_err(|_| InstallError::Interrupted("PostgreSQL"))??;
            let template = template::ensure(cache, &odoo, &postgres, progress)?;
            let ministack = ministack
                .join()
                .map_err(|_| InstallError::Interrupted("MiniStack"))??;
            Ok(Self {
                cache: cache.clone(),
                postgres,
                odoo,
                ministack,
                template,
            })
        })
    }
}
