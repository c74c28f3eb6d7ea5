use super::*;
use domain::event::{Approval, Removed};

use crate::json::missing;
use crate::tests::{demo_book, read_as};

const PROJECT: &str = include_str!("../../../../events/connectwise-project.json");
const TIME: &str = include_str!("../../../../events/connectwise-time-entry.json");
const DELETED: &str = include_str!("../../../../events/connectwise-time-entry-deleted.json");

fn read_one(body: &str) -> Result<Reading, Unreadable> {
    let mut readings = read_as("connectwise", "Cobalt", &demo_book(), body.as_bytes())?;
    assert_eq!(readings.len(), 1);
    Ok(readings.remove(0))
}

/// The sample with its `Entity` changed.
fn changed(sample: &str, from: &str, to: &str) -> String {
    let quoted = |text: &str| text.replace('"', "\\\"");
    assert!(sample.contains(&quoted(from)), "{from}");
    sample.replace(&quoted(from), &quoted(to))
}

fn entry(body: &str) -> TimeEntry {
    let Reading::Event(Event::TimeEntry(entry)) = read_one(body).unwrap() else {
        panic!("no time entry: {body}");
    };
    *entry
}

fn time(from: &str, to: &str) -> TimeEntry {
    entry(&changed(TIME, from, to))
}

#[test]
fn a_time_entry_is_read_with_worked_and_billable_hours_apart() {
    let entry = entry(TIME);
    assert_eq!(
        entry.reference,
        Reference::new("connectwise", "Cobalt", "time_entry", "90311")
    );
    let updated: Timestamp = "2026-11-20T16:00:00Z".parse().unwrap();
    assert_eq!(entry.version, Version::at(updated));
    let project = Reference::new("connectwise", "Cobalt", "project", "412");
    assert_eq!(entry.project, Some(project));
    assert_eq!(entry.member.0, "AConsultant");
    assert_eq!(entry.work_role.as_deref(), Some("Senior Consultant"));
    assert_eq!(entry.worked.to_string(), "7.5");
    assert_eq!(entry.billable.to_string(), "7");
    assert_eq!(entry.covered.to_string(), "0");
    assert_eq!(entry.billing, BillingOption::Billable);
    assert_eq!(entry.approval, Approval::Approved);
    assert_eq!(entry.status, "ApprovedByTierTwo");
    assert_eq!(entry.notes.0, "Modelled the order data");
}

#[test]
fn where_a_project_stands_is_read_in_the_sources_words() {
    let standing = |body: &str| {
        let Reading::Event(Event::Project(project)) = read_one(body).unwrap() else {
            panic!("no project: {body}");
        };
        project.standing
    };
    let open = standing(PROJECT);
    assert_eq!(open.status.as_deref(), Some("Open"));
    assert_eq!((open.code.as_deref(), open.closed_on), (Some("412"), None));
    let closed = changed(
        PROJECT,
        "\"status\":{\"id\":1,\"name\":\"Open\"}",
        "\"actualEnd\":\"2026-11-16T00:00:00Z\",\"status\":{\"id\":9,\"name\":\"Closed\"}",
    );
    let day = standing(&closed).closed_on.map(|day| day.to_string());
    assert_eq!(day.as_deref(), Some("2026-11-16"));
    let unclear = closed.replace("2026-11-16T", "soon-T");
    assert!(read_one(&unclear).is_err());
}

#[test]
fn the_day_is_the_one_of_the_members_zone() {
    // 00:30 UTC is the evening before in New York.
    assert_eq!(entry(TIME).date.to_string(), "2026-11-18");
    let noon = time("2026-11-19T00:30:00Z", "2026-11-19T16:00:00Z");
    assert_eq!(noon.date.to_string(), "2026-11-19");
    // Only a day was entered: it is not an instant.
    let day = changed(TIME, "2026-11-19T00:30:00Z", "2026-11-19T00:00:00Z");
    let day = changed(&day, "\"timeEnd\":\"2026-11-19T08:00:00Z\",", "");
    assert_eq!(entry(&day).date.to_string(), "2026-11-19");
}

#[test]
fn a_word_that_nobody_mapped_is_never_approved_or_billed() {
    for (from, to) in [
        ("ApprovedByTierTwo", "approvedbytiertwo"),
        ("ApprovedByTierTwo", "ApprovedByTierThree"),
        ("ApprovedByTierTwo", ""),
    ] {
        assert_eq!(time(from, to).approval, Approval::Review, "{to}");
    }
    for (word, meaning) in [
        ("NoCharge", BillingOption::NoCharge),
        ("DoNotBill", BillingOption::DoNotBill),
        ("NoDefault", BillingOption::Unknown),
        ("billable", BillingOption::Unknown),
    ] {
        let option = format!("\"billableOption\":\"{word}\"");
        assert_eq!(
            time("\"billableOption\":\"Billable\"", &option).billing,
            meaning
        );
    }
}

#[test]
fn hours_come_from_their_digits_and_fall_back_only_where_nothing_was_changed() {
    let precise = time("\"actualHours\":7.5", "\"actualHours\":7.1000000000000001");
    assert_eq!(precise.worked.to_string(), "7.1000000000000001");
    let unchanged = time("\"hoursBilled\":7.0,", "");
    assert_eq!(unchanged.billable, unchanged.worked);
    let none = time("\"hoursBilled\":7.0", "\"hoursBilled\":0");
    assert!(none.billable.is_zero());
    let exponent = changed(TIME, "\"actualHours\":7.5", "\"actualHours\":1e400");
    let missing = changed(TIME, "\"actualHours\":7.5,", "");
    assert!(read_one(&exponent).is_err());
    assert!(read_one(&missing).is_err());
    let covered = time(
        "\"agreementHours\":0.0",
        "\"agreement\":{\"id\":5,\"name\":\"Support\"},\"agreementHours\":7.0",
    );
    assert_eq!(covered.covered.to_string(), "7");
    assert_eq!(covered.agreement.as_deref(), Some("Support"));
}

#[test]
fn a_project_names_its_deal_when_somebody_filled_the_field() {
    let read = |body: &str| {
        let Reading::Event(Event::Project(project)) = read_one(body).unwrap() else {
            panic!("no project: {body}");
        };
        project
    };
    let sample = read(PROJECT);
    assert_eq!(sample.name, "Data platform");
    assert_eq!(sample.deal_id.as_deref(), Some("16024871101"));
    let number = changed(
        PROJECT,
        "\"value\":\"16024871101\"",
        "\"value\":16024871101",
    );
    assert_eq!(read(&number).deal_id, sample.deal_id);
    for empty in [
        "\"value\":null",
        "\"value\":\" \"",
        "\"value\":\"\"",
        "\"x\":1",
    ] {
        let body = changed(PROJECT, "\"value\":\"16024871101\"", empty);
        assert_eq!(read(&body).deal_id, None, "{empty}");
    }
    let other = changed(PROJECT, "CRM deal id", "Cost centre");
    assert_eq!(read(&other).deal_id, None);
}

#[test]
fn a_removal_is_as_new_as_its_arrival() {
    let received: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let removed = Removed {
        reference: Reference::new("connectwise", "Cobalt", "time_entry", "90311"),
        version: Version::at(received),
    };
    assert_eq!(
        read_one(DELETED),
        Ok(Reading::Event(Event::Removed(removed)))
    );
    // A record that could not be shown is not a record that was removed.
    let hidden = DELETED.replace("\"deleted\"", "\"updated\"");
    assert_eq!(read_one(&hidden), Err(missing("Entity")));
}

#[test]
fn the_types_words_are_read_as_they_occur_and_others_are_left() {
    for word in ["time", "Time", "TimeEntry", "Time Entry"] {
        let body = TIME.replace("\"Type\":\"time\"", &format!("\"Type\":\"{word}\""));
        assert!(matches!(read_one(&body), Ok(Reading::Event(_))), "{word}");
    }
    for (from, to) in [
        ("\"Type\":\"time\"", "\"Type\":\"contact\""),
        ("\"updated\"", "\"moved\""),
    ] {
        let body = TIME.replace(from, to);
        assert!(matches!(read_one(&body), Ok(Reading::NotForUs(_))), "{to}");
    }
}

#[test]
fn the_inner_record_is_read_as_strictly_as_the_outer_one() {
    for (from, to) in [
        (
            "\"actualHours\":7.5",
            "\"actualHours\":7.5,\"actualHours\":75",
        ),
        ("\"id\":90311", "\"id\":90312"),
        // Escaped for the inner reader: the outer one sees a backslash.
        ("\"status\":", "\"x\":\"\\\\u0000\",\"status\":"),
        ("\"workType\":{", "\"workType\":{\"id\":4,"),
        ("\"member\":{", "\"member\":[{"),
    ] {
        assert!(read_one(&changed(TIME, from, to)).is_err(), "{to}");
    }
    let twice = TIME.replace("\"Action\":", "\"ID\":1,\"Action\":");
    assert_eq!(read_one(&twice), Err(Unreadable::DuplicateKey));
}

#[test]
fn a_record_that_is_listed_is_the_one_that_is_pushed() {
    let inner = |sample: &str| {
        let callback: serde_json::Value = serde_json::from_str(sample).unwrap();
        let entity = callback.get("Entity").unwrap();
        entity.as_str().unwrap().to_owned()
    };
    let page = format!("[{},{}]", inner(TIME), inner(PROJECT));
    let message = Message {
        account: "Cobalt",
        received_at: "2026-11-22T12:00:00Z".parse().unwrap(),
        headers: &[(crate::PULLED.to_owned(), String::new())].into(),
        body: page.as_bytes(),
    };
    let connectwise = crate::source("connectwise").unwrap();
    let pulled = crate::read(connectwise, &demo_book(), &message).unwrap();
    let pushed = [read_one(TIME).unwrap(), read_one(PROJECT).unwrap()];
    assert_eq!(pulled, pushed);
}

/// A callback of a type with a record in the shape of the REST API.
fn callback(kind: &str, record: &serde_json::Value) -> String {
    serde_json::json!({
        "Action": "updated", "Type": kind, "ID": record.get("id").unwrap(), "CompanyId": "Cobalt",
        "Entity": record.to_string(),
    })
    .to_string()
}

#[test]
fn an_expense_and_a_ticket_are_read_too() {
    let expense = serde_json::json!({
        "id": 61, "project": {"id": 412, "name": "Data platform"}, "type": {"id": 3, "name": "Travel"},
        "member": {"id": 7, "identifier": "AConsultant"}, "amount": 33.35, "date": "2026-11-19T00:00:00Z",
        "billableOption": "Billable", "status": "ApprovedByTierTwo", "notes": "Train",
        "_info": {"lastUpdated": "2026-11-20T16:00:00Z"},
    });
    let read = |kind, record: &serde_json::Value| read_one(&callback(kind, record)).unwrap();
    let Reading::Event(Event::Expense(found)) = read("expense", &expense) else {
        panic!("no expense");
    };
    assert_eq!(found.amount.to_string(), "33.35");
    assert_eq!(found.date.to_string(), "2026-11-19");
    assert_eq!(found.approval, Approval::Approved);
    assert_eq!(found.category.as_deref(), Some("Travel"));
    let ticket = serde_json::json!({
        "id": 9, "summary": "The report is empty", "status": {"id": 1, "name": "New"},
        "_info": {"lastUpdated": "2026-11-20T16:00:00Z"},
    });
    let Reading::Event(Event::Ticket(found)) = read("ticket", &ticket) else {
        panic!("no ticket");
    };
    assert_eq!(found.status, "New");
}
