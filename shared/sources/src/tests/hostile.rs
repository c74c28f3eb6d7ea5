//! Whatever comes: no reading panics, none approves what it does not know, and none reads what is
//! meant to be read in two ways.

use proptest::prelude::*;

use super::approvals::{APPROVED, approvals};
use super::samples::{SOURCES, Way, read, text};
use domain::event::Approval;

/// The words that the sources of the samples do know as approved.
const KNOWN: [&str; 5] = ["approved", "APPROVED", "192350002", "true", "null"];

/// Every fixture, with the way in which it is a fact.
fn files() -> Vec<(String, Way)> {
    let mut files = Vec::new();
    for (source, ..) in SOURCES {
        let folder = format!("{}/fixtures/{source}", env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            files.push((format!("{source}/{name}"), Way::Pushed));
            files.push((format!("{source}/{name}"), Way::Pulled));
        }
    }
    files
}

fn any_file() -> impl Strategy<Value = (String, Way)> {
    proptest::sample::select(files())
}

fn read_file(file: &str, way: Way, text: &str) {
    let _ = read(file.split('/').next().unwrap(), way, text);
}

/// A value that somebody may put where another one was.
fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("1e400".to_owned()),
        Just("-0".to_owned()),
        Just("9007199254740993".to_owned()),
        Just("99999999999999999999999999999999999999".to_owned()),
        Just("\"\\u0000\"".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("\"\u{202e}\"".to_owned()),
        Just("\"PT99999999999999999999H\"".to_owned()),
        Just("\"/Date(99999999999999999999)/\"".to_owned()),
        Just("\"9999-12-31T23:59:59Z\"".to_owned()),
        Just("\"-009999-01-01T00:00:00Z\"".to_owned()),
        Just("{}".to_owned()),
        Just("[[[]]]".to_owned()),
        "[0-9]{1,30}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,5})?",
        "\"[^\"\\\\]{0,20}\"",
    ]
}

/// The text with the value at a place replaced: what stands between a colon and what ends it.
fn with_value(text: &str, place: usize, value: &str) -> String {
    let colons: Vec<usize> = text.match_indices(':').map(|(at, _)| at + 1).collect();
    let Some(begin) = colons.get(place % colons.len().max(1)).copied() else {
        return text.to_owned();
    };
    let end = text[begin..]
        .find([',', '}', ']'])
        .map_or(text.len(), |at| begin + at);
    format!("{}{value}{}", &text[..begin], &text[end..])
}

// Short by default; `PROPTEST_CASES=1000000 cargo tenon test no_reading` takes its time.
proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_reading_panics_over_any_text(text in "\\PC{0,300}", (file, way) in any_file()) {
        read_file(&file, way, &text);
    }

    #[test]
    fn no_reading_panics_over_a_sample_that_was_cut_or_stirred(
        (file, way) in any_file(), at: prop::sample::Index, with in "\\PC{0,3}", cut: bool,
    ) {
        let text = text(&file);
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let place = *at.get(&places);
        let (head, tail) = text.split_at(place);
        let tail = if cut { "" } else { tail.get(1..).unwrap_or_default() };
        read_file(&file, way, &format!("{head}{with}{tail}"));
    }

    #[test]
    fn no_reading_panics_over_any_value_in_a_sample(
        (file, way) in any_file(), place: usize, value in any_value(),
    ) {
        read_file(&file, way, &with_value(&text(&file), place, &value));
    }

    #[test]
    fn no_reading_approves_what_it_does_not_know(
        which in 0..APPROVED.len(), word in "[ -!#-+.-\\[\\]-~]{1,24}", quoted: bool,
    ) {
        let (file, way, approved, _) = APPROVED[which];
        prop_assume!(!KNOWN.contains(&word.trim()));
        let is_table = file.ends_with("csv");
        // An instant in the place of Autotask's date is an approval, whatever it is.
        prop_assume!(word.parse::<jiff::Timestamp>().is_err());
        let other = match approved.rsplit_once(':').filter(|(name, _)| name.starts_with('"')) {
            Some((name, _)) if name.ends_with('"') => format!("{name}:\"{word}\""),
            _ if is_table => format!(",{word},"),
            _ if quoted || approved.starts_with('"') => format!("\"{word}\""),
            _ => word,
        };
        let changed = text(file).replace(approved, &other);
        prop_assert!(!approvals(file, way, &changed).contains(&Approval::Approved));
    }
}

#[test]
fn no_source_reads_what_can_be_read_in_two_ways() {
    let deep = format!("{}{}", "{\"a\":".repeat(40), "}".repeat(40));
    for (source, ..) in SOURCES {
        for way in [Way::Pushed, Way::Pulled] {
            for body in [
                "",
                "\u{feff}",
                "NaN",
                "<!DOCTYPE a><a/>",
                &deep,
                "{\"a\":1,\"a\":2}",
            ] {
                let readings = read(source, way, body);
                assert!(readings.is_err(), "{source}: {body:.20}: {readings:?}");
            }
        }
    }
}

#[test]
fn one_bad_record_of_a_page_does_not_hold_the_others() {
    for (file, from, to) in [
        (
            "harvest/time-entries.json",
            r#""hours":7.75"#,
            r#""hours":7.75,"hours":77.5"#,
        ),
        (
            "autotask/time-entries.json",
            r#""resourceID":28,"roleID":29683396,"dateWorked":"2026-11-03"#,
            r#""dateWorked":"2026-11-03"#,
        ),
        ("clockify/approvals.json", "PT8H", "8"),
        ("dataverse/rows.json", "480", "\"\\u0000\""),
        ("toggl/time-entries.json", "28800", "2.88e4"),
        (
            "kantata/subscribed-events.json",
            r#""time_in_minutes":480"#,
            r#""minutes":480"#,
        ),
    ] {
        let source = file.split('/').next().unwrap();
        let good = read(source, Way::Pulled, &text(file)).unwrap();
        let bad = read(source, Way::Pulled, &text(file).replacen(from, to, 1)).unwrap();
        let unread = |one: &&crate::Reading| matches!(one, crate::Reading::Unreadable(_));
        assert_eq!(bad.len(), good.len(), "{file}");
        assert_eq!(bad.iter().filter(unread).count(), 1, "{file}: {bad:?}");
    }
}
