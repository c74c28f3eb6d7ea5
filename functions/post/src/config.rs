//! What the template sets.

use std::time::Duration;

use aws::{BadEnvironment, Environment};
use domain::Lane;
use domain::gate::Budget;
use domain::limits::Limits;

/// This function's settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// Part of every secret's name.
    pub environment: String,
    /// The ledger table.
    pub ledger: String,
    /// The exceptions table.
    pub exceptions: String,
    /// The control table, with the gate before Odoo.
    pub control: String,
    /// Where Odoo is.
    pub odoo_url: String,
    /// Its database.
    pub odoo_database: String,
    /// Its version, 14 to 19.
    pub odoo_version: u8,
    /// How much Odoo may be called, by everybody together.
    pub odoo_budget: Budget,
    /// The time limits, checked.
    pub limits: Limits,
    /// The bell queue of each lane.
    pub bells: Vec<(Lane, String)>,
}

impl Config {
    /// Reads the settings; refuses limits under which two workers could post the same record.
    pub fn read(environment: &Environment) -> Result<Self, BadEnvironment> {
        Ok(Self {
            environment: environment.required("ENVIRONMENT")?,
            ledger: environment.required("LEDGER_TABLE")?,
            exceptions: environment.required("EXCEPTIONS_TABLE")?,
            control: environment.required("CONTROL_TABLE")?,
            odoo_url: environment.required("ODOO_URL")?,
            odoo_database: environment.required("ODOO_DATABASE")?,
            odoo_version: environment.odoo_version()?,
            odoo_budget: environment.odoo_budget()?,
            limits: environment.limits()?,
            bells: environment.bells()?,
        })
    }

    /// How long an answer of Odoo may take.
    pub fn odoo_read_timeout(&self) -> Duration {
        Duration::from_secs(self.limits.odoo_read_seconds.into())
    }
}
