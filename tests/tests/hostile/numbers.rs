//! Numbers that are no hours, or more than any program keeps exactly.

use simulation::fate::Plan;

use crate::desk::{Became, became, played, record};

/// The record with these digits as its hours.
fn with_hours(digits: &str) -> String {
    let text = record().to_string();
    let changed = text
        .replace("\"actualHours\":7", &format!("\"actualHours\":{digits}"))
        .replace("\"hoursBilled\":7", &format!("\"hoursBilled\":{digits}"));
    assert_ne!(changed, text);
    changed
}

fn work(hours: &str) -> Became {
    Became::Work(hours.to_owned(), "2026-11-19".to_owned())
}

/// Fault 35: the exact hours, or a question; never others.
#[test]
fn hours_are_exactly_what_was_sent_or_a_question() {
    let unreadable = || Became::Question("delivery_unreadable".to_owned());
    let no_number = || Became::Question("schema_drift".to_owned());
    let impossible = || Became::Question("time_not_mapped".to_owned());
    for (digits, expected) in [
        ("7.5", work("7.5")),
        ("0.1", work("0.1")),
        ("0.30", work("0.3")),
        ("24", work("24")),
        ("8.50000000000000000000", work("8.5")),
        ("\"7.25\"", work("7.25")),
        // Exact, and no hours that anybody works.
        ("0.30000000000000004", impossible()),
        ("25", impossible()),
        ("24.01", impossible()),
        ("-8", impossible()),
        ("0", impossible()),
        ("-0", impossible()),
        ("0.000000001", impossible()),
        ("9007199254740993", impossible()),
        // No number that could be kept as it is.
        ("1e308", no_number()),
        ("1e400", no_number()),
        ("1e-9", no_number()),
        ("1e1", no_number()),
        ("NaN", unreadable()),
        ("Infinity", unreadable()),
        ("-Infinity", unreadable()),
        ("\"NaN\"", no_number()),
        ("\"8,5\"", no_number()),
        ("\"8:30\"", no_number()),
        ("\" 8\"", no_number()),
        ("\"\u{0668}\"", no_number()),
        ("0x8", unreadable()),
        ("08", unreadable()),
        ("8.", unreadable()),
        (".5", unreadable()),
        ("+8", unreadable()),
        ("[8]", no_number()),
        ("true", no_number()),
        ("79228162514264337593543950336", no_number()),
        ("0.00000000000000000000000000001", no_number()),
    ] {
        played(1, Plan::Calm, async |desk| {
            assert_eq!(
                became(desk, &with_hours(digits)).await,
                expected,
                "{digits}"
            );
        });
    }
}

/// Fault 35: an id beyond what a float holds is the id that was sent.
#[test]
fn an_id_of_nineteen_digits_keeps_all_of_them() {
    played(1, Plan::Calm, async |desk| {
        let id = "9007199254740993001";
        let text = record().to_string().replace("90311", id);
        let callback = String::from_utf8(crate::desk::callback(&text)).unwrap();
        let body = callback.replace("\"ID\":90311", &format!("\"ID\":{id}"));
        assert!(desk.deliver("connectwise", "Cobalt", body.as_bytes()).await);
        assert_eq!(desk.versions(&crate::desk::entry(id)).await.len(), 1);
        assert_eq!(desk.questions().await, []);
    });
}
