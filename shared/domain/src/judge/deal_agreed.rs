//! What is agreed beside price and payment: purchase order, cap, salesperson, what confirms, and
//! whether anything may be agreed at all.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::missing::{filled, or_missing};
use crate::book::{
    ConfirmOn, ContractRules, Crm, CrmProperties, Entity, Issuer, NOBODY, PurchaseOrderRule,
};
use crate::command::{Cap, CreditCheck, LineBilling, OrderLine};
use crate::event::Deal;

/// When the order is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confirmation {
    /// Not yet.
    Open,
    /// Now, with this day as the order's date.
    On(Date),
    /// When a person says so.
    ByPerson,
}

/// The customer's number, if it is there and still valid; empty when none is needed.
pub(super) fn purchase_order<'a>(
    deal: &'a Deal,
    names: &CrmProperties,
    entity: Option<&Entity>,
    rules: &ContractRules<'_>,
    missing: &mut Vec<String>,
) -> &'a str {
    let number = filled(deal.purchase_order.as_deref());
    if rules.purchase_order == PurchaseOrderRule::Optional {
        return number.unwrap_or_default();
    }
    or_missing(number, missing, || {
        format!("purchase order number ({})", names.purchase_order)
    });
    let number = number.unwrap_or_default();
    let today = deal.signed_on.or_else(|| day(changed_at(deal)?, entity?));
    if let (Some(until), Some(today)) = (deal.agreed.purchase_order_until, today)
        && until < today
    {
        missing.push(format!(
            "purchase order {number}: it was valid until {until}"
        ));
    }
    if let (Some(ordered), Some(amount)) = (deal.agreed.purchase_order_amount, deal.amount)
        && ordered < amount
    {
        missing.push(format!(
            "purchase order {number}: it is for {ordered}, the deal for {amount}"
        ));
    }
    number
}

/// When the source last changed the deal.
fn changed_at(deal: &Deal) -> Option<Timestamp> {
    let millisecond = i64::try_from(deal.version.0).ok()?;
    Timestamp::from_millisecond(millisecond).ok()
}

/// The day of an instant in the entity's zone.
fn day(instant: Timestamp, entity: &Entity) -> Option<Date> {
    let zone = TimeZone::get(&entity.zone).ok()?;
    Some(instant.to_zoned(zone).date())
}

/// How much may be billed by hours.
pub(super) fn cap(deal: &Deal, missing: &mut Vec<String>) -> Cap {
    let (hours, amount) = (deal.agreed.cap_hours, deal.agreed.cap_amount);
    for (what, cap) in [("hours", hours), ("amount", amount)] {
        if cap.is_some_and(|cap| cap <= Decimal::ZERO) {
            missing.push(format!("cap: {what} above zero, or none"));
        }
    }
    Cap { hours, amount }
}

/// External id of the salesperson, where the book names people.
pub(super) fn salesperson(deal: &Deal, crm: &Crm, missing: &mut Vec<String>) -> Option<String> {
    let owner = or_missing(filled(deal.owner.as_deref()), missing, || {
        "deal owner".to_owned()
    })?;
    if crm.owners.is_empty() {
        return None;
    }
    let user = or_missing(crm.owners.get(owner), missing, || {
        format!("deal owner: {owner:?} is not in the book (crm.owners)")
    })?;
    (user != NOBODY).then(|| user.clone())
}

/// Who invoices the customer. Hours that are paid before they are worked are offered for an invoice as
/// soon as Odoo has them on a confirmed order, so that nobody but Odoo can invoice them.
pub(super) fn issuer(
    deal: &Deal,
    names: &CrmProperties,
    rules: &ContractRules<'_>,
    lines: &[OrderLine],
    missing: &mut Vec<String>,
) -> Issuer {
    let word = filled(deal.agreed.invoice_issuer.as_deref());
    let issuer = match word {
        None => rules.invoice_issuer,
        Some(word) => or_missing(Issuer::named(word), missing, || {
            let property = names.invoice_issuer.as_deref().unwrap_or_default();
            format!("invoice issuer ({property}): {word:?} is neither odoo nor psa")
        })
        .unwrap_or_default(),
    };
    let is_prepaid = |line: &OrderLine| matches!(line.billing, LineBilling::Retainer { .. });
    if issuer == Issuer::Psa && lines.iter().any(is_prepaid) {
        missing
            .push("invoice issuer: hours that are paid in advance are invoiced by Odoo".to_owned());
    }
    issuer
}

/// What confirms the order.
pub(super) fn confirmation(
    deal: &Deal,
    entity: Option<&Entity>,
    rules: &ContractRules<'_>,
    missing: &mut Vec<String>,
) -> Confirmation {
    let on = |day: Option<Date>| day.map_or(Confirmation::Open, Confirmation::On);
    if rules.approvers(deal.amount).is_some() {
        return Confirmation::ByPerson;
    }
    match rules.confirm_on {
        ConfirmOn::Signed => on(deal.signed_on),
        ConfirmOn::Manual => Confirmation::ByPerson,
        ConfirmOn::Won => {
            let closed = || day(deal.agreed.closed_at?, entity?);
            let won = deal.signed_on.or_else(closed);
            on(or_missing(won, missing, || {
                "close date: the book confirms this contract when it is won".to_owned()
            }))
        }
    }
}

/// Whom to ask before anything new is agreed; a hold in the book is missing at the gate.
pub(super) fn credit(
    deal: &Deal,
    rules: &ContractRules<'_>,
    missing: &mut Vec<String>,
) -> Option<CreditCheck> {
    if let Some(reason) = rules.credit_hold {
        missing.push(format!(
            "credit hold: finance agrees nothing new with this customer ({reason})"
        ));
    }
    Some(CreditCheck {
        customer: deal.customer.as_ref()?.reference.clone(),
        tag: rules.credit_hold_tag?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::tests::demo;
    use crate::judge::deal_tests::{complete, order_of};

    #[test]
    fn the_deal_says_who_invoices_else_the_book_and_what_is_paid_in_advance_odoo_does() {
        let ask = |word: Option<&str>, of_book, prepaid| {
            let mut deal = complete();
            deal.agreed.invoice_issuer = word.map(str::to_owned);
            let mut lines = order_of(&complete()).lines;
            if prepaid {
                let due = Date::constant(2026, 11, 1);
                lines[0].billing = LineBilling::Retainer { due };
            }
            let rules = ContractRules {
                invoice_issuer: of_book,
                ..ContractRules::default()
            };
            let mut missing = Vec::new();
            let book = demo();
            let names = &book.crm.first().properties;
            let issuer = issuer(&deal, names, &rules, &lines, &mut missing);
            (issuer, missing.len())
        };
        assert_eq!(ask(None, Issuer::Odoo, false), (Issuer::Odoo, 0));
        assert_eq!(ask(None, Issuer::Psa, false), (Issuer::Psa, 0));
        assert_eq!(ask(Some("Odoo"), Issuer::Psa, false), (Issuer::Odoo, 0));
        assert_eq!(ask(Some("psa"), Issuer::Odoo, true), (Issuer::Psa, 1));
        assert_eq!(ask(Some("Xero"), Issuer::Odoo, false).1, 1);
    }
}
