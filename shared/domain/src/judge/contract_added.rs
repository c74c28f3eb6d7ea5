//! A contract that is added to work or to a project that names none: only where it is the only one.

use jiff::civil::Date;

use super::link::confirm_link;
use super::{Objection, Planned};
use crate::command::{Company, CreateOrder, OrderLine};
use crate::{ExceptionClass, Reference, Version};

/// A contract of a customer, as far as it decides whether work can be its.
#[derive(Debug, Clone, Copy)]
pub struct OfCustomer<'a> {
    /// The deal.
    pub deal: &'a Reference,
    /// What was sold.
    pub order: &'a CreateOrder,
    /// Whether it is confirmed in Odoo and not cancelled.
    pub is_confirmed: bool,
    /// The last day of work on it, where every PSA project that stands for it is closed.
    pub last_day: Option<Date>,
}

/// What is missing its contract.
#[derive(Debug, Clone, Copy)]
pub struct Missing<'a> {
    /// The book's service of the work; none for a project, on which any hours may be worked.
    pub service: Option<&'a str>,
    /// The day of the work, or of the project's version.
    pub day: Date,
}

/// What the contracts of a customer say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// Exactly this one covers it.
    One {
        /// The deal.
        deal: Reference,
        /// Where it bills.
        company: Company,
    },
    /// These do: a person decides.
    Several(Vec<Reference>),
    /// None does.
    None,
}

/// The entity of the link under which work goes that names no project.
pub const CUSTOMER_WORK: &str = "customer_work";

/// Who or what made such a link, as people read it.
pub const ONLY_CONTRACT: &str = "the only contract of its customer on that day";

/// The contract that covers what names none.
pub fn add_contract(contracts: &[OfCustomer<'_>], missing: Missing<'_>) -> Added {
    let mut covering = contracts.iter().filter(|one| one.covers(missing));
    match (covering.next(), covering.next()) {
        (None, _) => Added::None,
        (Some(only), None) => Added::One {
            deal: only.deal.clone(),
            company: only.order.company.clone(),
        },
        (Some(_), Some(_)) => {
            let all = contracts.iter().filter(|one| one.covers(missing));
            Added::Several(all.map(|one| one.deal.clone()).collect())
        }
    }
}

impl OfCustomer<'_> {
    fn covers(&self, missing: Missing<'_>) -> bool {
        let sells = match missing.service {
            Some(service) => self.order.sells(service, missing.day),
            None => self.order.lines.iter().any(OrderLine::takes_time),
        };
        let is_open = self.last_day.is_none_or(|last| missing.day <= last);
        self.is_confirmed && sells && is_open
    }
}

/// The link under which work of a customer goes that names no project: one for each contract.
pub fn link_of_customers_work(
    customer: &Reference,
    deal: &Reference,
    company: &Company,
) -> Planned {
    let id = format!("{}/{}", customer.id(), deal.id());
    let reference = Reference::new(customer.system(), customer.account(), CUSTOMER_WORK, id);
    confirm_link(&reference, Version(1), deal, company, ONLY_CONTRACT)
}

/// The question about work that several contracts cover.
pub fn several_contracts(entry: &Reference, deals: &[Reference]) -> Objection {
    Objection {
        code: "several_contracts",
        class: ExceptionClass::DataQuality,
        sentence: format!(
            "Approved time entry {} names no project, and {} contracts of its customer cover it",
            entry.id(),
            deals.len()
        ),
        items: contracts(deals),
        fix: "Put the entry on the project of one of them in the PSA.".to_owned(),
        owner: "delivery",
    }
}

/// The contracts that cover something, as items of a question.
pub fn contracts(deals: &[Reference]) -> Vec<String> {
    let item = |deal: &Reference| format!("contract of deal {}", deal.id());
    deals.iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::judge::deal_tests::{complete, order_of};

    const DAY: Date = date(2026, 11, 13);

    fn added(change: impl Fn(&mut [OfCustomer<'_>]), service: Option<&str>) -> Added {
        let deal = complete();
        let order = order_of(&deal);
        let other = deal.reference.sibling("other");
        let contract = |deal| OfCustomer {
            deal,
            order: &order,
            is_confirmed: true,
            last_day: None,
        };
        let mut both = [contract(&deal.reference), contract(&other)];
        change(&mut both);
        let day = DAY;
        add_contract(&both, Missing { service, day })
    }

    #[test]
    fn the_only_contract_is_added_and_of_two_none_is() {
        let senior = Some("senior_consultant");
        let Added::Several(deals) = added(|_| {}, senior) else {
            panic!("expected both")
        };
        assert_eq!(deals.len(), 2);
        let one = |added| matches!(added, Added::One { .. });
        assert!(one(added(|both| both[1].is_confirmed = false, senior)));
        assert!(one(added(
            |both| both[0].last_day = Some(date(2026, 11, 12)),
            senior
        )));
        assert!(!one(added(|both| both[0].last_day = Some(DAY), senior)));
        assert!(one(added(|both| both[1].is_confirmed = false, None)));
        let unsold = added(|both| both[1].is_confirmed = false, Some("juggling"));
        assert_eq!(unsold, Added::None);
    }

    #[test]
    fn the_question_names_every_contract() {
        let deal = complete().reference;
        let entry = Reference::new("psa", "a", "time_entry", "7");
        let question = several_contracts(&entry, &[deal.clone(), deal.clone()]);
        assert_eq!(question.items.len(), 2);
        assert!(question.items[0].contains(deal.id()));
    }
}
