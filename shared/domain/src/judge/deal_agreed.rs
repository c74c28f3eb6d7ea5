//! What is agreed beside price and payment: purchase order, cap, salesperson, what confirms, and
//! whether anything may be agreed at all.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::missing::{filled, or_missing};
use crate::book::{
    ConfirmOn, ContractRules, Crm, CrmProperties, Entity, NOBODY, PurchaseOrderRule,
};
use crate::command::{Cap, CreditCheck};
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
