//! A record that comes in two ways is one fact; and what nobody signed is never a fact.

use super::samples::{Way, events, read, text};
use crate::Reading;
use crate::file;

fn facts(file: &str, way: Way) -> Vec<String> {
    let source = file.split('/').next().unwrap();
    let readings = read(source, way, &text(file)).unwrap();
    let name =
        |event: &domain::event::Event| format!("{:?} {}", event.reference(), event.version());
    events(readings).iter().map(name).collect()
}

#[test]
fn a_record_that_is_pushed_and_pulled_is_one_fact_in_one_version() {
    for (pushed, pulled) in [
        ("toggl/time-entry.json", "toggl/time-entries.json"),
        ("zendesk/ticket-status-changed.json", "zendesk/tickets.json"),
        ("paymo/entry.json", "paymo/entries.json"),
        ("generic/time-entry.json", "generic/cloudevents-batch.json"),
    ] {
        let pushed = facts(pushed, Way::Pushed);
        assert_eq!(pushed.len(), 1);
        assert_eq!(pushed.first(), facts(pulled, Way::Pulled).first());
    }
}

#[test]
fn what_is_pushed_as_a_hint_names_what_is_pulled_as_a_fact() {
    for (pushed, pulled) in [
        ("pipedrive/deal-changed.json", "pipedrive/answers.json"),
        (
            "salesforce/change-event.json",
            "salesforce/query-answer.json",
        ),
        (
            "salesforce/outbound-message.xml",
            "salesforce/query-answer.json",
        ),
        ("dataverse/time-entry-updated.json", "dataverse/rows.json"),
        ("clockify/time-entry.json", "clockify/approvals.json"),
        ("personio/absence-updated.json", "personio/absences.json"),
        ("bamboohr/employee-updated.json", "bamboohr/employees.json"),
    ] {
        let source = pushed.split('/').next().unwrap();
        let hint = read(source, Way::Pushed, &text(pushed)).unwrap().remove(0);
        let Reading::Fetch(fetch) = hint else {
            panic!("{pushed}: {hint:?}");
        };
        let facts = facts(pulled, Way::Pulled);
        let name = format!("{:?} ", fetch.reference);
        assert!(
            facts.iter().any(|fact| fact.starts_with(&name)),
            "{facts:?}"
        );
    }
}

#[test]
fn an_answer_that_nobody_asked_for_is_no_fact_where_nothing_is_signed() {
    for file in [
        "pipedrive/answers.json",
        "salesforce/query-answer.json",
        "clockify/approvals.json",
        "clockify/projects.json",
        "dataverse/rows.json",
    ] {
        let source = file.split('/').next().unwrap();
        let readings = read(source, Way::Pushed, &text(file));
        assert!(readings.is_err(), "{file}: {readings:?}");
    }
}

#[test]
fn nobody_outside_can_say_that_an_answer_was_asked_for() {
    let ours = [crate::PULLED, file::FILE, file::VERSION, file::LINES];
    for source in crate::all() {
        let kept = source.keep_headers();
        for name in ours {
            assert!(!kept.contains(&name.to_owned()), "{}", source.name());
        }
    }
}

#[test]
fn an_older_body_of_pipedrive_is_refused_and_not_half_read() {
    let body = text("pipedrive/deal-changed.json");
    for version in [r#""version":"1.0""#, r#""v":1"#] {
        let old = body.replace(r#""version":"2.0""#, version);
        assert!(read("pipedrive", Way::Pushed, &old).is_err());
    }
}

#[test]
fn an_event_of_another_account_is_left_alone() {
    for (file, way, from) in [
        (
            "clockify/approvals.json",
            Way::Pulled,
            "64a687e29ae1f428e7ebe303",
        ),
        (
            "clockify/time-entry.json",
            Way::Pushed,
            "64a687e29ae1f428e7ebe303",
        ),
        ("pipedrive/deal-changed.json", Way::Pushed, r#""123""#),
        (
            "salesforce/outbound-message.xml",
            Way::Pushed,
            "00D7F00000107Xs",
        ),
        (
            "toggl/time-entry.json",
            Way::Pushed,
            r#""workspace_id":"900""#,
        ),
        (
            "zendesk/ticket-status-changed.json",
            Way::Pushed,
            "12514403",
        ),
    ] {
        let source = file.split('/').next().unwrap();
        let other: String = from.chars().rev().collect();
        let other = match from.contains('"') {
            true => from.replace(['1', '9'], "8"),
            false => other,
        };
        let body = text(file).replace(from, &other);
        let readings = read(source, way, &body).unwrap();
        let is_left = |one: &Reading| matches!(one, Reading::NotForUs(_));
        assert!(readings.iter().all(is_left), "{file}: {readings:?}");
    }
}

#[test]
fn the_other_form_of_an_organization_s_id_is_the_same_organization() {
    let body = text("salesforce/outbound-message.xml");
    let short = body.replace("00D7F00000107XsUAI", "00D7F00000107Xs");
    let hint = read("salesforce", Way::Pushed, &short).unwrap().remove(0);
    assert!(matches!(hint, Reading::Fetch(_)));
}

/// As a floating-point number it would be 1745500706683617280.
#[test]
fn a_change_event_s_number_of_64_bits_keeps_its_digits() {
    let file = "salesforce/change-event.json";
    let body = text(file);
    let place = "/detail/payload/ChangeEventHeader/commitNumber";
    let number = crate::json::id_at(&body, place).unwrap();
    assert_eq!(number, "1745500706683617281");
    let other = body.replace(&number, "1745500706683617280");
    assert_ne!(crate::json::id_at(&other, place).unwrap(), number);
    assert_eq!(facts(file, Way::Pushed), [""; 0], "two hints, and no fact");
    assert_eq!(read("salesforce", Way::Pushed, &body).unwrap().len(), 2);
}
