//! What the template sets.

use aws::{BadEnvironment, Environment};
use domain::Lane;

/// This function's settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// Part of every secret's name.
    pub environment: String,
    /// The ledger table.
    pub ledger: String,
    /// The exceptions table.
    pub exceptions: String,
    /// The control table.
    pub control: String,
    /// Where HubSpot's API is.
    pub hubspot_api_url: String,
    /// Where deliveries are kept that are not as their source is described.
    pub drift_queue_url: String,
    /// The bell queue of each lane.
    pub bells: Vec<(Lane, String)>,
}

impl Config {
    /// Reads the settings.
    pub fn read(environment: &Environment) -> Result<Self, BadEnvironment> {
        Ok(Self {
            environment: environment.required("ENVIRONMENT")?,
            ledger: environment.required("LEDGER_TABLE")?,
            exceptions: environment.required("EXCEPTIONS_TABLE")?,
            control: environment.required("CONTROL_TABLE")?,
            hubspot_api_url: environment.required("HUBSPOT_API_URL")?,
            drift_queue_url: environment.required("DRIFT_QUEUE_URL")?,
            bells: environment.bells()?,
        })
    }
}
