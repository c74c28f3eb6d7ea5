//! PostgreSQL and Odoo of one world, with a database of their own.

use std::sync::Arc;

use crate::stack::{Installed, OdooServer, PostgresServer, RunFolder, StackError, odoo};

/// PostgreSQL and Odoo with a fresh database: what a test of the Odoo client alone needs.
#[derive(Debug)]
pub struct OdooWorld {
    // In the order in which they must end.
    odoo: OdooServer,
    postgres: PostgresServer,
    run: Arc<RunFolder>,
}

impl OdooWorld {
    /// Starts PostgreSQL on a copy of the template, then Odoo, and waits until it answers calls.
    ///
    /// # Errors
    /// When a server does not start; the logs stay then.
    pub fn start(installed: &Installed) -> Result<Self, StackError> {
        let run = Arc::new(RunFolder::create(&installed.cache)?);
        let started = Self::launch(installed, Arc::clone(&run)).and_then(|mut world| {
            world.odoo.wait()?;
            Ok(world)
        });
        started.inspect_err(|_| run.keep_logs())
    }

    /// Starts both without waiting for Odoo.
    pub(super) fn launch(installed: &Installed, run: Arc<RunFolder>) -> Result<Self, StackError> {
        let cluster = run.path("postgresql");
        let log = run.path("start.log");
        PostgresServer::copy_cluster(&installed.template.cluster, &cluster, &log)?;
        odoo::copy_files(&installed.template.files, &run.path("odoo"), &log)?;
        let postgres =
            PostgresServer::start(&installed.postgres, &cluster, &run.path("postgresql.log"))?;
        let odoo = OdooServer::launch(&installed.odoo, postgres.socket_folder(), &run)?;
        Ok(Self {
            odoo,
            postgres,
            run,
        })
    }

    /// Odoo's address.
    #[must_use]
    pub fn url(&self) -> &str {
        self.odoo.url()
    }

    /// Odoo, to stop and start it.
    pub const fn odoo(&mut self) -> &mut OdooServer {
        &mut self.odoo
    }

    /// PostgreSQL, to look behind Odoo's back.
    #[must_use]
    pub const fn postgres(&self) -> &PostgresServer {
        &self.postgres
    }

    /// The folder with the logs.
    #[must_use]
    pub fn run_folder(&self) -> &RunFolder {
        &self.run
    }
}
