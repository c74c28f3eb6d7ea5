//! Nothing counts as approved unless its source says so in a word that is known; and an approval that
//! is taken back says so.

use domain::Reference;
use domain::event::{Approval, Event};

use super::samples::{Way, events, read, text};

/// A fixture with something approved, the place of that word, and words that mean something else.
pub(super) const APPROVED: [(&str, Way, &str, &str); 13] = [
    (
        "autotask/time-entries.json",
        Way::Pulled,
        r#""2026-11-05T08:00:00.000Z""#,
        "null",
    ),
    (
        "bamboohr/time-off.json",
        Way::Pulled,
        r#""status":"approved""#,
        r#""status":"requested""#,
    ),
    (
        "clockify/approvals.json",
        Way::Pulled,
        r#""APPROVED""#,
        r#""PENDING""#,
    ),
    ("dataverse/rows.json", Way::Pulled, "192350002", "192350003"),
    (
        "generic/time-entry.json",
        Way::Pushed,
        r#""approved""#,
        r#""submitted""#,
    ),
    ("generic/expenses.csv", Way::Pushed, ",approved,", ",draft,"),
    (
        "harvest/time-entries.json",
        Way::Pulled,
        r#""approved""#,
        r#""unsubmitted""#,
    ),
    (
        "harvest/expenses.json",
        Way::Pulled,
        r#""approved""#,
        r#""unsubmitted""#,
    ),
    (
        "jira/tempo.json",
        Way::Pulled,
        r#""APPROVED""#,
        r#""WAITING_FOR_APPROVAL""#,
    ),
    (
        "kantata/subscribed-events.json",
        Way::Pulled,
        r#""approved":true"#,
        r#""approved":false"#,
    ),
    (
        "personio/absences.json",
        Way::Pulled,
        r#""APPROVED""#,
        r#""PENDING""#,
    ),
    (
        "productive/time-entry.json",
        Way::Pushed,
        r#""approved":true"#,
        r#""approved":false"#,
    ),
    (
        "standard-webhooks/time-entry.json",
        Way::Pushed,
        r#""approved""#,
        r#""draft""#,
    ),
];

/// What the events of a text count as, in its order; what cannot be read counts as nothing.
pub(super) fn approvals(file: &str, way: Way, text: &str) -> Vec<Approval> {
    let source = file.split('/').next().unwrap();
    let approval = |event: Event| match event {
        Event::TimeEntry(entry) => Some(entry.approval),
        Event::Expense(expense) => Some(expense.approval),
        Event::TimeOff(off) => Some(off.approval),
        Event::Deal(_)
        | Event::Project(_)
        | Event::Assignment(_)
        | Event::Removed(_)
        | Event::Withdrawn(_)
        | Event::Person(_)
        | Event::Ticket(_)
        | Event::InvoiceStatus(_) => None,
    };
    let readings = read(source, way, text).unwrap_or_default();
    events(readings).into_iter().filter_map(approval).collect()
}

#[test]
fn each_approved_sample_is_so_by_its_word_alone() {
    for (file, way, approved, other) in APPROVED {
        let text = text(file);
        assert!(
            approvals(file, way, &text).contains(&Approval::Approved),
            "{file}"
        );
        let changed = text.replace(approved, other);
        assert_ne!(changed, text, "{file}");
        let after = approvals(file, way, &changed);
        assert!(!after.is_empty(), "{file}");
        assert!(!after.contains(&Approval::Approved), "{file}: {after:?}");
    }
}

#[test]
fn no_source_without_approval_approves_anything_by_itself() {
    for (file, way) in [
        ("moco/activity.json", Way::Pushed),
        ("toggl/time-entry.json", Way::Pushed),
        ("paymo/entry.json", Way::Pushed),
    ] {
        assert_eq!(
            approvals(file, way, &text(file)),
            [Approval::Review],
            "{file}"
        );
    }
}

#[test]
fn what_is_on_a_source_s_own_invoice_is_beyond_approval() {
    for (file, way, from, to) in [
        (
            "harvest/time-entries.json",
            Way::Pulled,
            r#""is_billed":false"#,
            r#""is_billed":true"#,
        ),
        (
            "kantata/subscribed-events.json",
            Way::Pulled,
            r#""invoice_id":null"#,
            r#""invoice_id":9"#,
        ),
        (
            "moco/activity.json",
            Way::Pushed,
            r#""billed":false"#,
            r#""billed":true"#,
        ),
        (
            "paymo/entry.json",
            Way::Pushed,
            r#""billed":false"#,
            r#""billed":true"#,
        ),
        (
            "productive/time-entry.json",
            Way::Pushed,
            r#""invoiced":false"#,
            r#""invoiced":true"#,
        ),
    ] {
        let all = approvals(file, way, &text(file).replace(from, to));
        assert!(
            all.iter().all(|one| *one == Approval::Invoiced),
            "{file}: {all:?}"
        );
    }
}

#[test]
fn an_approval_that_is_taken_back_is_an_event_of_its_own() {
    for (file, from, to, id) in [
        (
            "clockify/approvals.json",
            r#""APPROVED""#,
            r#""WITHDRAWN_APPROVAL""#,
            "64c777ddd3fcab07cfbb210c",
        ),
        (
            "kantata/subscribed-events.json",
            r#""previous_payload":{"approved":false}"#,
            r#""previous_payload":{"approved":true}"#,
            "501",
        ),
    ] {
        let source = file.split('/').next().unwrap();
        // In Kantata's feed what was before and what is now stand beside each other.
        let text = text(file).replace(r#""approved":true"#, r#""approved":false"#);
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{file}");
        let first = events(read(source, Way::Pulled, &changed).unwrap()).remove(0);
        let Event::Withdrawn(withdrawn) = first else {
            panic!("{file}: {first:?}");
        };
        let account = withdrawn.reference.account().to_owned();
        let entry = Reference::new(source, account, "time_entry", id);
        assert_eq!(withdrawn.reference, entry);
    }
}

#[test]
fn where_the_word_is_missing_nothing_is_approved() {
    for (file, way, from) in [
        ("harvest/time-entries.json", Way::Pulled, "approval_status"),
        ("harvest/expenses.json", Way::Pulled, "approval_status"),
        (
            "kantata/subscribed-events.json",
            Way::Pulled,
            "\"approved\"",
        ),
        ("productive/time-entry.json", Way::Pushed, "\"approved\""),
        ("jira/tempo.json", Way::Pulled, "approvals"),
        ("generic/time-entry.json", Way::Pushed, "status"),
        ("dataverse/rows.json", Way::Pulled, "msdyn_entrystatus"),
    ] {
        let other = from.replace(['a', 's'], "x");
        let approvals = approvals(file, way, &text(file).replace(from, &other));
        assert!(
            !approvals.contains(&Approval::Approved),
            "{file}: {approvals:?}"
        );
    }
}

#[test]
fn the_books_list_is_complete_for_its_own_psa_and_says_nothing_of_others() {
    let body = text("harvest/time-entries.json");
    let message = crate::Message {
        account: "acme",
        received_at: "2026-11-22T12:00:00Z".parse().unwrap(),
        headers: &std::collections::BTreeMap::new(),
        body: body.as_bytes(),
    };
    let first = |book: &domain::book::Book| {
        let readings = crate::read(crate::source("harvest").unwrap(), book, &message);
        let Event::TimeEntry(entry) = events(readings.unwrap()).remove(0) else {
            panic!("no time entry");
        };
        entry.approval
    };
    let mut book = super::demo_book();
    assert_eq!(first(&book), Approval::Approved);
    let psa = &mut book.psa.head;
    psa.source = "harvest".to_owned();
    psa.account = message.account.to_owned();
    assert_eq!(first(&book), Approval::Review);
    let words = [("approved".to_owned(), Approval::PartiallyApproved)];
    book.psa.head.approval.extend(words);
    assert_eq!(first(&book), Approval::PartiallyApproved);
}
