//! Who makes a contract's project, once its order is confirmed: whoever it was then.

use super::Planned;
use crate::book::{Book, ProjectMaker};
use crate::command::{Command, ConfirmOrder};

/// Whether a book says for any contract who makes its project; else there is nothing to keep.
pub fn says_who_makes_projects(book: &Book) -> bool {
    let mut rules = book.contracts.iter();
    rules.any(|rule| rule.project_made_by.is_some())
}

/// Lets everything that a deal becomes follow its confirmed order, whatever the book says by now.
pub fn keep_project_maker(plan: &mut [Planned], confirmed: &ConfirmOrder) {
    let is_odoos = |maker: Option<ProjectMaker>| maker == Some(ProjectMaker::Odoo);
    let kept = match is_odoos(confirmed.project_made_by) {
        true => ProjectMaker::Odoo,
        false => ProjectMaker::Tenon,
    };
    for maker in plan.iter_mut().filter_map(maker) {
        if is_odoos(*maker) != is_odoos(Some(kept)) {
            *maker = Some(kept);
        }
    }
}

const fn maker(planned: &mut Planned) -> Option<&mut Option<ProjectMaker>> {
    match &mut planned.command {
        Command::CreateOrder(order) => Some(&mut order.project_made_by),
        Command::ConfirmOrder(confirm) => Some(&mut confirm.project_made_by),
        Command::CreateProject(project) => Some(&mut project.made_by),
        Command::CreateCustomer(_)
        | Command::CancelOrder(_)
        | Command::LinkProject(_)
        | Command::FollowProject(_)
        | Command::CreatePsaProject(_)
        | Command::LogTime(_)
        | Command::KeepAssignment(_)
        | Command::DraftInvoice(_)
        | Command::LinkInvoicedTime(_)
        | Command::PostInvoice(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::book::tests::TEXT;
    use crate::event::Deal;
    use crate::judge::Verdict;
    use crate::judge::deal::judge_deal;
    use crate::judge::deal_tests::{complete, order_of};

    #[test]
    fn a_confirmed_order_decides_and_not_the_book_of_today() {
        let (tenon, odoo) = (Some(ProjectMaker::Tenon), Some(ProjectMaker::Odoo));
        for (book, confirmed, expected) in [
            (None, None, None),
            (None, odoo, odoo),
            (tenon, None, tenon),
            (odoo, None, tenon),
            (odoo, tenon, tenon),
            (odoo, odoo, odoo),
            (tenon, odoo, odoo),
        ] {
            let rule = book.map(|maker| {
                let maker = maker.name();
                format!("[[contracts]]\nproject_made_by = {maker:?}\n")
            });
            let text = format!("{TEXT}\n{}", rule.unwrap_or_default());
            let book = Book::parse(&text).unwrap();
            let signed = Deal {
                signed_on: Some(date(2026, 11, 16)),
                ..complete()
            };
            let Verdict::Go(mut plan) = judge_deal(&signed, &book) else {
                panic!("expected commands");
            };
            let order = order_of(&complete());
            let confirmed = ConfirmOrder {
                company: order.company,
                order: complete().reference,
                signed_on: date(2026, 11, 16),
                credit: None,
                project_made_by: confirmed,
            };
            keep_project_maker(&mut plan, &confirmed);
            let makers: Vec<_> = plan.iter_mut().filter_map(maker).map(|one| *one).collect();
            assert_eq!(makers, [expected; 3]);
        }
    }
}
