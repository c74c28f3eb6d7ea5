//! An approval that ends after its time was posted: whatever the source calls it, a person is asked, and
//! nothing is undone by itself.

use std::collections::BTreeMap;

use aws::{Billing, Exceptions, Ledger};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::Lane;
use domain::billing::{Allocation, Manifest};
use domain::command::{Command, Company, DraftInvoice, LinkProject, LogTime};
use domain::delivery::{DELIVERY_VERSION, Delivery};
use domain::event::Event;
use domain::record::Posted;
use domain::{Exception, Fingerprint, LaneShard, Record, Reference, State, Version};
use jiff::civil::date;
use rust_decimal::{Decimal, dec};
use serde_json::json;
use sources::{PULLED, Reading};
use tests::large_stack::on_a_large_stack;

use crate::lists::readings;
use crate::validate_all;
use crate::world::{World, at};

/// What a source sent when an entry was approved, and what it sends when that has ended.
struct Step {
    account: &'static str,
    file: &'static str,
    is_pulled: bool,
    changes: &'static [(&'static str, &'static str)],
}

const CLOCKIFY: Step = Step {
    account: "64a687e29ae1f428e7ebe303",
    file: "clockify/approvals.json",
    is_pulled: true,
    changes: &[("\"APPROVED\"", "\"WITHDRAWN_APPROVAL\"")],
};

/// One for each source that knows approval of time.
const STEPS: [Step; 9] = [
    CLOCKIFY,
    Step {
        account: "acme",
        file: "kantata/subscribed-events.json",
        is_pulled: true,
        changes: &[
            ("\"approved\":true", "\"approved\":false"),
            (
                "\"previous_payload\":{\"approved\":false}",
                "\"previous_payload\":{\"approved\":true}",
            ),
        ],
    },
    Step {
        account: "4711",
        file: "harvest/time-entries.json",
        is_pulled: true,
        changes: &[("\"approved\"", "\"unsubmitted\"")],
    },
    Step {
        account: "acme",
        file: "autotask/time-entries.json",
        is_pulled: true,
        changes: &[("\"2026-11-05T08:00:00.000Z\"", "null")],
    },
    Step {
        account: "17",
        file: "productive/time-entry.json",
        is_pulled: false,
        changes: &[("\"approved\":true", "\"approved\":false")],
    },
    Step {
        account: "acme",
        file: "jira/tempo.json",
        is_pulled: true,
        changes: &[("\"APPROVED\"", "\"WAITING_FOR_APPROVAL\"")],
    },
    Step {
        account: "acme",
        file: "dataverse/rows.json",
        is_pulled: true,
        changes: &[("192350002", "192350003")],
    },
    Step {
        account: "acme",
        file: "generic/time-entry.json",
        is_pulled: false,
        changes: &[("\"approved\"", "\"submitted\"")],
    },
    Step {
        account: "acme",
        file: "standard-webhooks/time-entry.json",
        is_pulled: false,
        changes: &[("\"approved\"", "\"draft\"")],
    },
];

impl Step {
    fn source(&self) -> &'static str {
        self.file.split_once('/').expect("a source").0
    }

    fn delivery(&self) -> Delivery {
        let mut text = tests::file(&format!("shared/sources/fixtures/{}", self.file));
        for (from, to) in self.changes {
            assert!(text.contains(from), "{}: {from}", self.file);
            text = text.replace(from, to);
        }
        let pulled = (PULLED.to_owned(), String::new());
        delivery(
            self.source(),
            self.account,
            &text,
            self.is_pulled.then_some(pulled),
        )
    }
}

fn delivery(source: &str, account: &str, body: &str, header: Option<(String, String)>) -> Delivery {
    Delivery {
        v: DELIVERY_VERSION,
        id: format!("{source}-step-back"),
        source: source.to_owned(),
        account: account.to_owned(),
        received_at: at(0),
        headers: header.into_iter().collect::<BTreeMap<_, _>>(),
        body: BASE64_STANDARD.encode(body),
    }
}

/// What the first event of a delivery is about, and its version.
fn first_entry(delivery: &Delivery) -> (Reference, Version) {
    let event = match readings(delivery).into_iter().next() {
        Some(Reading::Event(event)) => event,
        other => panic!("{}: {other:?}", delivery.source),
    };
    assert!(
        matches!(event, Event::TimeEntry(_) | Event::Withdrawn(_)),
        "{event:?}"
    );
    (event.reference().clone(), event.version())
}

/// The entry, as it was posted when it was approved.
async fn posted_before(world: &World, (entry, version): &(Reference, Version)) -> Record {
    let time = Command::LogTime(LogTime {
        project: entry.sibling("project"),
        service: "SVC-SENIOR".to_owned(),
        employee: "consultant".to_owned(),
        date: date(2026, 11, 3),
        worked: dec!(8),
        billable: dec!(8),
        unbilled_because: None,
        coding: domain::command::Coding::default(),
        narration: domain::event::Personal(String::new()),
    });
    let before = Version(version.0 - 1);
    posted(
        world,
        entry.clone(),
        before,
        Some(time),
        "account.analytic.line",
        None,
    )
    .await
}

/// A record that is in Odoo.
async fn posted(
    world: &World,
    reference: Reference,
    version: Version,
    command: Option<Command>,
    model: &str,
    name: Option<&str>,
) -> Record {
    let shard = LaneShard::of(Lane::Work, &reference);
    let fingerprint = Fingerprint::of(&reference.to_string());
    let record = Record {
        state: State::Posted,
        correlation: "before".to_owned(),
        command,
        posted: Some(Posted {
            model: model.to_owned(),
            id: 7,
            others: Vec::new(),
            name: name.map(str::to_owned),
            customer: domain::customer::Noted::default(),
        }),
        ..Record::new(reference, version, fingerprint, shard, at(-60))
    };
    let ledger = Ledger::new(&world.connection, &world.ledger);
    ledger.accept(&record).await.expect("it is noted");
    record
}

async fn asked(world: &World, entry: &Reference) -> Exception {
    let exceptions = Exceptions::new(&world.connection, &world.exceptions);
    let mut open = exceptions.of(entry).await.expect("exceptions");
    assert_eq!(open.len(), 1, "{open:?}");
    let question = open.remove(0);
    assert_eq!(question.code, "changed_after_posting", "{entry}");
    assert_eq!(question.owner, "finance");
    question
}

/// What came last is held, and what is in Odoo stays as it is: there is nothing for anybody to post.
async fn assert_untouched(world: &World, entry: &Reference, before: &Record) {
    let ledger = Ledger::new(&world.connection, &world.ledger);
    let versions = ledger.versions(entry).await.expect("versions");
    let states: Vec<State> = versions.iter().map(|one| one.state).collect();
    assert_eq!(states, [State::Held, State::Posted], "{entry}");
    assert_eq!(versions[1], *before);
    assert_eq!(versions[0].command, None, "{entry}");
}

#[test]
fn a_step_back_after_posting_is_a_persons_question_in_every_source_that_knows_approval() {
    on_a_large_stack(async || {
        let world = World::demo("http://127.0.0.1:9", "http://127.0.0.1:9").await;
        for step in &STEPS {
            let delivery = step.delivery();
            let entry = first_entry(&delivery);
            let before = posted_before(&world, &entry).await;
            validate_all(&world, std::slice::from_ref(&delivery)).await;
            assert_untouched(&world, &entry.0, &before).await;
            let question = asked(&world, &entry.0).await;
            // Sent again, it is the same question.
            validate_all(&world, &[delivery]).await;
            assert_eq!(asked(&world, &entry.0).await, question);
        }
    });
}

#[test]
fn each_word_of_the_psa_that_is_no_approval_is_a_question_after_posting() {
    on_a_large_stack(async || {
        let world = World::demo("http://127.0.0.1:9", "http://127.0.0.1:9").await;
        for (id, word) in [
            (1, "Open"),
            (2, "Rejected"),
            (3, "WrittenOff"),
            (4, "A new word"),
        ] {
            let record = json!({"id": id, "member": {"identifier": "AConsultant"}, "status": word,
                "workRole": {"name": "Senior Consultant"}, "timeStart": "2026-11-19T15:00:00Z",
                "actualHours": 7, "hoursBilled": 7, "agreementHours": 0, "billableOption": "Billable",
                "project": {"id": 77}, "_info": {"lastUpdated": "2026-11-20T16:00:00Z"}});
            let callback = json!({"Action": "updated", "CompanyId": "Cobalt", "ID": id, "Type": "time",
                "Entity": record.to_string()});
            let delivery = delivery("connectwise", "Cobalt", &callback.to_string(), None);
            let entry = first_entry(&delivery);
            let before = posted_before(&world, &entry).await;
            validate_all(&world, &[delivery]).await;
            assert_untouched(&world, &entry.0, &before).await;
            let question = asked(&world, &entry.0).await;
            assert!(question.items[0].contains(word), "{:?}", question.items);
        }
    });
}

/// The project of an entry, as a steward has linked it to the deal.
async fn link_project(world: &World, entry: &Reference) {
    let link = Command::LinkProject(LinkProject {
        company: Company {
            id: 1,
            zone: "UTC".to_owned(),
        },
        deal: Reference::new("hubspot", "48807704", "deal", "99"),
        by: "steward".to_owned(),
    });
    let project = entry.sibling("project");
    posted(
        world,
        project,
        Version(1),
        Some(link),
        "project.project",
        None,
    )
    .await;
}

/// An invoice on which so many hours of an entry stand; a credit note is negative.
async fn billed(world: &World, entry: &Reference, number: u32, quantity: Decimal) -> Reference {
    let deal = Reference::new("hubspot", "48807704", "deal", "99");
    let invoice = Reference::new("hubspot", "48807704", "invoice", format!("99/{number}"));
    let company = Company {
        id: 1,
        zone: "UTC".to_owned(),
    };
    let manifest = Manifest {
        number,
        run: "run".to_owned(),
        cut_off: date(2026, 11, 30),
        allocations: vec![Allocation {
            unit: entry.clone(),
            invoice: invoice.clone(),
            quantity,
            amount: quantity * dec!(160),
        }],
        draft: DraftInvoice {
            company,
            order: deal,
            invoice_date: date(2026, 11, 30),
            lines: Vec::new(),
            expected_untaxed: quantity * dec!(160),
        },
    };
    let billing = Billing::new(&world.connection, &world.billing);
    billing.freeze(&manifest).await.expect("it is frozen");
    invoice
}

#[test]
fn what_is_invoiced_is_credited_by_a_person_and_never_reversed_silently() {
    on_a_large_stack(async || {
        let world = World::demo("http://127.0.0.1:9", "http://127.0.0.1:9").await;
        let delivery = CLOCKIFY.delivery();
        let entry = first_entry(&delivery);
        let before = posted_before(&world, &entry).await;
        link_project(&world, &entry.0).await;
        let invoice = billed(&world, &entry.0, 1, dec!(8)).await;
        let posting = invoice.sibling("invoice_posting");
        let name = Some("INV/2026/00001");
        posted(&world, posting, Version(1), None, "account.move", name).await;
        validate_all(&world, std::slice::from_ref(&delivery)).await;
        assert_untouched(&world, &entry.0, &before).await;
        let question = asked(&world, &entry.0).await;
        let id = entry.0.id();
        let (was, is) = (entry.1.0 - 1, entry.1.0);
        let items = [
            format!(
                "The approval of time entry {id} was taken back in its source (WITHDRAWN_APPROVAL)"
            ),
            format!("posted version: {was}, newer version: {is}"),
            "it is on invoice INV/2026/00001".to_owned(),
        ];
        assert_eq!(question.items, items);
        assert!(
            question.fix.contains("make a credit note"),
            "{}",
            question.fix
        );
    });
}

#[test]
fn what_was_credited_already_is_on_no_invoice_and_a_run_that_goes_on_says_so() {
    on_a_large_stack(async || {
        let world = World::demo("http://127.0.0.1:9", "http://127.0.0.1:9").await;
        let mut delivery = CLOCKIFY.delivery();
        let entry = first_entry(&delivery);
        posted_before(&world, &entry).await;
        link_project(&world, &entry.0).await;
        billed(&world, &entry.0, 1, dec!(8)).await;
        billed(&world, &entry.0, 2, dec!(-8)).await;
        validate_all(&world, std::slice::from_ref(&delivery)).await;
        let question = asked(&world, &entry.0).await;
        assert_eq!(question.items.len(), 2, "{:?}", question.items);
        // A later word, while another run has it in hand.
        billed(&world, &entry.0, 3, dec!(8)).await;
        let later = tests::file("shared/sources/fixtures/clockify/approvals.json")
            .replace("\"APPROVED\"", "\"REJECTED\"")
            .replace("2026-11-09T09:00:00Z", "2026-11-09T10:00:00Z");
        delivery.body = BASE64_STANDARD.encode(later);
        validate_all(&world, &[delivery]).await;
        let question = asked(&world, &entry.0).await;
        let last = question.items.last().expect("an item");
        let invoice = Reference::new("hubspot", "48807704", "invoice", "99/3");
        assert_eq!(
            *last,
            format!("it is on invoice {invoice}, which is not posted yet")
        );
    });
}
