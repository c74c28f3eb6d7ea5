//! What every source has to show, and what the sources' own tests share.

mod approvals;
mod deal_fetch;
mod deals;
mod forty_lines;
mod hostile;
mod readings;
mod rules;
mod samples;
mod signatures;
mod ways;

use std::collections::BTreeMap;

use domain::book::Book;
use jiff::Timestamp;

use crate::facts::Facts;
use crate::facts::message::{Decode, OrderForm, Payload, Split};
use crate::{ENTRIES, Message, Reading, Source, Unreadable, all, json, read, source};

/// Real payload shapes, which the functions' tests and the demo use too.
pub(crate) const SAMPLES: [(&str, &str, &str); 4] = [
    (
        "hubspot",
        "48807704",
        include_str!("../../../../events/hubspot-deal-won.json"),
    ),
    (
        "connectwise",
        "Cobalt",
        include_str!("../../../../events/connectwise-project.json"),
    ),
    (
        "connectwise",
        "Cobalt",
        include_str!("../../../../events/connectwise-time-entry.json"),
    ),
    (
        "connectwise",
        "Cobalt",
        include_str!("../../../../events/connectwise-time-entry-deleted.json"),
    ),
];

pub(crate) fn demo_book() -> Book {
    Book::parse(domain::book::DEMO).unwrap()
}

pub(crate) fn read_as(
    name: &str,
    account: &str,
    book: &Book,
    body: &[u8],
) -> Result<Vec<Reading>, Unreadable> {
    let message = Message {
        account,
        received_at: "2026-11-22T12:00:00Z".parse().unwrap(),
        headers: &BTreeMap::new(),
        body,
    };
    read(source(name).unwrap(), book, &message)
}

/// The events of a message; none of what is no JSON.
fn events(facts: &Facts, text: &str) -> Vec<String> {
    let list = |text: &str| -> Vec<String> {
        let elements = json::array(text).unwrap();
        elements.iter().map(|e| e.get().to_owned()).collect()
    };
    match &facts.message.split {
        Split::Whole => vec![text.to_owned()],
        Split::Array => list(text),
        Split::At(place) => match json::at(text, place).unwrap() {
            array if array.starts_with('[') => list(array),
            // Events by their ids.
            object => {
                let events: BTreeMap<String, serde_json::Value> =
                    serde_json::from_str(object).unwrap();
                events.values().map(ToString::to_string).collect()
            }
        },
        Split::Elements(_) => Vec::new(),
    }
}

/// The value at a place, through the JSON inside a string where the facts say so; none when that
/// string is null.
fn value_at(facts: &Facts, event: &str, place: &str) -> Option<String> {
    match facts.message.json_string() {
        Some(string) if place.starts_with(string) => {
            let inner = json::id_at(event, string)?;
            let rest = place.strip_prefix(string)?;
            Some(json::id_at(&inner, rest).unwrap_or_else(|| panic!("{place}")))
        }
        _ => Some(json::id_at(event, place).unwrap_or_else(|| panic!("{place} in {event}"))),
    }
}

/// The description's places exist in this event, and what they hold is written as it says.
fn assert_places(facts: &Facts, event: &str, headers: &BTreeMap<String, String>) {
    let message = &facts.message;
    let exists = |place: &String| match place.strip_prefix("header:") {
        Some(name) => headers.contains_key(name),
        None if place.starts_with('/') => json::at(event, place).is_some(),
        None => place == "route" || place == "body",
    };
    assert!(message.event_type.at.iter().any(exists), "{}", facts.name);
    let missing = message.dedup.iter().find(|place| !exists(place));
    assert_eq!(missing, None, "{}: {event}", facts.name);
    let Some(order) = &message.order else { return };
    let Some(text) = value_at(facts, event, &order.at) else {
        return;
    };
    let dates = message.decode.contains(&Decode::MicrosoftDates);
    match order.form {
        OrderForm::Rfc3339 if dates => assert!(text.starts_with("/Date("), "{text}"),
        OrderForm::Rfc3339 => assert!(text.parse::<Timestamp>().is_ok(), "{text}"),
        OrderForm::Milliseconds | OrderForm::Seconds | OrderForm::Number => {
            assert!(text.parse::<u64>().is_ok(), "{text}");
        }
    }
}

#[test]
fn the_facts_of_every_source_are_sound() {
    for entry in &ENTRIES {
        let source = entry.load().map_err(|error| error.to_string()).unwrap();
        assert_eq!(source.name(), entry.name);
    }
    let names: Vec<&str> = all().map(Source::name).collect();
    assert_eq!(names.len(), ENTRIES.len());
    assert!(names.iter().all(|name| source(name).is_some()));
    assert!(source("nobody").is_none());
}

#[test]
fn every_source_has_examples_in_which_its_places_exist() {
    for source in all() {
        let facts = &source.facts;
        for example in &facts.examples {
            for event in events(facts, &example.body) {
                assert_places(facts, &event, &example.headers);
            }
            let named = source.account_of(example.body.as_bytes());
            assert!(named.is_none_or(|name| name == example.account));
        }
    }
    for (name, account, text) in SAMPLES {
        let source = source(name).unwrap();
        for event in events(&source.facts, text) {
            assert_places(&source.facts, &event, &BTreeMap::new());
        }
        assert_eq!(source.account_of(text.as_bytes()).as_deref(), Some(account));
    }
}

#[test]
fn a_thin_source_asks_and_a_fat_one_knows() {
    let book = demo_book();
    for (name, account, text) in SAMPLES {
        let payload = source(name).unwrap().facts.message.payload;
        let readings = read_as(name, account, &book, text.as_bytes()).unwrap();
        assert!(readings.iter().any(|reading| matches!(
            (payload, reading),
            (Payload::Thin, Reading::Fetch(_)) | (Payload::Fat, Reading::Event(_))
        )));
        assert!(
            !readings
                .iter()
                .any(|reading| matches!(reading, Reading::Unreadable(_)))
        );
    }
}

#[test]
fn no_source_reads_hostile_input() {
    let book = demo_book();
    let large = vec![b'['; json::MAX_BYTES + 1];
    let deep = "[".repeat(100_000);
    let objects = "{\"Entity\":".repeat(20_000);
    let hostile: [&[u8]; 8] = [
        &large,
        deep.as_bytes(),
        objects.as_bytes(),
        b"\xff\xfe",
        b"\"\\ud800\"",
        b"{\"Type\":\"time\",\"Type\":\"project\"}",
        b"<xml/>",
        b"",
    ];
    for source in all() {
        for body in hostile {
            assert!(read_as(source.name(), "a", &book, body).is_err());
        }
    }
}
