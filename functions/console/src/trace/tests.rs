//! The sentences, case by case.

use aws::{Partition, Sent, Tries};
use domain::billing::{Allocation, Unit, UnitKind};
use domain::command::{Command, LogTime};
use domain::event::Personal;
use domain::record::Posted;
use domain::{
    Exception, ExceptionClass, Fingerprint, Lane, LaneShard, Record, Reference, State, Version,
};
use jiff::Timestamp;
use rust_decimal::{Decimal, dec};

use super::known::Known;
use super::lineage::{Entry, Lineage, PsaProject};
use super::sentence::Speaker;

const PSA: &str = "psa";

const PSAS: [&str; 1] = [PSA];

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

fn reference(entity: &str, id: &str) -> Reference {
    Reference::new(PSA, "a", entity, id)
}

fn log_time(because: Option<&str>) -> Command {
    Command::LogTime(LogTime {
        project: reference("project", "77"),
        service: "senior".to_owned(),
        employee: "e".to_owned(),
        date: jiff::civil::date(2026, 11, 3),
        worked: dec!(8),
        billable: dec!(8),
        unbilled_because: because.map(str::to_owned),
        coding: domain::command::Coding::default(),
        narration: Personal::default(),
    })
}

fn known(reference: Reference, state: State, change: impl FnOnce(&mut Record)) -> Known {
    let shard = LaneShard {
        lane: Lane::Work,
        shard: 2,
    };
    let fingerprint = Fingerprint::of("x");
    let mut record = Record {
        state,
        correlation: "c".to_owned(),
        book: "b".to_owned(),
        ..Record::new(reference.clone(), Version(1), fingerprint, shard, second(0))
    };
    change(&mut record);
    Known {
        reference,
        versions: vec![record],
        exceptions: Vec::new(),
        partition: None,
    }
}

fn nothing_of(reference: Reference) -> Known {
    Known {
        versions: Vec::new(),
        ..known(reference, State::Held, |_| {})
    }
}

fn waiting_entry() -> Known {
    known(reference("time_entry", "501"), State::Waiting, |record| {
        record.waits_for = Some(reference("project", "77"));
        record.command = Some(log_time(None));
    })
}

fn says(lineage: &Lineage, asked: &Reference) -> String {
    let speaker = Speaker {
        psa: &PSAS,
        now: second(100),
    };
    speaker.sentence(lineage, asked)
}

fn alone(known: Known) -> (Lineage, Reference) {
    let asked = known.reference.clone();
    let lineage = Lineage {
        alone: Some(known),
        ..Lineage::default()
    };
    (lineage, asked)
}

#[test]
fn what_waits_says_for_what_and_what_that_waits_for() {
    let open = Exception {
        reference: reference("project", "77"),
        version: Version(1),
        code: "project_not_linked".to_owned(),
        class: ExceptionClass::DataQuality,
        sentence: "it is not linked to a contract".to_owned(),
        items: Vec::new(),
        fix: String::new(),
        owner: "steward".to_owned(),
        raised_at: second(0),
        correlation: "c".to_owned(),
    };
    let project = reference("project", "77");
    let held = Known {
        exceptions: vec![open],
        ..known(project.clone(), State::Held, |_| {})
    };
    let linking = known(project.clone(), State::Waiting, |record| {
        record.waits_for = Some(reference("deal", "9"));
    });
    let entry = reference("time_entry", "501");
    for (waits, end) in [
        (
            vec![held],
            "which waits for steward: it is not linked to a contract.",
        ),
        (
            vec![nothing_of(project)],
            "which no delivery has named yet.",
        ),
        (
            vec![linking, nothing_of(reference("deal", "9"))],
            "which waits for deal 9, which no delivery has named yet.",
        ),
    ] {
        let lineage = Lineage {
            waits,
            ..alone(waiting_entry()).0
        };
        let sentence = format!("Time entry 501 waits for PSA project 77, {end}");
        assert_eq!(says(&lineage, &entry), sentence);
    }
}

#[test]
fn what_is_pending_says_whose_turn_it_is() {
    let pointer = aws::keys::pointer(&reference("time_entry", "501"), Version(1));
    let sent = Sent {
        from: pointer.clone(),
        to: pointer,
        at: second(50),
    };
    let mut tries = Tries::default();
    let earlier = Sent {
        at: second(40),
        ..sent.clone()
    };
    tries.failed(&earlier, "Odoo could not be reached");
    let held = Partition {
        worker_until: Some(second(200)),
        sent: Some(sent),
        ..Partition::default()
    };
    let resting = Partition {
        resting_until: Some(second(110)),
        tries,
        ..Partition::default()
    };
    let ended = Partition {
        worker_until: Some(second(90)),
        ..held.clone()
    };
    for (partition, said) in [
        (Partition::default(), "is pending in work#2."),
        (held, "is being sent to Odoo now."),
        (
            resting,
            "waits for Odoo, which is left alone until 2026-05-28 20:28:30 UTC (Odoo could not be reached).",
        ),
        (
            ended,
            "is uncertain: sent at 2026-05-28 20:27:30 UTC, and no answer was kept.",
        ),
    ] {
        let entry = known(reference("time_entry", "501"), State::Waiting, |record| {
            record.command = Some(log_time(None));
        });
        let (lineage, asked) = alone(Known {
            partition: Some(partition),
            ..entry
        });
        assert_eq!(says(&lineage, &asked), format!("Time entry 501 {said}"));
    }
}

#[test]
fn time_in_odoo_says_whether_it_is_invoiced_and_why_not() {
    let unit = |quantity: Decimal| Unit {
        reference: reference("time_entry", "501"),
        line: reference("line_item", "1"),
        day: jiff::civil::date(2026, 11, 3),
        quantity,
        kind: UnitKind::Time,
        version: Version::default(),
    };
    let allocation = |quantity: Decimal| Allocation {
        unit: reference("time_entry", "501"),
        invoice: reference("invoice", "9/1"),
        quantity,
        amount: Decimal::ZERO,
    };
    for (unit, allocations, said) in [
        (None, vec![], "what it bills is not noted yet"),
        (Some(unit(dec!(0))), vec![], "no charge"),
        (
            Some(unit(dec!(8))),
            vec![],
            "no billing run has taken it yet",
        ),
    ] {
        let entry = posted_entry(unit, allocations);
        let sentence =
            format!("Time entry 501 is in Odoo (account.analytic.line 3), not invoiced: {said}.");
        assert_eq!(says(&entry, &reference("time_entry", "501")), sentence);
    }
    let credited = vec![allocation(dec!(8)), allocation(dec!(-8))];
    let credited = posted_entry(Some(unit(dec!(8))), credited);
    let said = says(&credited, &reference("time_entry", "501"));
    assert!(
        said.ends_with("not invoiced any more: it was credited."),
        "{said}"
    );
}

fn posted_entry(unit: Option<Unit>, allocations: Vec<Allocation>) -> Lineage {
    let entry = known(reference("time_entry", "501"), State::Posted, |record| {
        record.command = Some(log_time(Some("no charge")));
        record.posted = Some(Posted {
            model: "account.analytic.line".to_owned(),
            id: 3,
            others: Vec::new(),
            name: None,
            customer: domain::customer::Noted::default(),
        });
    });
    let entry = Entry {
        known: entry,
        unit,
        allocations,
    };
    Lineage {
        psa: vec![PsaProject {
            known: known(reference("project", "77"), State::Posted, |_| {}),
            entries: vec![entry],
            more: 0,
        }],
        ..Lineage::default()
    }
}

/// Programs read these names: one that is missing here was renamed under their feet.
#[test]
fn the_names_of_an_answer_stay() {
    let asked = reference("time_entry", "501");
    let lineage = posted_entry(None, Vec::new());
    let speaker = Speaker {
        psa: &PSAS,
        now: second(100),
    };
    let trace = super::Trace {
        chain: speaker.tree(&lineage, &asked),
        ..super::Trace::of("501", String::new(), Vec::new())
    };
    let trace = serde_json::to_value(trace).unwrap();
    let names = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(
        names(&trace),
        [
            "about",
            "chain",
            "found",
            "identifier",
            "links",
            "sentence",
            "versions"
        ]
    );
    let entry = &trace["chain"][0]["children"][0];
    assert_eq!(
        names(entry),
        ["asked", "at", "children", "odoo", "record", "state", "what"]
    );
    assert_eq!(names(&entry["odoo"]), ["id", "model", "name", "others"]);
    assert_eq!(
        names(&entry["record"]),
        [
            "attempts",
            "book",
            "changed_at",
            "correlation",
            "exceptions",
            "fields",
            "judged_at",
            "older",
            "reason",
            "received_at",
            "reference",
            "state",
            "version"
        ]
    );
}
