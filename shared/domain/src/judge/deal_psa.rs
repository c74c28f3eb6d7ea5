//! The project that a confirmed contract gets in a PSA: what was sold, in the words of the deal.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::deal_agreed::Confirmation;
use crate::book::Psa;
use crate::command::{Command, CreateProject, CreatePsaProject, LineBilling, OrderLine};

/// What is said of it beside the project in Odoo.
pub(super) struct Sold<'a> {
    /// In the deal's order.
    pub lines: &'a [OrderLine],
    /// The customer's purchase order number; empty when there is none.
    pub purchase_order: &'a str,
    /// When the order is confirmed.
    pub confirmation: Confirmation,
}

pub(super) fn create_psa_project(psa: &Psa, project: &CreateProject, sold: &Sold<'_>) -> Command {
    let scope = |line: &OrderLine| format!("{} x {}", line.quantity.normalize(), line.description);
    let starts_on = match sold.confirmation {
        Confirmation::On(day) => Some(day),
        Confirmation::Open | Confirmation::ByPerson => None,
    };
    Command::CreatePsaProject(CreatePsaProject {
        company: project.company.clone(),
        source: psa.source.clone(),
        account: psa.account.clone(),
        deal: project.order.clone(),
        customer: project.customer.clone(),
        name: project.name.clone(),
        purchase_order: sold.purchase_order.to_owned(),
        scope: sold.lines.iter().map(scope).collect(),
        takes_time: sold.lines.iter().any(OrderLine::takes_time),
        hours: project.budget_hours.or_else(|| hours(sold.lines)),
        starts_on,
        ends_on: sold.lines.iter().filter_map(last_day).max(),
        milestones: project.milestones.clone(),
    })
}

/// The hours that are sold, where any are.
fn hours(lines: &[OrderLine]) -> Option<Decimal> {
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
        let book = format!("{book}\n[psa.projects.create]\nboard = 3\ndeal_field_id = 11");
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
