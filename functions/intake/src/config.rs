//! What the template sets.

use aws::{BadEnvironment, Environment, Sunset};

/// This function's settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// Part of every secret's name.
    pub environment: String,
    /// Where deliveries go.
    pub deliveries_queue_url: String,
    /// Where requests for a signing key go.
    pub keys_queue_url: String,
    /// The address under which sources call us, when it is not the gateway's own. Sources sign it.
    pub public_base_url: Option<String>,
    /// Until when this version of the address is there.
    pub sunset: Sunset,
}

impl Config {
    /// Reads the settings.
    pub fn read(environment: &Environment) -> Result<Self, BadEnvironment> {
        Ok(Self {
            environment: environment.required("ENVIRONMENT")?,
            deliveries_queue_url: environment.required("DELIVERIES_QUEUE_URL")?,
            keys_queue_url: environment.required("KEYS_QUEUE_URL")?,
            public_base_url: environment.optional("PUBLIC_BASE_URL"),
            sunset: Sunset::read(environment)?,
        })
    }
}
