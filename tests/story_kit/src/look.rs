//! Looks whether a step's expectations hold.

mod compare;
mod inside;
mod odoo;

use crate::format::{Expect, Kind};
use crate::stage::{Stage, StageError};

/// What is not as expected, in lines for people; nothing when everything is.
///
/// # Errors
/// When it cannot be looked at.
pub async fn look(stage: &Stage, expect: &Expect) -> Result<Vec<String>, StageError> {
    let kind = expect.kind().map_err(StageError::Impossible)?;
    match kind {
        Kind::Odoo => odoo::look(stage, expect).await,
        Kind::Exceptions => inside::exceptions(stage, expect),
        Kind::Outcomes => Ok(inside::outcomes(stage, expect)),
        Kind::Record => inside::record(stage, expect),
        Kind::Calls => Ok(inside::calls(stage, expect)),
        Kind::Standin => inside::standin(stage, expect),
        Kind::Console => inside::console(stage, expect).await,
        Kind::DeadLetters => Ok(inside::dead_letters(stage, expect)),
    }
}

/// A line of a report where two values differ.
fn differs(what: &str, expected: &dyn std::fmt::Display, found: &dyn std::fmt::Display) -> String {
    format!("{what}\n  expected  {expected}\n  found     {found}")
}
