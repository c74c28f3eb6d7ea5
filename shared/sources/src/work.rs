//! What reading somebody's work has in common, whatever the source.

use domain::book::Book;
use domain::event::{Approval, BillingOption, Coded, Personal, Standing, TimeEntry};
use domain::{Reference, Version};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::json::{Unreadable, missing};

/// What a source's own reading says about an approval: nothing but its status word. What the word
/// means is decided in one place for all, `reading::read`.
pub(crate) const UNDECIDED: Approval = Approval::Review;

const MINUTES_PER_HOUR: Decimal = Decimal::from_parts(60, 0, 0, false, 0);
const SECONDS_PER_HOUR: Decimal = Decimal::from_parts(3600, 0, 0, false, 0);

/// Work of which only the necessary is known: all of it counts as billable hours, and whether it is
/// billed is not taken for granted.
pub(crate) const fn entry(
    reference: Reference,
    version: Version,
    member: String,
    date: Date,
    worked: Decimal,
) -> TimeEntry {
    TimeEntry {
        reference,
        version,
        project: None,
        customer: None,
        member: Personal(member),
        work_role: None,
        date,
        worked,
        billable: worked,
        covered: Decimal::ZERO,
        agreement: None,
        billing: BillingOption::Unknown,
        approval: UNDECIDED,
        status: String::new(),
        notes: Personal(String::new()),
        coded: Coded::NOTHING,
    }
}

/// Billed or not, as a flag says; a flag that is not there says nothing.
pub(crate) const fn billing(billable: Option<bool>) -> BillingOption {
    match billable {
        Some(true) => BillingOption::Billable,
        Some(false) => BillingOption::DoNotBill,
        None => BillingOption::Unknown,
    }
}

/// Where a project stands, for sources that only know whether it is active.
pub(crate) fn active(active: Option<bool>, code: Option<String>) -> Standing {
    let word = |active| if active { "active" } else { "inactive" };
    Standing {
        status: active.map(|active| word(active).to_owned()),
        code,
        closed_on: None,
    }
}

/// Minutes as hours, to the hundredth that Odoo keeps.
pub(crate) fn hours_of_minutes(minutes: Decimal) -> Decimal {
    to_hundredths(minutes / MINUTES_PER_HOUR)
}

/// Seconds as hours, to the hundredth that Odoo keeps.
pub(crate) fn hours_of_seconds(seconds: Decimal) -> Decimal {
    to_hundredths(seconds / SECONDS_PER_HOUR)
}

fn to_hundredths(hours: Decimal) -> Decimal {
    hours
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
        .normalize()
}

/// The civil day of an instant in the zone of the PSA's members. An evening's work would otherwise
/// move to the next day, and with it to another invoice.
pub(crate) fn day_of(
    book: &Book,
    entry: &Reference,
    instant: Timestamp,
) -> Result<Date, Unreadable> {
    let psa = book.psa_or_first(entry.system(), entry.account());
    let zone = match &psa.zone {
        Some(name) => TimeZone::get(name).map_err(|_| missing("psa.zone"))?,
        None => TimeZone::UTC,
    };
    Ok(zone.to_datetime(instant).date())
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn hours_come_to_the_nearest_hundredth() {
        for (minutes, hours) in [
            (dec!(90), dec!(1.5)),
            (dec!(20), dec!(0.33)),
            (dec!(100), dec!(1.67)),
            (dec!(0), dec!(0)),
        ] {
            assert_eq!(hours_of_minutes(minutes), hours);
            assert_eq!(hours_of_seconds(minutes * dec!(60)), hours);
        }
    }
}
