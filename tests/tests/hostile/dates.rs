//! Days at the edges: of a zone's clock, of a day, of a year, of the calendar.

use serde_json::json;
use simulation::fate::Plan;

use crate::desk::{Became, became, played, record};

/// The record that began and ended then.
fn worked(begin: &str, end: Option<&str>) -> String {
    let mut record = record();
    record["timeStart"] = json!(begin);
    record["timeEnd"] = json!(end);
    record.to_string()
}

fn assert_day(begin: &str, end: Option<&str>, expected: &Became) {
    played(1, Plan::Calm, async |desk| {
        assert_eq!(
            became(desk, &worked(begin, end)).await,
            *expected,
            "{begin}"
        );
    });
}

fn day(day: &str) -> Became {
    Became::Work("7".to_owned(), day.to_owned())
}

/// Fault 36: the day is the one that the members' clock in New York showed, also in the night in
/// which that clock is put forward or back.
#[test]
fn the_day_is_the_one_on_the_members_own_clock() {
    for (begin, expected) in [
        // 2026-03-08, forward at two o'clock.
        ("2026-03-08T04:59:59Z", "2026-03-07"),
        ("2026-03-08T05:00:00Z", "2026-03-08"),
        ("2026-03-08T06:59:59Z", "2026-03-08"),
        ("2026-03-08T07:00:00Z", "2026-03-08"),
        ("2026-03-09T03:59:59Z", "2026-03-08"),
        ("2026-03-09T04:00:00Z", "2026-03-09"),
        // 2026-11-01, back at two o'clock.
        ("2026-11-01T03:59:59Z", "2026-10-31"),
        ("2026-11-01T04:00:00Z", "2026-11-01"),
        ("2026-11-02T04:59:59Z", "2026-11-01"),
        ("2026-11-02T05:00:00Z", "2026-11-02"),
        // The nights of Europe are nothing special there.
        ("2026-03-29T01:30:00Z", "2026-03-28"),
        ("2026-10-25T01:30:00Z", "2026-10-24"),
        // The end of the year, and a day that not every year has.
        ("2027-01-01T04:59:59Z", "2026-12-31"),
        ("2028-02-29T17:00:00Z", "2028-02-29"),
        // The same instant, however it is written.
        ("2026-11-19T15:00:00+14:00", "2026-11-18"),
        ("2026-11-19T15:00:00-14:00", "2026-11-20"),
        ("2026-11-19T10:00:00.000-05:00", "2026-11-19"),
    ] {
        assert_day(begin, Some("2026-12-31T23:00:00Z"), &day(expected));
    }
}

/// Fault 36: a day without hours of its clock is that day, whatever the zone.
#[test]
fn a_day_that_was_entered_as_such_is_never_shifted() {
    for (begin, expected) in [
        ("2026-03-08T00:00:00Z", "2026-03-08"),
        ("2026-11-01T00:00:00Z", "2026-11-01"),
        ("2027-01-01T00:00:00Z", "2027-01-01"),
    ] {
        assert_day(begin, None, &day(expected));
    }
}

/// Fault 36.
#[test]
fn a_day_that_does_not_exist_is_a_question() {
    let unreadable = Became::Question("schema_drift".to_owned());
    for begin in [
        "2026-02-29T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-11-31T12:00:00Z",
        "2026-11-19T24:00:00Z",
        "2026-11-19T23:59:61Z",
        "2026-11-19T15:00:00",
        "2026-11-19",
        "19.11.2026",
        "1795348801000",
        "10000-01-01T00:00:00Z",
        "",
    ] {
        assert_day(begin, Some("2026-12-31T23:00:00Z"), &unreadable);
    }
}
