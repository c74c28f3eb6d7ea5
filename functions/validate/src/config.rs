//! What the template sets.

use aws::{BadEnvironment, Environment};
use domain::Lane;
use jiff::SignedDuration;
use source_account::Settings;

/// This function's settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// The ledger table.
    pub ledger: String,
    /// The billing table: on which invoice something stands.
    pub billing: String,
    /// The control and the exceptions table, and how sources are asked.
    pub sources: Settings,
    /// The queue that our own messages come from: what waits for a source goes back there.
    pub deliveries: String,
    /// Where deliveries are kept that are not as their source is described.
    pub drift: String,
    /// The bell queue of each lane.
    pub bells: Vec<(Lane, String)>,
    /// Where what is taken is kept to try a book on it, and how long; nowhere when none.
    pub recorded: Option<(String, SignedDuration)>,
}

impl Config {
    /// Reads the settings.
    pub fn read(environment: &Environment) -> Result<Self, BadEnvironment> {
        Ok(Self {
            ledger: environment.required("LEDGER_TABLE")?,
            billing: environment.required("BILLING_TABLE")?,
            sources: Settings::read(environment)?,
            deliveries: environment.required("DELIVERIES_QUEUE_URL")?,
            drift: environment.required("DRIFT_QUEUE_URL")?,
            bells: environment.bells()?,
            recorded: recorded(environment)?,
        })
    }
}

/// No table or no days, no record.
fn recorded(environment: &Environment) -> Result<Option<(String, SignedDuration)>, BadEnvironment> {
    let Some(table) = environment.optional("RECORDED_TABLE") else {
        return Ok(None);
    };
    let days = environment.number("RECORD_DAYS")?;
    let keep = SignedDuration::from_hours(24 * i64::from(days));
    Ok((days > 0).then_some((table, keep)))
}
