//! Asks on a schedule what changed, in Odoo and in the CRM and PSA that the book names, and puts it
//! into the same queue as every webhook.
//!
//! A webhook is a hint that may be lost; what is pulled finds it. Read `invoices` for Odoo, and
//! `sources` for the others. One failing never keeps another from being asked.

mod error;
mod invoices;
mod sources;

use aws::{BadEnvironment, Connection, Environment};
use serde::Serialize;
use source_api::SourceApi;

pub use error::PullError;
use invoices::Invoices;
use sources::Sources;

/// The function, with everything it needs.
pub struct Pull {
    invoices: Invoices,
    sources: Sources,
}

/// What a pull did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Invoices handed on.
    pub invoices: usize,
    /// Records of CRM and PSA handed on.
    pub records: usize,
}

impl Pull {
    /// Connects to AWS.
    pub async fn connect(environment: &Environment) -> Result<Self, lambda_runtime::Error> {
        let connection = Connection::open().await;
        Ok(Self::over(environment, &connection, SourceApi::new()?)?)
    }

    /// The function over a connection that is there already.
    pub fn over(
        environment: &Environment,
        connection: &Connection,
        api: SourceApi,
    ) -> Result<Self, BadEnvironment> {
        Ok(Self {
            invoices: Invoices::over(environment, connection)?,
            sources: Sources::over(environment, connection, api)?,
        })
    }

    /// Asks everybody. An Odoo that takes its time costs the sources none of theirs.
    pub async fn run(&self) -> Result<Summary, PullError> {
        let (invoices, records) = tokio::join!(self.invoices.pull(), self.sources());
        Ok(Summary {
            invoices: invoices?,
            records: records?,
        })
    }

    /// Asks the CRM and the PSA alone; answers how many records were handed on.
    pub async fn sources(&self) -> Result<usize, PullError> {
        self.sources.pull().await
    }
}
