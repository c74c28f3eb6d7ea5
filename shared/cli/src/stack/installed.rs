//! Everything a running world is made from, and the order in which it is installed.

use crate::cache::Cache;
use crate::install::{MiniStackFiles, OdooFiles, PostgresFiles, ministack, odoo, postgres, python};
use crate::progress::Progress;
use crate::stack::StackError;
use crate::stack::template::{self, OdooTemplate};

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
    pub fn ensure(cache: &Cache, progress: &Progress) -> Result<Self, StackError> {
        let python = python::ensure(cache, progress)?;
        std::thread::scope(|scope| {
            let ministack = scope.spawn(|| ministack::ensure(cache, &python, progress));
            let postgres = scope.spawn(|| postgres::ensure(cache, progress));
            let odoo = odoo::ensure(cache, &python, progress)?;
            let postgres = postgres.join().map_err(|_| StackError::Interrupted)??;
            let template = template::ensure(cache, &odoo, &postgres, progress)?;
            let ministack = ministack.join().map_err(|_| StackError::Interrupted)??;
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

/// Installs the AWS emulator alone: what a world needs whose Odoo is somebody else's.
pub(super) fn emulator(cache: &Cache, progress: &Progress) -> Result<MiniStackFiles, StackError> {
    let python = python::ensure(cache, progress)?;
    Ok(ministack::ensure(cache, &python, progress)?)
}
