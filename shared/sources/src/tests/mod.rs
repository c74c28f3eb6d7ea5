//! What every source has to show, and what the sources' own tests share.

mod approvals;
mod deal_fetch;
mod hostile;
mod readings;
mod samples;
mod signatures;
mod thirty_lines;
mod ways;

use std::collections::BTreeMap;

use domain::book::Book;
use jiff::Timestamp;

use crate::facts::{Facts, OrderForm, Payload, Split};
use crate::{ALL, ENTRIES, Message, Reading, Source, Unreadable, json, read, source};

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

fn reader(name: &str) -> crate::Read {
    match name {
        "autotask" => crate::autotask::read,
        "bamboohr" => crate::bamboohr::read,
        "clockify" => crate::clockify::read,
        "dataverse" => crate::dataverse::read,
        "generic" => crate::generic::read,
        "harvest" => crate::harvest::read,
        "jira" => crate::jira::read,
        "kantata" => crate::kantata::read,
        "moco" => crate::moco::read,
        "paymo" => crate::paymo::read,
        "personio" => crate::personio::read,
        "pipedrive" => crate::pipedrive::read,
        "productive" => crate::productive::read,
        "salesforce" => crate::salesforce::read,
        "standard-webhooks" => crate::generic::read_standard,
        "teamwork" => crate::teamwork::read,
        "toggl" => crate::toggl::read,
        "zendesk" => crate::zendesk::read,
        other => panic!("{other}"),
    }
}

pub(crate) fn demo_book() -> Book {
    Book::parse(include_str!("../../../../infra/books/demo/book.toml")).unwrap()
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

fn events<'a>(facts: &Facts, text: &'a str) -> Vec<&'a str> {
    match facts.message.split {
        Split::Whole => vec![text],
        Split::Array => json::array(text).unwrap().iter().map(|e| e.get()).collect(),
    }
}

/// The value at a place, through the JSON inside a string where the facts say so; none when that
/// string is null.
fn value_at(facts: &Facts, event: &str, place: &str) -> Option<String> {
    match &facts.message.json_string {
        Some(string) if place.starts_with(string) => {
            let inner = json::id_at(event, string)?;
            let rest = place.strip_prefix(string)?;
            Some(json::id_at(&inner, rest).unwrap_or_else(|| panic!("{place}")))
        }
        _ => Some(json::id_at(event, place).unwrap_or_else(|| panic!("{place}"))),
    }
}

#[test]
fn the_facts_of_every_source_are_sound() {
    for entry in &ENTRIES {
        let source = entry.load().map_err(|error| error.to_string()).unwrap();
        let folder = entry.file.split('/').next();
        assert_eq!(Some(source.name()), folder);
        assert!(source.facts.docs.starts_with("https://"));
    }
    let names: Vec<&str> = ALL.iter().map(Source::name).collect();
    assert_eq!(names.len(), ENTRIES.len());
    assert!(names.iter().all(|name| source(name).is_some()));
    assert!(source("nobody").is_none());
}

#[test]
fn every_source_has_samples_in_which_its_places_exist() {
    for source in ALL.iter() {
        let mine = SAMPLES.iter().filter(|sample| sample.0 == source.name());
        let mut count = 0;
        for (_, account, text) in mine {
            for event in events(&source.facts, text) {
                count += 1;
                let message = &source.facts.message;
                let at = |place: &str| value_at(&source.facts, event, place);
                assert_eq!(at(&message.tenant).as_deref(), Some(*account));
                assert!(at(&message.event_type.at[0]).is_some());
                assert!(message.dedup.iter().all(|place| at(place).is_some()));
                match (at(&message.order.at), message.order.form) {
                    (Some(order), OrderForm::Milliseconds) => {
                        assert!(order.parse::<u64>().is_ok());
                    }
                    (Some(order), OrderForm::Rfc3339) => {
                        assert!(order.parse::<Timestamp>().is_ok());
                    }
                    (None, _) => {}
                }
            }
        }
        assert!(count > 0, "{}", source.name());
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
    for source in ALL.iter() {
        for body in hostile {
            assert!(read_as(source.name(), "a", &book, body).is_err());
        }
    }
}
