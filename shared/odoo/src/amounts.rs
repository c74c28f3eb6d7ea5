//! What an invoice's lines must come to, computed by ourselves, rounded the company's way.
//!
//! Only plain percentages on top of the price, and reverse charge, whose parts cancel each other out.
//! Any other tax is reported as not verifiable, and a person posts that invoice.

use std::collections::{BTreeMap, BTreeSet};

use domain::DecimalText;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;

use crate::terms::Terms;
use crate::{Context, Odoo, OdooError};

#[derive(Deserialize)]
struct Tax {
    id: i64,
    amount_type: String,
    amount: DecimalText,
    price_include: bool,
    include_base_amount: bool,
    /// Whether a part of it is subtracted, as in reverse charge.
    has_negative_factor: bool,
    invoice_repartition_line_ids: Vec<i64>,
}

/// A part of a tax.
#[derive(Deserialize)]
struct Part {
    repartition_type: String,
    factor_percent: DecimalText,
}

#[derive(Deserialize)]
struct Company {
    tax_calculation_rounding_method: String,
}

/// When Odoo rounds: a setting of the company. It decides the untaxed amount too: three lines of
/// 1.2543 are 3.75 or 3.76.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    PerLine,
    Globally,
}

/// One line before rounding, with its taxes.
struct Base<'a> {
    raw: Decimal,
    taxes: &'a [i64],
}

/// The expected sums of an invoice.
pub(crate) struct Amounts {
    pub(crate) untaxed: Decimal,
    pub(crate) tax: Decimal,
}

pub(crate) async fn expected(
    odoo: &Odoo,
    context: &Context,
    terms: &Terms,
) -> Result<Amounts, OdooError> {
    let method = method(odoo, context, terms.order.company_id).await?;
    let used: BTreeSet<i64> = (terms.billed())
        .flat_map(|(line, _)| line.order_line.tax_ids.iter().copied())
        .collect();
    let rates = rates(odoo, context, used).await?;
    let bases: Vec<Base<'_>> = (terms.billed())
        .map(|(line, billed)| Base {
            raw: raw(billed.quantity, billed.unit_price, billed.discount_percent),
            taxes: &line.order_line.tax_ids,
        })
        .collect();
    Ok(sums(&bases, &rates, method, terms.digits))
}

/// A line's amount before rounding.
pub(crate) fn raw(quantity: Decimal, price: Decimal, discount_percent: Decimal) -> Decimal {
    quantity * price * (Decimal::ONE - discount_percent / Decimal::ONE_HUNDRED)
}

/// Half away from zero, as Odoo rounds money.
pub(crate) fn round(amount: Decimal, digits: u32) -> Decimal {
    amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// Whether two amounts are the same lines, rounded once and rounded one by one: each line moves
/// the sum by half a cent at most.
pub(crate) fn only_rounded(
    expected: Decimal,
    found: Decimal,
    raws: &[Decimal],
    digits: u32,
) -> bool {
    let sum: Decimal = raws.iter().sum();
    let slack = Decimal::new(5, digits + 1) * Decimal::from(raws.len());
    (expected - sum).abs() <= slack && (found - sum).abs() <= slack
}

async fn method(odoo: &Odoo, context: &Context, company: i64) -> Result<Method, OdooError> {
    let fields = ["tax_calculation_rounding_method"];
    let company: Company = odoo
        .read_one(context, "res.company", company, &fields)
        .await?;
    match company.tax_calculation_rounding_method.as_str() {
        "round_globally" => Ok(Method::Globally),
        "round_per_line" => Ok(Method::PerLine),
        other => Err(OdooError::differs(format!(
            "the rounding method {other:?} cannot be verified"
        ))),
    }
}

/// By tax, as a share of the base.
async fn rates(
    odoo: &Odoo,
    context: &Context,
    used: BTreeSet<i64>,
) -> Result<BTreeMap<i64, Decimal>, OdooError> {
    let ids: Vec<i64> = used.into_iter().collect();
    let fields = [
        "amount_type",
        "amount",
        "price_include",
        "include_base_amount",
        "has_negative_factor",
        "invoice_repartition_line_ids",
    ];
    let taxes: Vec<Tax> = odoo.read(context, "account.tax", &ids, &fields).await?;
    let plain =
        |tax: &Tax| tax.amount_type == "percent" && !tax.price_include && !tax.include_base_amount;
    if taxes.len() != ids.len() || !taxes.iter().all(plain) {
        return Err(not_verifiable());
    }
    let mut rates = BTreeMap::new();
    for tax in taxes {
        let rate = match tax.has_negative_factor {
            true => cancelled_out(odoo, context, &tax).await?,
            false => tax.amount.0 / Decimal::ONE_HUNDRED,
        };
        rates.insert(tax.id, rate);
    }
    Ok(rates)
}

/// What the parts of a reverse-charge tax add to the price: nothing.
async fn cancelled_out(odoo: &Odoo, context: &Context, tax: &Tax) -> Result<Decimal, OdooError> {
    let model = "account.tax.repartition.line";
    let fields = ["repartition_type", "factor_percent"];
    let parts: Vec<Part> = odoo
        .read(context, model, &tax.invoice_repartition_line_ids, &fields)
        .await?;
    let of_tax = parts.iter().filter(|part| part.repartition_type == "tax");
    let left: Decimal = of_tax.map(|part| part.factor_percent.0).sum();
    match left.round_dp(6).is_zero() {
        true => Ok(Decimal::ZERO),
        false => Err(not_verifiable()),
    }
}

fn not_verifiable() -> OdooError {
    OdooError::differs(
        "a tax on this order is neither a plain percentage on top of the price nor reverse charge: its amount cannot be verified",
    )
}

fn sums(
    bases: &[Base<'_>],
    rates: &BTreeMap<i64, Decimal>,
    method: Method,
    digits: u32,
) -> Amounts {
    let line = |amount| match method {
        Method::PerLine => round(amount, digits),
        Method::Globally => amount,
    };
    let untaxed: Decimal = bases.iter().map(|base| line(base.raw)).sum();
    let tax = (rates.iter())
        .map(|(tax, rate)| {
            let of_lines: Decimal = (bases.iter())
                .filter(|base| base.taxes.contains(tax))
                .map(|base| line(line(base.raw) * rate))
                .sum();
            round(of_lines, digits)
        })
        .sum();
    Amounts {
        untaxed: round(untaxed, digits),
        tax,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(cents: i64) -> Decimal {
        Decimal::new(cents, 2)
    }

    #[test]
    fn the_two_rounding_methods_differ_by_what_they_round() {
        let taxes = [1];
        let raw = Decimal::new(12543, 4);
        let bases = [raw; 3].map(|raw| Base { raw, taxes: &taxes });
        let rates = BTreeMap::from([(1, cents(15))]);
        let per_line = sums(&bases, &rates, Method::PerLine, 2);
        assert_eq!((per_line.untaxed, per_line.tax), (cents(375), cents(57)));
        let globally = sums(&bases, &rates, Method::Globally, 2);
        assert_eq!((globally.untaxed, globally.tax), (cents(376), cents(56)));
    }

    #[test]
    fn a_cent_of_rounding_is_told_from_a_cent_of_difference() {
        let raws = [Decimal::new(12543, 4); 3];
        assert!(only_rounded(cents(375), cents(376), &raws, 2));
        assert!(!only_rounded(cents(378), cents(376), &raws, 2));
        let exact = [cents(125); 3];
        assert!(!only_rounded(cents(375), cents(377), &exact, 2));
    }
}
