//! Compares an order in Odoo with what was sold.

use std::collections::BTreeSet;

use domain::DecimalText;
use domain::command::{CreateOrder, LineBilling, OrderLine};
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::answer::OrFalse;
use crate::currency::Currency;
use crate::differences::Differences;
use crate::{Context, Odoo, OdooError, amounts, unit_check};

const FIELDS: [&str; 11] = [
    "name",
    "state",
    "partner_id",
    "partner_invoice_id",
    "payment_term_id",
    "currency_id",
    "client_order_ref",
    "user_id",
    "fiscal_position_id",
    "amount_untaxed",
    "order_line",
];

const LINE_FIELDS: [&str; 7] = [
    "display_type",
    "product_id",
    "product_uom_id",
    "product_uom_qty",
    "price_unit",
    "discount",
    "tax_ids",
];

#[derive(Deserialize)]
struct Content {
    name: String,
    state: String,
    partner_id: OrFalse<i64>,
    partner_invoice_id: OrFalse<i64>,
    payment_term_id: OrFalse<i64>,
    currency_id: OrFalse<i64>,
    client_order_ref: OrFalse<String>,
    user_id: OrFalse<i64>,
    fiscal_position_id: OrFalse<i64>,
    amount_untaxed: DecimalText,
    order_line: Vec<i64>,
}

#[derive(Deserialize)]
struct Line {
    id: i64,
    display_type: OrFalse<String>,
    product_id: OrFalse<i64>,
    product_uom_id: OrFalse<i64>,
    product_uom_qty: DecimalText,
    price_unit: DecimalText,
    discount: DecimalText,
    tax_ids: Vec<i64>,
}

#[derive(Deserialize)]
struct Product {
    id: i64,
    taxes_id: Vec<i64>,
    service_policy: OrFalse<String>,
}

/// The order's number, if everything is as it was sold.
pub(crate) async fn check(
    odoo: &Odoo,
    context: &Context,
    id: i64,
    order: &CreateOrder,
    currency: &Currency,
) -> Result<String, OdooError> {
    let found: Content = odoo.read_one(context, "sale.order", id, &FIELDS).await?;
    let mut differences = Differences::default();
    check_head(odoo, context, order, currency, &found, &mut differences).await?;
    check_amount(order, currency, &found, &mut differences);
    let mapped = found.fiscal_position_id.0.is_some();
    check_lines(
        odoo,
        context,
        order,
        &found.order_line,
        mapped,
        &mut differences,
    )
    .await?;
    differences.finish()?;
    Ok(found.name)
}

async fn check_head(
    odoo: &Odoo,
    context: &Context,
    order: &CreateOrder,
    currency: &Currency,
    found: &Content,
    differences: &mut Differences,
) -> Result<(), OdooError> {
    let payer = order.invoice_contact.as_ref().unwrap_or(&order.customer);
    let customer = odoo.resolve(context, &order.customer.external_id()).await?;
    let payer = odoo.resolve(context, &payer.external_id()).await?;
    let term = odoo.resolve(context, &order.payment_term).await?;
    if found.state == "cancel" {
        differences.add(format!("the order {} is cancelled in Odoo", found.name));
    }
    differences.expect("the order's customer", &Some(customer), &found.partner_id.0);
    let invoiced = found.partner_invoice_id.0;
    differences.expect("the order's invoice contact", &Some(payer), &invoiced);
    let found_term = found.payment_term_id.0;
    differences.expect("the order's payment terms", &Some(term), &found_term);
    differences.expect(
        "the order's currency",
        &Some(currency.id),
        &found.currency_id.0,
    );
    let number = Some(order.purchase_order.clone()).filter(|number| !number.is_empty());
    let found_number = &found.client_order_ref.0;
    differences.expect("the order's purchase order number", &number, found_number);
    let salesperson = match &order.salesperson {
        Some(user) => Some(odoo.resolve(context, user).await?),
        None => None,
    };
    // A person may pass the customer on to a colleague: only what we set on a draft is compared.
    if found.state == "draft" {
        let found_salesperson = found.user_id.0;
        differences.expect("the order's salesperson", &salesperson, &found_salesperson);
    }
    Ok(())
}

fn check_amount(
    order: &CreateOrder,
    currency: &Currency,
    found: &Content,
    differences: &mut Differences,
) {
    let untaxed = found.amount_untaxed.0;
    let raws: Vec<Decimal> = (order.lines.iter())
        .map(|line| amounts::raw(line.quantity, line.unit_price, line.discount_percent))
        .collect();
    if !amounts::only_rounded(order.expected_untaxed, untaxed, &raws, currency.digits) {
        let expected = order.expected_untaxed;
        differences.expect_number("the order's untaxed amount", expected, untaxed);
    }
}

async fn check_lines(
    odoo: &Odoo,
    context: &Context,
    order: &CreateOrder,
    ids: &[i64],
    taxes_mapped: bool,
    differences: &mut Differences,
) -> Result<(), OdooError> {
    let found: Vec<Line> = odoo
        .read(context, "sale.order.line", ids, &LINE_FIELDS)
        .await?;
    // What was taken off the contract stays with no quantity; so does a price that begins later.
    let sold = |line: &&Line| line.display_type.0.is_none() && !line.product_uom_qty.0.is_zero();
    let expected = order.lines.iter().filter(|line| !line.quantity.is_zero());
    differences.expect(
        "the order's number of lines",
        &expected.count(),
        &found.iter().filter(sold).count(),
    );
    let products = products(odoo, context, &found).await?;
    for line in &order.lines {
        let id = odoo.look_up(context, &line.reference.external_id()).await?;
        let what = format!("line {:?}", line.description);
        let Some(actual) = found.iter().find(|actual| Some(actual.id) == id) else {
            differences.add(format!("{what} is not on the order in Odoo"));
            continue;
        };
        let product = odoo.resolve(context, &line.product).await?;
        differences.expect(
            &format!("{what}: product"),
            &Some(product),
            &actual.product_id.0,
        );
        if let Some(unit) = &line.unit {
            let found = actual.product_uom_id.0;
            unit_check::check(odoo, context, &what, unit, found, differences).await?;
        }
        let product = products.iter().find(|found| found.id == product);
        check_line(&what, line, actual, product, taxes_mapped, differences);
    }
    Ok(())
}

async fn products(
    odoo: &Odoo,
    context: &Context,
    lines: &[Line],
) -> Result<Vec<Product>, OdooError> {
    let ids: BTreeSet<i64> = lines.iter().filter_map(|line| line.product_id.0).collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let fields = ["taxes_id", "service_policy"];
    odoo.read(context, "product.product", &ids, &fields).await
}

fn check_line(
    what: &str,
    line: &OrderLine,
    actual: &Line,
    product: Option<&Product>,
    taxes_mapped: bool,
    differences: &mut Differences,
) {
    let hours = format!("{what}: quantity");
    differences.expect_number(&hours, line.quantity, actual.product_uom_qty.0);
    let price = format!("{what}: price");
    differences.expect_number(&price, line.unit_price, actual.price_unit.0);
    let discount = format!("{what}: discount");
    differences.expect_number(&discount, line.discount_percent, actual.discount.0);
    let Some(product) = product else {
        return;
    };
    let billed = format!("{what}: its product's invoicing policy");
    let policy = Some(policy(&line.billing).to_owned());
    differences.expect(&billed, &policy, &product.service_policy.0);
    if actual.tax_ids.is_empty() && !taxes_mapped && !product.taxes_id.is_empty() {
        differences.add(format!("{what}: no tax, although its product has one"));
    }
}

/// Odoo's own word for when a line is billed.
const fn policy(billing: &LineBilling) -> &'static str {
    match billing {
        LineBilling::TimeAndMaterials => "delivered_timesheet",
        LineBilling::Instalment { .. } | LineBilling::Recurring { .. } => "delivered_manual",
        LineBilling::Milestone { .. } => "delivered_milestones",
        LineBilling::Retainer { .. } => "ordered_prepaid",
    }
}
