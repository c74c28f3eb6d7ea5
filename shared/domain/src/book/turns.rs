//! Times of day on some days, in a zone.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// Times of day on some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule<'a> {
    pub(super) at: &'a [Time],
    pub(super) weekdays: &'a [Weekday],
    pub(super) days_of_month: &'a [i8],
}

/// A month has a last day, and a week has each weekday: so far a turn lies at most.
const DAYS_LOOKED_AT: i32 = 62;

impl Schedule<'_> {
    /// The last turn that is not after this instant.
    pub fn last_turn(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let today = now.to_zoned(zone.clone()).date();
        let days = (0..=DAYS_LOOKED_AT).filter_map(|n| today.checked_sub(n.days()).ok());
        let mut turns = days.flat_map(|day| self.turns(day, zone).into_iter().rev());
        turns.find(|turn| *turn <= now)
    }

    /// The first turn that is not before this instant.
    pub fn next_turn(&self, since: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let first = since.to_zoned(zone.clone()).date();
        let days = (0..=DAYS_LOOKED_AT).filter_map(|n| first.checked_add(n.days()).ok());
        let mut turns = days.flat_map(|day| self.turns(day, zone));
        turns.find(|turn| *turn >= since)
    }

    /// The turns of one day, in their order. A time that a change of the clocks leaves out comes as
    /// much later as they are put forward; of one that comes twice, the first counts.
    fn turns(&self, day: Date, zone: &TimeZone) -> Vec<Timestamp> {
        let is_weekday = self.weekdays.is_empty() || self.weekdays.contains(&weekday(day));
        let of_month = |n: &i8| match n {
            -1 => day == day.last_of_month(),
            n => day.day() == *n,
        };
        let is_day = self.days_of_month.is_empty() || self.days_of_month.iter().any(of_month);
        if !is_weekday || !is_day {
            return Vec::new();
        }
        let at = |time: &Time| {
            let zoned = day.to_datetime(*time).to_zoned(zone.clone());
            zoned.ok().map(|zoned| zoned.timestamp())
        };
        let mut turns: Vec<Timestamp> = self.at.iter().filter_map(at).collect();
        turns.sort_unstable();
        turns
    }
}

fn weekday(day: Date) -> Weekday {
    match day.weekday() {
        jiff::civil::Weekday::Monday => Weekday::Monday,
        jiff::civil::Weekday::Tuesday => Weekday::Tuesday,
        jiff::civil::Weekday::Wednesday => Weekday::Wednesday,
        jiff::civil::Weekday::Thursday => Weekday::Thursday,
        jiff::civil::Weekday::Friday => Weekday::Friday,
        jiff::civil::Weekday::Saturday => Weekday::Saturday,
        jiff::civil::Weekday::Sunday => Weekday::Sunday,
    }
}
