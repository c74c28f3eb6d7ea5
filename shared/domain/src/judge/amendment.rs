//! What a newer version of a contract changes in its order, and what only a person may change.
//!
//! What is billed or delivered keeps its price: a new price is a new line from its day on.

use rust_decimal::Decimal;

use super::Objection;
use crate::command::{CreateOrder, OrderLine};
use crate::{ExceptionClass, Reference};

/// The order as Odoo has it.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderInOdoo {
    /// Its number.
    pub name: String,
    /// Whether it is more than a draft.
    pub confirmed: bool,
    /// External id of the payment term, or Odoo's own id of it in words.
    pub payment_term: String,
    /// The customer's purchase order number; empty when there is none.
    pub purchase_order: String,
    /// Its lines.
    pub lines: Vec<LineInOdoo>,
    /// Lines that a person added.
    pub foreign_lines: usize,
}

/// One of our lines as Odoo has it.
#[derive(Debug, Clone, PartialEq)]
pub struct LineInOdoo {
    /// Our name for it.
    pub reference: Reference,
    /// Sold.
    pub quantity: Decimal,
    /// Delivered.
    pub delivered: Decimal,
    /// On invoices.
    pub invoiced: Decimal,
    /// Price of one.
    pub unit_price: Decimal,
    /// In percent.
    pub discount_percent: Decimal,
}

/// What is written. Nothing else is touched.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Amendment {
    /// The payment term.
    pub payment_term: Option<String>,
    /// The purchase order number.
    pub purchase_order: Option<String>,
    /// The lines that become more, less, or, on a draft, dearer or cheaper.
    pub lines: Vec<LineChange>,
    /// The lines that are not there yet.
    pub added: Vec<OrderLine>,
}

/// New values of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct LineChange {
    /// The line.
    pub line: Reference,
    /// Sold.
    pub quantity: Decimal,
    /// Price of one: another than before only on a draft.
    pub unit_price: Decimal,
    /// In percent.
    pub discount_percent: Decimal,
}

impl Amendment {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What the newest version of a contract changes. `earlier` are the versions that Odoo may have.
pub fn amend(
    earlier: &[&CreateOrder],
    after: &CreateOrder,
    found: &OrderInOdoo,
) -> Result<Amendment, Objection> {
    let mut case = Case {
        earlier,
        after,
        found,
        amendment: Amendment::default(),
        drift: Vec::new(),
        refused: Vec::new(),
    };
    case.parties();
    case.terms();
    for line in &after.lines {
        case.line(line);
    }
    case.removed();
    case.finish()
}

struct Case<'a> {
    earlier: &'a [&'a CreateOrder],
    after: &'a CreateOrder,
    found: &'a OrderInOdoo,
    amendment: Amendment,
    /// What deal and order say differently.
    drift: Vec<String>,
    /// What an order does not follow.
    refused: Vec<String>,
}

impl<'a> Case<'a> {
    fn parties(&mut self) {
        let who = |order: &CreateOrder| {
            let (customer, payer) = (order.customer.clone(), order.invoice_contact.clone());
            (customer, payer, order.currency.clone(), order.company.id)
        };
        if self
            .earlier
            .iter()
            .any(|before| who(before) != who(self.after))
        {
            let what = "customer, invoice contact, currency or company changed";
            self.refused.push(format!("{what}: an order keeps them"));
        }
        let another = |before: &&CreateOrder| before.issuer != self.after.issuer;
        if self.found.confirmed && self.earlier.iter().any(another) {
            let what = "who invoices changed";
            self.refused.push(format!(
                "{what}: a confirmed order keeps that, because of the hours that are on it"
            ));
        }
        let of_another =
            |before: &&CreateOrder| before.has_odoos_project() != self.after.has_odoos_project();
        if self.found.confirmed && self.earlier.iter().any(of_another) {
            let what = "who makes the project changed (contracts.project_made_by)";
            self.refused
                .push(format!("{what}: a confirmed order keeps its project"));
        }
        if self.found.foreign_lines > 0 {
            let count = self.found.foreign_lines;
            self.drift
                .push(format!("lines that only the order has: {count}"));
        }
    }

    fn terms(&mut self) {
        let (payment, number) = (&self.found.payment_term, &self.found.purchase_order);
        let wanted = &self.after.payment_term;
        let known = |before: &&CreateOrder| before.payment_term == *payment;
        if self.follows(
            "payment terms",
            wanted,
            payment,
            self.earlier.iter().any(known),
        ) {
            self.amendment.payment_term = Some(wanted.clone());
        }
        let wanted = &self.after.purchase_order;
        let known = |before: &&CreateOrder| before.purchase_order == *number;
        if self.follows(
            "purchase order",
            wanted,
            number,
            self.earlier.iter().any(known),
        ) {
            self.amendment.purchase_order = Some(wanted.clone());
        }
    }

    /// Whether the order takes over what the deal says: a draft does, unless a person has changed
    /// it. Everything else that differs is noted.
    fn follows(&mut self, what: &str, deal: &str, order: &str, is_ours: bool) -> bool {
        if deal == order {
            return false;
        }
        if is_ours && !self.found.confirmed {
            return true;
        }
        let name = |text: &str| match text {
            "" => "none".to_owned(),
            text => text.to_owned(),
        };
        let (deal, order) = (name(deal), name(order));
        self.drift
            .push(format!("{what}: {deal} on the deal, {order} on the order"));
        false
    }

    /// How a line was in the versions before.
    fn before(&self, line: &Reference) -> Vec<&'a OrderLine> {
        let lines = self.earlier.iter().flat_map(|order| &order.lines);
        lines.filter(|before| before.reference == *line).collect()
    }

    fn line(&mut self, line: &OrderLine) {
        let found = self
            .found
            .lines
            .iter()
            .find(|found| found.reference == line.reference);
        let Some(found) = found else {
            let before = self.before(&line.reference);
            match before.is_empty() {
                true => self.amendment.added.push(line.clone()),
                false => self.drift.push(format!("{}: deleted in Odoo", label(line))),
            }
            return;
        };
        let before = self.before(&line.reference);
        self.nature(line, &before);
        let price = self.price(line, found, &before);
        let quantity = self.quantity(line, found, &before);
        if price || quantity {
            self.amendment.lines.push(LineChange {
                line: line.reference.clone(),
                quantity: line.quantity,
                unit_price: line.unit_price,
                discount_percent: line.discount_percent,
            });
        }
    }

    fn nature(&mut self, line: &OrderLine, before: &[&OrderLine]) {
        let is_another = |before: &&OrderLine| {
            let kind = std::mem::discriminant(&before.billing);
            let unit = before.unit.is_some() && before.unit != line.unit;
            unit || before.product != line.product || kind != std::mem::discriminant(&line.billing)
        };
        if before.iter().any(is_another) {
            self.refused.push(format!(
                "{}: another service or unit: add a line item for it",
                label(line)
            ));
        }
        let moved = |before: &&OrderLine| before.from != line.from;
        if self.found.confirmed && before.iter().any(moved) {
            self.refused.push(format!(
                "{}: another first day: end it and add a line item with the new day",
                label(line)
            ));
        }
    }

    fn price(&mut self, line: &OrderLine, found: &LineInOdoo, before: &[&OrderLine]) -> bool {
        let in_odoo = (found.unit_price, found.discount_percent);
        if same(in_odoo, (line.unit_price, line.discount_percent)) {
            return false;
        }
        let is_ours = before
            .iter()
            .any(|b| same(in_odoo, (b.unit_price, b.discount_percent)));
        if is_ours && !self.found.confirmed {
            return true;
        }
        let deal = price(line.unit_price, line.discount_percent);
        let order = price(found.unit_price, found.discount_percent);
        self.drift.push(format!(
            "{}: {deal} on the deal, {order} on the order; a new price is a line item of its own from its day on",
            label(line)
        ));
        false
    }

    fn quantity(&mut self, line: &OrderLine, found: &LineInOdoo, before: &[&OrderLine]) -> bool {
        let equal = |one: Decimal, other: Decimal| one.round_dp(6) == other.round_dp(6);
        if equal(found.quantity, line.quantity) {
            return false;
        }
        // What was taken off the contract before stands on the order with nothing.
        let is_ours = before.is_empty() && found.quantity.is_zero()
            || before
                .iter()
                .any(|before| equal(before.quantity, found.quantity));
        let (deal, order) = (line.quantity.normalize(), found.quantity.normalize());
        if !is_ours {
            self.drift.push(format!(
                "{}: {deal} on the deal, {order} on the order",
                label(line)
            ));
            return false;
        }
        let kept = found.delivered.max(found.invoiced);
        if line.quantity < kept {
            self.refused.push(format!(
                "{}: {deal} is less than what is delivered or billed already ({})",
                label(line),
                kept.normalize()
            ));
            return false;
        }
        true
    }

    /// Lines that the deal has no more.
    fn removed(&mut self) {
        for found in &self.found.lines {
            let is_it = |line: &&OrderLine| line.reference == found.reference;
            if self.after.lines.iter().any(|line| is_it(&line)) || found.quantity.is_zero() {
                continue;
            }
            let name = found.reference.id();
            let kept = found.delivered.max(found.invoiced);
            if !kept.is_zero() {
                self.refused.push(format!(
                    "line item {name}: {} of it is delivered or billed: keep it with that quantity",
                    kept.normalize()
                ));
                continue;
            }
            self.amendment.lines.push(LineChange {
                line: found.reference.clone(),
                quantity: Decimal::ZERO,
                unit_price: found.unit_price,
                discount_percent: found.discount_percent,
            });
        }
    }

    fn finish(self) -> Result<Amendment, Objection> {
        if self.drift.is_empty() && self.refused.is_empty() {
            return Ok(self.amendment);
        }
        let is_drift = !self.drift.is_empty();
        let name = &self.found.name;
        Err(Objection {
            code: if is_drift { "terms_drift" } else { "change_not_possible" },
            class: ExceptionClass::BusinessRule,
            sentence: match is_drift {
                true => format!("The deal and its order {name} say different things"),
                false => format!("The order {name} cannot follow the deal"),
            },
            items: self.drift.into_iter().chain(self.refused).collect(),
            fix: "Agree on one of the two: change the deal, and it is taken up by itself; or change the order in Odoo, then: tenon retry"
                .to_owned(),
            owner: "finance",
        })
    }
}

fn label(line: &OrderLine) -> String {
    format!("line item {:?}", line.description)
}

fn price(unit_price: Decimal, discount: Decimal) -> String {
    let price = unit_price.normalize();
    match discount.is_zero() {
        true => price.to_string(),
        false => format!("{price} less {} %", discount.normalize()),
    }
}

/// Odoo's numbers are floats: six digits are more than any of its precisions.
fn same(one: (Decimal, Decimal), other: (Decimal, Decimal)) -> bool {
    let rounded = |pair: (Decimal, Decimal)| (pair.0.round_dp(6), pair.1.round_dp(6));
    rounded(one) == rounded(other)
}

#[cfg(test)]
mod tests;
