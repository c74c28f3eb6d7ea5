//! From an approved time entry to timesheet lines: what was worked costs, what is billable bills.

use rust_decimal::Decimal;

use super::account::not_in_book;
use super::{Objection, Planned, Verdict};
use crate::book::Book;
use crate::command::{Coding, Command, LogTime};
use crate::event::{Approval, BillingOption, TimeEntry};
use crate::{ExceptionClass, Lane, LaneShard, Reference};

/// A day has no more hours than this.
const HOURS_PER_DAY: Decimal = Decimal::from_parts(24, 0, 0, false, 0);

/// Only approved and mapped time reaches finance. Everything else waits, is rejected, or is an
/// exception, each with its sentence.
pub fn judge_time(entry: &TimeEntry, book: &Book) -> Verdict {
    let (id, reference) = (entry.reference.id(), &entry.reference);
    if book.psa(reference.system(), reference.account()).is_none() {
        return Verdict::Except(not_in_book(reference, "psa"));
    }
    let status = &entry.status;
    match entry.approval {
        Approval::Draft | Approval::Submitted | Approval::PartiallyApproved => Verdict::Hold {
            reason: format!("Time entry {id} is not approved yet: its status is {status}"),
        },
        Approval::Rejected => Verdict::Reject {
            reason: format!("Time entry {id} was rejected by its approver ({status})"),
        },
        Approval::Invoiced => Verdict::Reject {
            reason: format!("Time entry {id} is already invoiced in the PSA ({status})"),
        },
        Approval::WrittenOff => Verdict::Reject {
            reason: format!("Time entry {id} was written off in the PSA ({status})"),
        },
        Approval::Review => Verdict::Except(unknown_status(entry)),
        Approval::Approved => approved(entry, book),
    }
}

fn approved(entry: &TimeEntry, book: &Book) -> Verdict {
    let mut items = Vec::new();
    let employee = book.who(entry.reference.account(), &entry.member.0);
    if employee.is_none() {
        // The member's name is personal data; the entry's id leads the owner to it.
        items.push("employee: the member who worked is not in the book".to_owned());
    }
    let role = entry.work_role.as_deref().unwrap_or_default();
    let service = book
        .service_by_role(role)
        .filter(|service| service.billing.takes_time());
    if service.is_none() {
        items.push(format!(
            "work role: {role:?} is no service by the hour in the book"
        ));
    }
    let project = entry.project.as_ref();
    if project.is_none() {
        items.push("project: the entry names none".to_owned());
    }
    items.extend(impossible_hours(entry));
    let psa = book.psa_or_first(entry.reference.system(), entry.reference.account());
    let said = entry.coded.cost_center.as_deref();
    let cost_center = book.cost_center_of(psa.cost_center, employee, said, &mut items);
    match (employee, service, project) {
        (Some(employee), Some(service), Some(project)) if items.is_empty() => {
            let coding = Coding {
                tax_percent: entry.coded.tax_percent,
                cost_center: cost_center.map(|one| one.account.clone()),
                work_role: (book.has_roles_rates(&service.key)).then(|| role.to_owned()),
            };
            let planned = plan(entry, &employee.odoo, &service.key, project, coding);
            Verdict::Go(vec![planned])
        }
        _ => Verdict::Except(unmapped(entry, items)),
    }
}

fn impossible_hours(entry: &TimeEntry) -> Vec<String> {
    let possible = |hours: Decimal| (Decimal::ZERO..=HOURS_PER_DAY).contains(&hours);
    let mut items = Vec::new();
    for (name, hours) in [
        ("worked", entry.worked),
        ("billable", entry.billable),
        ("covered", entry.covered),
    ] {
        if !possible(hours) {
            items.push(format!("{name} hours: {hours} is not between 0 and 24"));
        }
        if hours.scale() > 2 && hours.normalize().scale() > 2 {
            items.push(format!("{name} hours: {hours} has more than two decimals"));
        }
    }
    if entry.worked.is_zero() && entry.billable.is_zero() {
        items.push("worked hours: zero".to_owned());
    }
    items
}

fn plan(
    entry: &TimeEntry,
    employee: &str,
    service: &str,
    project: &Reference,
    coding: Coding,
) -> Planned {
    let (billable, unbilled_because) = billable_hours(entry);
    Planned {
        reference: entry.reference.clone(),
        version: entry.version,
        shard: LaneShard::of(Lane::Work, project),
        waits_for: Some(project.clone()),
        command: Command::LogTime(LogTime {
            project: project.clone(),
            service: service.to_owned(),
            employee: employee.to_owned(),
            date: entry.date,
            worked: entry.worked,
            billable,
            unbilled_because,
            coding,
            narration: entry.notes.clone(),
        }),
    }
}

fn billable_hours(entry: &TimeEntry) -> (Decimal, Option<String>) {
    let because = |text: &str| Some(text.to_owned());
    match entry.billing {
        BillingOption::NoCharge => (Decimal::ZERO, because("no charge")),
        BillingOption::DoNotBill => (Decimal::ZERO, because("not billable")),
        // An unknown word must not move money; the hours still cost.
        BillingOption::Unknown => (Decimal::ZERO, because("unknown billing option")),
        BillingOption::Billable => {
            let left = (entry.billable - entry.covered).max(Decimal::ZERO);
            let agreement = entry.agreement.as_deref().unwrap_or("an agreement");
            let why = match (entry.covered > Decimal::ZERO, left == entry.worked) {
                (true, _) => Some(format!("covered by {agreement}")),
                (false, false) => because("adjusted in the PSA"),
                (false, true) => None,
            };
            (left, why)
        }
    }
}

fn unknown_status(entry: &TimeEntry) -> Objection {
    Objection {
        code: "unknown_status",
        class: ExceptionClass::DataQuality,
        sentence: format!(
            "Time entry {} has a status that the book does not know",
            entry.reference.id()
        ),
        items: vec![format!("status: {:?}", entry.status)],
        fix: "Add the status to psa.approval in the book; until then it never counts as approved."
            .to_owned(),
        owner: "steward",
    }
}

fn unmapped(entry: &TimeEntry, items: Vec<String>) -> Objection {
    Objection {
        code: "time_not_mapped",
        class: ExceptionClass::DataQuality,
        sentence: format!(
            "Approved time entry {} cannot be posted",
            entry.reference.id()
        ),
        items,
        fix: "Complete the book or correct the entry in the PSA, then have it sent again."
            .to_owned(),
        owner: "steward",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rust_decimal::dec;

    use super::*;
    use crate::Version;
    use crate::book::tests::demo;
    use crate::event::{Coded, Personal};

    fn entry() -> TimeEntry {
        let named = |entity: &str, id: &str| Reference::new("connectwise", "Cobalt", entity, id);
        TimeEntry {
            reference: named("time_entry", "501"),
            version: Version(1),
            project: Some(named("project", "77")),
            customer: None,
            member: Personal("AConsultant".to_owned()),
            work_role: Some("Senior Consultant".to_owned()),
            date: date(2026, 11, 3),
            worked: dec!(8),
            billable: dec!(8),
            covered: dec!(0),
            agreement: None,
            billing: BillingOption::Billable,
            approval: Approval::Approved,
            status: "ApprovedByTierTwo".to_owned(),
            notes: Personal("Workshop".to_owned()),
            coded: Coded::default(),
        }
    }

    #[test]
    fn time_of_an_account_that_the_book_does_not_name_is_a_question() {
        let reference = Reference::new("connectwise", "Granite", "time_entry", "501");
        let entry = TimeEntry {
            reference,
            ..entry()
        };
        let Verdict::Except(objection) = judge_time(&entry, &demo()) else {
            panic!("expected a question")
        };
        assert_eq!(objection.code, "account_not_in_book");
        assert!(objection.sentence.contains("Granite of connectwise"));
    }

    fn posted(entry: &TimeEntry) -> LogTime {
        let Verdict::Go(plan) = judge_time(entry, &demo()) else {
            panic!("expected a command")
        };
        let Command::LogTime(time) = &plan[0].command else {
            panic!("expected time")
        };
        time.clone()
    }

    #[test]
    fn only_approved_time_goes_ahead() {
        for (approval, goes) in [
            (Approval::Draft, false),
            (Approval::Submitted, false),
            (Approval::PartiallyApproved, false),
            (Approval::Approved, true),
            (Approval::Rejected, false),
            (Approval::Invoiced, false),
            (Approval::WrittenOff, false),
            (Approval::Review, false),
        ] {
            let verdict = judge_time(
                &TimeEntry {
                    approval,
                    ..entry()
                },
                &demo(),
            );
            assert_eq!(
                matches!(verdict, Verdict::Go(_)),
                goes,
                "{approval:?}: {verdict:?}"
            );
        }
    }

    #[test]
    fn worked_hours_cost_and_billable_hours_bill() {
        let hours = |time: LogTime| (time.worked, time.billable);
        assert_eq!(hours(posted(&entry())), (dec!(8), dec!(8)));
        let less = TimeEntry {
            billable: dec!(6),
            ..entry()
        };
        assert_eq!(hours(posted(&less)), (dec!(8), dec!(6)));
        let covered = TimeEntry {
            covered: dec!(5),
            ..entry()
        };
        assert_eq!(hours(posted(&covered)), (dec!(8), dec!(3)));
        let all_covered = TimeEntry {
            covered: dec!(9),
            ..entry()
        };
        assert_eq!(hours(posted(&all_covered)), (dec!(8), dec!(0)));
        for billing in [
            BillingOption::NoCharge,
            BillingOption::DoNotBill,
            BillingOption::Unknown,
        ] {
            assert_eq!(
                hours(posted(&TimeEntry { billing, ..entry() })),
                (dec!(8), dec!(0))
            );
        }
    }

    #[test]
    fn every_defect_is_reported_and_no_name_with_it() {
        let bad = TimeEntry {
            member: Personal("Nobody Known".to_owned()),
            work_role: Some("Wizard".to_owned()),
            project: None,
            worked: dec!(25),
            billable: dec!(-1),
            covered: dec!(0.001),
            ..entry()
        };
        let Verdict::Except(objection) = judge_time(&bad, &demo()) else {
            panic!("expected an exception")
        };
        assert_eq!(objection.items.len(), 6, "{:?}", objection.items);
        assert!(!format!("{objection:?}").contains("Nobody"));
    }
}
