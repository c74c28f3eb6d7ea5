//! The day on which the story happens.

use jiff::Timestamp;

/// Now, by the machine's clock: the story happens today.
#[expect(
    clippy::disallowed_methods,
    reason = "the story happens on the day it is played"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Today where the firm keeps its books: what is due and what is billed is decided by that date.
pub fn today() -> jiff::civil::Date {
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap_or(jiff::tz::TimeZone::UTC);
    now().to_zoned(zone).date()
}
