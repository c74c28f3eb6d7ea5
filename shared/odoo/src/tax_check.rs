//! Compares what Odoo's fiscal position made of a line with the tax profile of the book. Taxes are
//! never set: a line with another one stops, and people decide which of the two is right.

use domain::DecimalText;
use domain::book::NO_FISCAL_POSITION;
use domain::command::{CreateOrder, ExpectedTax};
use domain::judge::tax_mismatch;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

/// What a line of an order or invoice was taxed with.
pub(crate) struct Taxed<'a> {
    /// What people call the line.
    pub(crate) line: &'a str,
    pub(crate) expected: &'a ExpectedTax,
    /// `account.tax` ids.
    pub(crate) taxes: &'a [i64],
    /// Without tax.
    pub(crate) net: Decimal,
    pub(crate) tax: Decimal,
}

#[derive(Deserialize)]
struct Order {
    name: String,
    fiscal_position_id: OrFalse<i64>,
}

#[derive(Deserialize)]
struct Line {
    id: i64,
    tax_ids: Vec<i64>,
    price_subtotal: DecimalText,
    price_tax: DecimalText,
}

/// An order's lines beside their profiles; nothing is asked where the book has none.
pub(crate) async fn check_order(
    odoo: &Odoo,
    context: &Context,
    id: i64,
    order: &CreateOrder,
    digits: u32,
) -> Result<(), OdooError> {
    let profiled = order.lines.iter().filter(|line| line.tax.is_some());
    let mut found = Vec::new();
    for line in profiled {
        let id = odoo.resolve(context, &line.reference.external_id()).await?;
        found.extend(line.tax.as_ref().map(|tax| (id, &line.description, tax)));
    }
    if found.is_empty() {
        return Ok(());
    }
    let fields = ["name", "fiscal_position_id"];
    let head: Order = odoo.read_one(context, "sale.order", id, &fields).await?;
    let ids: Vec<i64> = found.iter().map(|(id, _, _)| *id).collect();
    let fields = ["tax_ids", "price_subtotal", "price_tax"];
    let lines: Vec<Line> = odoo.read(context, "sale.order.line", &ids, &fields).await?;
    let taxed: Vec<Taxed<'_>> = (found.iter())
        .filter_map(|(id, name, expected)| {
            let line = lines.iter().find(|line| line.id == *id)?;
            Some(Taxed {
                line: name,
                expected,
                taxes: &line.tax_ids,
                net: line.price_subtotal.0,
                tax: line.price_tax.0,
            })
        })
        .collect();
    let position = head.fiscal_position_id.0;
    let what = format!("the order {}", head.name);
    check(odoo, context, &what, position, &taxed, digits).await
}

/// All that differs is one question, which names what is expected and what was found.
pub(crate) async fn check(
    odoo: &Odoo,
    context: &Context,
    what: &str,
    position: Option<i64>,
    taxed: &[Taxed<'_>],
    digits: u32,
) -> Result<(), OdooError> {
    let mut items = Vec::new();
    for line in taxed {
        if let Some(wanted) = &line.expected.fiscal_position {
            let item = other_position(odoo, context, position, wanted, line.expected).await?;
            items.extend(item.filter(|item| !items.contains(item)));
        }
        items.extend(other_taxes(odoo, context, line).await?);
        items.extend(other_rate(line, digits));
    }
    match items.is_empty() {
        true => Ok(()),
        false => Err(OdooError::Asked(Box::new(tax_mismatch(what, items)))),
    }
}

async fn other_position(
    odoo: &Odoo,
    context: &Context,
    found: Option<i64>,
    wanted: &str,
    expected: &ExpectedTax,
) -> Result<Option<String>, OdooError> {
    let id = match wanted {
        NO_FISCAL_POSITION => None,
        wanted => Some(odoo.resolve(context, wanted).await?),
    };
    if id == found {
        return Ok(None);
    }
    let ids: Vec<i64> = found.into_iter().collect();
    let found = names(odoo, context, "account.fiscal.position", &ids).await?;
    Ok(Some(format!(
        "fiscal position {found}, the tax profile {:?} expects {wanted}",
        expected.profile
    )))
}

async fn other_taxes(
    odoo: &Odoo,
    context: &Context,
    line: &Taxed<'_>,
) -> Result<Option<String>, OdooError> {
    let Some(names_of_wanted) = &line.expected.taxes else {
        return Ok(None);
    };
    let mut wanted = Vec::with_capacity(names_of_wanted.len());
    for name in names_of_wanted {
        wanted.push(odoo.resolve(context, name).await?);
    }
    let mut found = line.taxes.to_vec();
    wanted.sort_unstable();
    found.sort_unstable();
    if wanted == found {
        return Ok(None);
    }
    let found = names(odoo, context, "account.tax", &found).await?;
    let wanted = match names_of_wanted.is_empty() {
        true => "none".to_owned(),
        false => names_of_wanted.join(", "),
    };
    Ok(Some(format!(
        "line {:?}: taxes {found}, the tax profile {:?} expects {wanted}",
        line.line, line.expected.profile
    )))
}

/// Taxes of a group, or with parts that cancel each other out, have a rate only by what they add. A
/// smallest unit of the currency is rounding.
fn other_rate(line: &Taxed<'_>, digits: u32) -> Option<String> {
    let rate = line.expected.rate;
    let due = line.net * rate / Decimal::ONE_HUNDRED;
    if (due - line.tax).abs() <= Decimal::new(1, digits) {
        return None;
    }
    let got = match line.net.is_zero() {
        true => Decimal::ZERO,
        false => (line.tax * Decimal::ONE_HUNDRED / line.net).round_dp(2),
    };
    Some(format!(
        "line {:?}: {} % tax ({} on {}), the tax profile {:?} expects {} %",
        line.line,
        got.normalize(),
        line.tax.normalize(),
        line.net.normalize(),
        line.expected.profile,
        rate.normalize()
    ))
}

async fn names(
    odoo: &Odoo,
    context: &Context,
    model: &str,
    ids: &[i64],
) -> Result<String, OdooError> {
    #[derive(Deserialize)]
    struct Named {
        display_name: String,
    }
    if ids.is_empty() {
        return Ok("none".to_owned());
    }
    let found: Vec<Named> = odoo.read(context, model, ids, &["display_name"]).await?;
    let names: Vec<String> = found.into_iter().map(|one| one.display_name).collect();
    Ok(names.join(", "))
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn a_rate_is_what_is_added_less_the_rounding() {
        let expected = ExpectedTax {
            profile: "domestic".to_owned(),
            fiscal_position: None,
            taxes: None,
            rate: dec!(21),
        };
        let asked = |net: Decimal, tax: Decimal| {
            let line = Taxed {
                line: "Work",
                expected: &expected,
                taxes: &[],
                net,
                tax,
            };
            other_rate(&line, 2)
        };
        assert_eq!(asked(dec!(1152), dec!(241.92)), None);
        assert_eq!(asked(dec!(0.33), dec!(0.07)), None, "rounded");
        assert_eq!(asked(dec!(0), dec!(0)), None, "no hours yet");
        assert_eq!(
            asked(dec!(100), dec!(19)).as_deref(),
            Some("line \"Work\": 19 % tax (19 on 100), the tax profile \"domestic\" expects 21 %")
        );
    }
}
