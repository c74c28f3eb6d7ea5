//! The project that a confirmed contract gets in a PSA: what was sold, in the words of the deal.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::deal_agreed::Confirmation;
use super::deal_plan::{Terms, budget, milestones};
use crate::book::Psa;
use crate::command::{Command, Company, CreatePsaProject, LineBilling, OrderLine};
use crate::event::Deal;

pub(super) fn create_psa_project(
    deal: &Deal,
    terms: &Terms<'_>,
    psa: &Psa,
    company: Company,
) -> Command {
    let scope = |line: &OrderLine| format!("{} x {}", line.quantity.normalize(), line.description);
    let starts_on = match terms.confirmation {
        Confirmation::On(day) => Some(day),
        Confirmation::Open | Confirmation::ByPerson => None,
    };
    Command::CreatePsaProject(CreatePsaProject {
        company,
        source: psa.source.clone(),
        account: psa.account.clone(),
        deal: deal.reference.clone(),
        customer: terms.customer.reference.clone(),
        name: deal.name.clone(),
        purchase_order: terms.purchase_order.to_owned(),
        scope: terms.lines.iter().map(scope).collect(),
        takes_time: terms.lines.iter().any(OrderLine::takes_time),
        hours: budget(deal, &terms.lines).or_else(|| sold(&terms.lines)),
        starts_on,
        ends_on: terms.lines.iter().filter_map(last_day).max(),
        milestones: milestones(&terms.lines),
    })
}

/// The hours that are sold, where any are.
fn sold(lines: &[OrderLine]) -> Option<Decimal> {
    let sold = lines.iter().filter(|line| line.takes_time());
    let hours: Decimal = sold.map(|line| line.quantity * line.hours_per_unit()).sum();
    (hours > Decimal::ZERO).then(|| hours.normalize())
}

fn last_day(line: &OrderLine) -> Option<Date> {
    match line.billing {
        LineBilling::TimeAndMaterials => line.until,
        LineBilling::Instalment { due } | LineBilling::Milestone { due } => Some(due),
        // What is paid on a day is worked after it, and a month is followed by another one.
        LineBilling::Retainer { .. } | LineBilling::Recurring { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rust_decimal::dec;

    use super::*;
    use crate::book::Book;
    use crate::book::tests::TEXT;
    use crate::judge::deal_tests::complete;
    use crate::judge::{Planned, Verdict, judge_deal};

    fn planned(book: &str, signed: bool) -> Vec<Planned> {
        let mut deal = complete();
        deal.signed_on = signed.then_some(date(2026, 11, 16));
        let verdict = judge_deal(&deal, &Book::parse(book).unwrap());
        let Verdict::Go(plan) = verdict else {
            panic!("{verdict:?}")
        };
        plan
    }

    #[test]
    fn a_confirmed_contract_gets_a_project_in_the_psa_where_the_book_says_so() {
        let customers = "customers = { 250 = \"9075112200\" }\ndeal_id_field =";
        let book = TEXT.replace("deal_id_field =", customers);
        let book = format!("{book}\n[psa.projects.create]\nboard = 3\ndeal_id_field_id = 11");
        assert_eq!(planned(TEXT, true).len(), planned(&book, false).len() + 2);
        let plan = planned(&book, true);
        let last = plan.last().unwrap();
        let deal = complete().reference;
        assert_eq!(last.reference, deal.sibling("psa_project"));
        assert_eq!(last.waits_for, Some(deal.sibling("project")));
        let Command::CreatePsaProject(project) = &last.command else {
            panic!("{:?}", last.command)
        };
        assert_eq!(
            (project.source.as_str(), project.account.as_str()),
            ("connectwise", "Cobalt")
        );
        assert_eq!(project.name, complete().name);
        assert_eq!(project.starts_on, Some(date(2026, 11, 16)));
        assert!(
            project.takes_time && project.hours > Some(dec!(0)),
            "{project:?}"
        );
        assert_eq!(project.scope.len(), complete().lines.len());
    }
}
