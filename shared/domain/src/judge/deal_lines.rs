//! What a deal sells, line by line.

use rust_decimal::Decimal;

use super::missing::{filled, or_missing};
use crate::book::{Book, ContractKind, Service, ServiceBilling};
use crate::command::{LineBilling, OrderLine};
use crate::event::{Deal, DealLine};

/// What is sold, line by line.
pub(super) fn order_lines(deal: &Deal, book: &Book, missing: &mut Vec<String>) -> Vec<OrderLine> {
    if deal.lines.is_empty() {
        missing.push("line items".to_owned());
    }
    deal.lines
        .iter()
        .filter_map(|line| order_line(line, deal, book, missing))
        .collect()
}

fn order_line(
    line: &DealLine,
    deal: &Deal,
    book: &Book,
    missing: &mut Vec<String>,
) -> Option<OrderLine> {
    let label = &line.description;
    let sku = or_missing(filled(line.sku.as_deref()), missing, || {
        format!("line item {label:?}: product code (hs_sku)")
    })?;
    let service = or_missing(book.service_by_sku(sku), missing, || {
        format!("line item {label:?}: service {sku:?} is not in the book")
    })?;
    if line.quantity <= Decimal::ZERO || line.unit_price < Decimal::ZERO {
        missing.push(format!(
            "line item {label:?}: quantity above zero and a price"
        ));
    }
    unit_is_the_catalogues(line, service, deal, book, missing);
    let billing = billing(line, service.billing, missing)?;
    let by_hours = billing == LineBilling::TimeAndMaterials;
    Some(OrderLine {
        reference: line.reference.clone(),
        service: service.key.clone(),
        product: service.product.clone(),
        description: label.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price - line.discount_per_unit,
        discount_percent: line.discount_percent,
        billing,
        from: line.due.filter(|_| by_hours),
        until: None,
        only: None,
        tax: None,
        unit: book.unit_of(service),
    })
}

/// A price of a day and a price of an hour look alike.
fn unit_is_the_catalogues(
    line: &DealLine,
    service: &Service,
    deal: &Deal,
    book: &Book,
    missing: &mut Vec<String>,
) {
    let (Some(word), Some(crm)) = (
        filled(line.unit.as_deref()),
        book.crm(deal.reference.system(), deal.reference.account()),
    ) else {
        return;
    };
    let (label, counted_in) = (&line.description, service.counted_in());
    match crm.units.get(word) {
        None => missing.push(format!(
            "line item {label:?}: unit {word:?} is not in the book (crm.units)"
        )),
        Some(unit) if *unit != counted_in => missing.push(format!(
            "line item {label:?}: the CRM sells it by the {unit}, the catalogue sells {} by the {counted_in}",
            service.key
        )),
        Some(_) => {}
    }
}

fn billing(
    line: &DealLine,
    billing: ServiceBilling,
    missing: &mut Vec<String>,
) -> Option<LineBilling> {
    let label = &line.description;
    // Odoo keeps two decimals of a quantity: an instalment that is a fraction of a unit would lose
    // money, so every one of them is a whole line of its own.
    let one = |what: &str, missing: &mut Vec<String>| {
        if line.quantity != Decimal::ONE {
            missing.push(format!(
                "line item {label:?}: one line item of quantity 1 per {what}"
            ));
        }
    };
    let date = |what: &str, missing: &mut Vec<String>| {
        or_missing(line.due, missing, || {
            format!("line item {label:?}: billing start date of the {what}")
        })
    };
    Some(match billing {
        ServiceBilling::TimeAndMaterials => LineBilling::TimeAndMaterials,
        ServiceBilling::FixedFee => {
            one("instalment", missing);
            let due = date("instalment", missing)?;
            LineBilling::Instalment { due }
        }
        ServiceBilling::Milestone => {
            one("milestone", missing);
            let due = date("milestone", missing)?;
            LineBilling::Milestone { due }
        }
        ServiceBilling::Retainer => {
            let due = date("retainer", missing)?;
            LineBilling::Retainer { due }
        }
        ServiceBilling::Recurring => {
            if !line.quantity.fract().is_zero() {
                missing.push(format!("line item {label:?}: whole months"));
            }
            let from = date("first month", missing)?;
            LineBilling::Recurring { from }
        }
    })
}

/// What a deal sells, as far as the book knows its services.
pub(super) fn kind(deal: &Deal, book: &Book) -> ContractKind {
    let sku =
        |line: &DealLine| filled(line.sku.as_deref()).and_then(|sku| book.service_by_sku(sku));
    ContractKind::of(deal.lines.iter().filter_map(sku).map(|s| s.billing))
}

/// What a line is worth without tax, rounded to the cent as Odoo does (half away from zero).
pub(super) fn net(quantity: Decimal, unit_price: Decimal, discount_percent: Decimal) -> Decimal {
    let share = Decimal::ONE - discount_percent / Decimal::ONE_HUNDRED;
    (quantity * unit_price * share)
        .round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

/// Whether the lines are worth what the deal says.
pub(super) fn check_sum(amount: Decimal, lines: &[OrderLine], missing: &mut Vec<String>) {
    let sum: Decimal = lines
        .iter()
        .map(|l| net(l.quantity, l.unit_price, l.discount_percent))
        .sum();
    if sum != amount {
        missing.push(format!(
            "amount: the line items less discounts are {sum}, the deal says {amount}"
        ));
    }
}
