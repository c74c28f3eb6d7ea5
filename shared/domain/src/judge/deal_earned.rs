//! Who earns what a deal sells, beside its project.

use crate::book::Book;
use crate::command::{Earned, OrderLine};

/// The lines whose service has cost centres. A line that lacks one of a required plan is noted.
pub(super) fn earned(lines: &[OrderLine], book: &Book, missing: &mut Vec<String>) -> Vec<Earned> {
    let one = |line: &OrderLine| {
        let service = book.services.iter().find(|one| one.key == line.service)?;
        let mut items = Vec::new();
        let shares = book.earning(service, &mut items);
        let label = &line.description;
        missing.extend(
            items
                .iter()
                .map(|item| format!("line item {label:?}: {item}")),
        );
        let line = line.reference.clone();
        (!shares.is_empty()).then_some(Earned { line, shares })
    };
    lines.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rust_decimal::Decimal;

    use super::super::deal_tests::{complete, missing};
    use super::super::{Verdict, judge_deal};
    use crate::book::Book;
    use crate::book::tests::TEXT;
    use crate::command::Command;

    const CENTERS: &str = r#"
[[cost_centers]]
key = "CC10"
account = "firm.cc10"
plan = "departments"

[[cost_centers]]
key = "CC20"
account = "firm.cc20"
plan = "departments"

[[analytic_plans]]
key = "departments"
"#;

    fn book(shares: &str, plan: &str) -> Book {
        let sku = "sku = \"SVC-ARCH\"";
        let text = TEXT.replacen(sku, &format!("{sku}\n{shares}"), 1);
        Book::parse(&format!("{text}{CENTERS}{plan}")).unwrap()
    }

    #[test]
    fn a_line_is_earned_by_the_cost_centers_of_its_service() {
        let book = book("cost_centers = { CC10 = \"33.33\", CC20 = \"66.67\" }", "");
        let mut deal = complete();
        deal.signed_on = Some(jiff::civil::date(2026, 11, 16));
        let Verdict::Go(plan) = judge_deal(&deal, &book) else {
            panic!("expected commands")
        };
        let Some(Command::CreateProject(project)) = plan.last().map(|last| &last.command) else {
            panic!("expected a project")
        };
        let [earned] = project.earned.as_slice() else {
            panic!("expected the architect's line: {:?}", project.earned)
        };
        let shares = [("firm.cc10", 3333), ("firm.cc20", 6667)];
        let shares = shares.map(|(account, share)| (account.to_owned(), Decimal::new(share, 2)));
        assert_eq!(
            (earned.line.id(), &earned.shares),
            ("2", &BTreeMap::from(shares))
        );
    }

    #[test]
    fn where_a_plan_is_required_for_orders_a_line_without_one_is_missing() {
        let required = "required_for = [\"orders\"]\n";
        let items = missing(
            &complete(),
            &book("cost_centers = { CC10 = \"100\" }", required),
        );
        assert_eq!(items.len(), 3, "the architect has one: {items:?}");
        let says = "line item \"line 1\": the plan departments needs a cost center, and senior_consultant has none of it in the book (services.cost_centers)";
        assert!(items.contains(&says.to_owned()), "{items:?}");
    }
}
