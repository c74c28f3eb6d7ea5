//! Places on projects: what is kept of them, and which of them nobody can bill.

use super::account::not_in_book;
use super::{Objection, Planned, Verdict};
use crate::book::Book;
use crate::command::{Command, CreateOrder, KeepAssignment};
use crate::event::Assignment;
use crate::{ExceptionClass, Lane, LaneShard, Reference};

/// The code of the question about an assignment that nobody can bill.
pub const UNBILLABLE: &str = "unbillable_assignment";

/// Whatever the source plans for a project is kept, mapped as far as the book knows it: a plan moves
/// no money, so that a gap in it holds nothing up.
pub fn judge_assignment(assignment: &Assignment, book: &Book) -> Verdict {
    let reference = &assignment.reference;
    if book.psa(reference.system(), reference.account()).is_none() {
        return Verdict::Except(not_in_book(reference, "psa"));
    }
    let Some(project) = &assignment.project else {
        let id = reference.id();
        return Verdict::Hold {
            reason: format!("Assignment {id} names no project; it is kept here"),
        };
    };
    let member = assignment.member.as_ref();
    let employee = member.and_then(|member| book.employee(reference.account(), &member.0));
    let role = assignment.work_role.as_deref();
    let service = role.and_then(|role| book.service_by_role(role));
    Verdict::Go(vec![Planned {
        reference: reference.clone(),
        version: assignment.version,
        shard: LaneShard::of(Lane::Work, project),
        // Which contract it is billed by is known when its project is linked to one.
        waits_for: Some(project.clone()),
        command: Command::KeepAssignment(KeepAssignment {
            project: project.clone(),
            task: assignment.task.clone(),
            member: assignment.member.clone(),
            employee: employee.map(str::to_owned),
            work_role: assignment.work_role.clone(),
            service: service.map(|service| service.key.clone()),
            from: assignment.from,
            to: assignment.to,
            hours: assignment.hours,
            cost_rate: assignment.cost_rate,
            bill_rate: assignment.bill_rate,
            is_tentative: assignment.is_tentative,
            is_gone: false,
        }),
    }])
}

/// What the delivery lead is asked when the work of an assignment would have no order line; nothing
/// when it has one.
pub fn unbillable(
    reference: &Reference,
    assignment: &KeepAssignment,
    order: &CreateOrder,
    deal: &Reference,
) -> Option<Objection> {
    let is_sold = assignment.service.as_ref().is_some_and(|service| {
        let of_service = |line: &&crate::command::OrderLine| {
            line.service == *service && line.takes_time() && !line.quantity.is_zero()
        };
        // Work on the last day is billed by what is sold by then.
        let begins = |line: &crate::command::OrderLine| match (line.from, assignment.to) {
            (Some(from), Some(to)) => from <= to,
            (Some(_) | None, _) => true,
        };
        order.lines.iter().filter(of_service).any(begins)
    });
    if assignment.is_gone || is_sold {
        return None;
    }
    let role = assignment.work_role.as_deref().unwrap_or_default();
    let item = match &assignment.service {
        Some(service) => format!("service: deal {} sells no hours of {service}", deal.id()),
        None => format!("work role: {role:?} is no service of the book"),
    };
    Some(Objection {
        code: UNBILLABLE,
        class: ExceptionClass::BusinessRule,
        sentence: format!(
            "Unbillable assignment {} on project {}",
            reference.id(),
            assignment.project.id()
        ),
        items: vec![item],
        fix: "Add the service to the deal, or change the role of the assignment; it closes by itself."
            .to_owned(),
        owner: "delivery",
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rust_decimal::dec;

    use super::*;
    use crate::Version;
    use crate::book::tests::demo;
    use crate::event::Personal;
    use crate::judge::deal_tests::{complete, order_of};

    fn assignment(role: Option<&str>) -> Assignment {
        let named = |entity: &str, id: &str| Reference::new("connectwise", "Cobalt", entity, id);
        Assignment {
            reference: named("assignment", "9"),
            version: Version(1),
            project: Some(named("project", "77")),
            task: None,
            member: Some(Personal("AConsultant".to_owned())),
            work_role: role.map(str::to_owned),
            from: Some(date(2026, 12, 1)),
            to: Some(date(2026, 12, 18)),
            hours: Some(dec!(40)),
            cost_rate: None,
            bill_rate: None,
            is_tentative: false,
        }
    }

    fn kept(role: Option<&str>) -> KeepAssignment {
        let verdict = judge_assignment(&assignment(role), &demo());
        let Verdict::Go(plan) = verdict else {
            panic!("{verdict:?}");
        };
        let Command::KeepAssignment(kept) = plan[0].command.clone() else {
            panic!("{plan:?}");
        };
        kept
    }

    #[test]
    fn an_assignment_is_kept_with_what_the_book_knows_of_it() {
        let kept = kept(Some("Senior Consultant"));
        assert_eq!(kept.employee.as_deref(), Some("hr_demo.alice"));
        assert_eq!(kept.service.as_deref(), Some("senior_consultant"));
        assert_eq!(kept.hours, Some(dec!(40)));
    }

    #[test]
    fn an_assignment_without_a_project_is_held_and_one_of_an_unknown_account_is_a_question() {
        let nowhere = Assignment {
            project: None,
            ..assignment(None)
        };
        assert!(matches!(
            judge_assignment(&nowhere, &demo()),
            Verdict::Hold { .. }
        ));
        let unknown = Assignment {
            reference: Reference::new("connectwise", "Other", "assignment", "9"),
            ..assignment(None)
        };
        assert!(matches!(
            judge_assignment(&unknown, &demo()),
            Verdict::Except(_)
        ));
    }

    #[test]
    fn an_assignment_that_nobody_can_bill_is_a_question_for_delivery() {
        let (deal, reference) = (complete(), assignment(None).reference);
        let mut order = order_of(&deal);
        let ask = |kept: &KeepAssignment, order: &CreateOrder| {
            unbillable(&reference, kept, order, &deal.reference)
        };
        let senior = kept(Some("Senior Consultant"));
        assert_eq!(ask(&senior, &order), None);
        let no_role = ask(&kept(Some("Juggler")), &order).unwrap();
        assert_eq!(no_role.owner, "delivery");
        assert_eq!(
            no_role.items,
            ["work role: \"Juggler\" is no service of the book"]
        );
        for line in &mut order.lines {
            line.from = Some(date(2026, 12, 19));
        }
        assert!(
            ask(&senior, &order).is_some(),
            "it is sold from a later day on"
        );
        order
            .lines
            .retain(|line| line.service != "senior_consultant");
        let unsold = ask(&senior, &order).unwrap();
        assert_eq!(unsold.sentence, "Unbillable assignment 9 on project 77");
        let gone = KeepAssignment {
            is_gone: true,
            ..senior
        };
        assert_eq!(ask(&gone, &order), None);
    }
}
