//! Compares an invoice in Odoo, field by field, with what was expected.

use std::collections::BTreeMap;

use domain::DecimalText;
use domain::command::{DraftInvoice, InvoiceLine};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::answer::OrFalse;
use crate::differences::Differences;
use crate::tax_check::Taxed;
use crate::terms::{TermLine, Terms};
use crate::{Context, Odoo, OdooError, amounts, tax_check};

/// What the comparison reads of the invoice itself.
#[derive(Deserialize)]
pub(crate) struct Found {
    pub(crate) name: OrFalse<String>,
    pub(crate) state: String,
    pub(crate) date: OrFalse<Date>,
    pub(crate) tax_lock_date_message: OrFalse<String>,
    move_type: String,
    company_id: i64,
    partner_id: OrFalse<i64>,
    partner_shipping_id: OrFalse<i64>,
    currency_id: i64,
    fiscal_position_id: OrFalse<i64>,
    invoice_payment_term_id: OrFalse<i64>,
    invoice_user_id: OrFalse<i64>,
    invoice_date: OrFalse<Date>,
    r#ref: OrFalse<String>,
    invoice_origin: OrFalse<String>,
    amount_untaxed: DecimalText,
    amount_tax: DecimalText,
    invoice_line_ids: Vec<i64>,
}

const FIELDS: [&str; 18] = [
    "name",
    "state",
    "date",
    "tax_lock_date_message",
    "move_type",
    "company_id",
    "partner_id",
    "partner_shipping_id",
    "currency_id",
    "fiscal_position_id",
    "invoice_payment_term_id",
    "invoice_user_id",
    "invoice_date",
    "ref",
    "invoice_origin",
    "amount_untaxed",
    "amount_tax",
    "invoice_line_ids",
];

#[derive(Deserialize)]
struct FoundLine {
    display_type: String,
    product_id: OrFalse<i64>,
    product_uom_id: OrFalse<i64>,
    quantity: DecimalText,
    price_unit: DecimalText,
    discount: DecimalText,
    price_subtotal: DecimalText,
    price_total: DecimalText,
    tax_ids: Vec<i64>,
    sale_line_ids: Vec<i64>,
    analytic_distribution: OrFalse<BTreeMap<String, DecimalText>>,
}

const LINE_FIELDS: [&str; 11] = [
    "display_type",
    "product_id",
    "product_uom_id",
    "quantity",
    "price_unit",
    "discount",
    "price_subtotal",
    "price_total",
    "tax_ids",
    "sale_line_ids",
    "analytic_distribution",
];

/// Reads the invoice; all that differs is reported at once.
pub(crate) async fn compare(
    odoo: &Odoo,
    context: &Context,
    id: i64,
    draft: &DraftInvoice,
    terms: &Terms,
) -> Result<Found, OdooError> {
    let found: Found = odoo.read_one(context, "account.move", id, &FIELDS).await?;
    let lines: Vec<FoundLine> = odoo
        .read(
            context,
            "account.move.line",
            &found.invoice_line_ids,
            &LINE_FIELDS,
        )
        .await?;
    let mut differences = Differences::default();
    header(&found, draft, terms, &mut differences);
    for (line, billed) in terms.billed() {
        compare_line(line, billed, &lines, terms.digits, &mut differences);
    }
    let products = lines.iter().filter(|line| line.display_type == "product");
    let expected = terms.billed().count();
    differences.expect("the number of invoice lines", &expected, &products.count());
    sums(odoo, context, &found, draft, terms, &mut differences).await?;
    taken_back(odoo, context, terms, &mut differences).await?;
    differences.finish()?;
    taxed(odoo, context, &found, &lines, terms).await?;
    Ok(found)
}

/// The lines beside the tax profiles of the book.
async fn taxed(
    odoo: &Odoo,
    context: &Context,
    found: &Found,
    lines: &[FoundLine],
    terms: &Terms,
) -> Result<(), OdooError> {
    let mut taxed = Vec::new();
    for (line, billed) in terms.billed() {
        let id = line.order_line.id;
        let mut own = lines.iter().filter(|found| found.sale_line_ids == [id]);
        if let (Some(expected), Some(found)) = (&billed.tax, own.next()) {
            taxed.push(Taxed {
                line: &line.order_line.name,
                expected,
                taxes: &found.tax_ids,
                net: found.price_subtotal.0,
                tax: found.price_total.0 - found.price_subtotal.0,
            });
        }
    }
    let what = format!("the invoice of {}", terms.order.name);
    let position = found.fiscal_position_id.0;
    tax_check::check(odoo, context, &what, position, &taxed, terms.digits).await
}

fn header(found: &Found, draft: &DraftInvoice, terms: &Terms, differences: &mut Differences) {
    let order = &terms.order;
    if !matches!(found.state.as_str(), "draft" | "posted") {
        differences.add(format!("the invoice is in state {:?}", found.state));
    }
    differences.expect(
        "the document's kind",
        &"out_invoice".to_owned(),
        &found.move_type,
    );
    differences.expect("the company", &draft.company.id, &found.company_id);
    differences.expect("the currency", &order.currency_id, &found.currency_id);
    let customer = Some(order.partner_invoice_id);
    differences.expect("the invoiced partner", &customer, &found.partner_id.0);
    let (expected, actual) = (order.partner_shipping_id.0, found.partner_shipping_id.0);
    differences.expect("the delivery address", &expected, &actual);
    let (expected, actual) = (order.fiscal_position_id.0, found.fiscal_position_id.0);
    differences.expect("the fiscal position", &expected, &actual);
    let (expected, actual) = (order.payment_term_id.0, found.invoice_payment_term_id.0);
    differences.expect("the payment terms", &expected, &actual);
    let (expected, actual) = (order.user_id.0, found.invoice_user_id.0);
    differences.expect("the salesperson", &expected, &actual);
    let date = Some(draft.invoice_date);
    differences.expect("the invoice date", &date, &found.invoice_date.0);
    let reference = Some(terms.customer_reference().to_owned());
    differences.expect("the customer's reference", &reference, &found.r#ref.0);
    let origin = Some(order.name.clone());
    differences.expect("the origin", &origin, &found.invoice_origin.0);
}

/// Odoo's sums are those of its own rounding method, and the ledger's sum is the same lines.
async fn sums(
    odoo: &Odoo,
    context: &Context,
    found: &Found,
    draft: &DraftInvoice,
    terms: &Terms,
    differences: &mut Differences,
) -> Result<(), OdooError> {
    let untaxed = found.amount_untaxed.0;
    let raws: Vec<Decimal> = (draft.lines.iter())
        .map(|line| amounts::raw(line.quantity, line.unit_price, line.discount_percent))
        .collect();
    if !amounts::only_rounded(draft.expected_untaxed, untaxed, &raws, terms.digits) {
        differences.expect_number("the untaxed amount", draft.expected_untaxed, untaxed);
    }
    match amounts::expected(odoo, context, terms).await {
        Ok(expected) => {
            differences.expect_number("the untaxed amount in Odoo", expected.untaxed, untaxed);
            differences.expect_number("the tax amount", expected.tax, found.amount_tax.0);
        }
        Err(OdooError::Differs { differences: why }) => {
            why.into_iter().for_each(|reason| differences.add(reason));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn compare_line(
    line: &TermLine,
    billed: &InvoiceLine,
    found: &[FoundLine],
    digits: u32,
    differences: &mut Differences,
) {
    let order_line = &line.order_line;
    let what = format!("line {:?}", order_line.name);
    let mut own = (found.iter()).filter(|found| found.sale_line_ids == [order_line.id]);
    let (Some(found), None) = (own.next(), own.next()) else {
        differences.add(format!("{what} is not exactly once on the invoice"));
        return;
    };
    let of = |field: &str| format!("{what}: {field}");
    differences.expect(
        &of("product"),
        &order_line.product_id.0,
        &found.product_id.0,
    );
    differences.expect(
        &of("unit"),
        &order_line.product_uom_id.0,
        &found.product_uom_id.0,
    );
    differences.expect_number(&of("quantity"), billed.quantity, found.quantity.0);
    differences.expect_number(&of("price"), billed.unit_price, found.price_unit.0);
    differences.expect_number(&of("discount"), billed.discount_percent, found.discount.0);
    let (mut expected, mut actual) = (order_line.tax_ids.clone(), found.tax_ids.clone());
    expected.sort_unstable();
    actual.sort_unstable();
    differences.expect(&of("taxes"), &expected, &actual);
    if order_line.analytic_distribution.0.is_some() {
        let (expected, actual) = (
            &order_line.analytic_distribution,
            &found.analytic_distribution,
        );
        differences.expect(&of("analytic distribution"), expected, actual);
    }
    let raw = amounts::raw(billed.quantity, billed.unit_price, billed.discount_percent);
    let expected = amounts::round(raw, digits);
    differences.expect_number(&of("amount"), expected, found.price_subtotal.0);
}

/// With this invoice on it, no order line may have more invoiced than delivered: Odoo's own
/// "Create Invoice" would take the rest back.
async fn taken_back(
    odoo: &Odoo,
    context: &Context,
    terms: &Terms,
    differences: &mut Differences,
) -> Result<(), OdooError> {
    #[derive(Deserialize)]
    struct Line {
        name: String,
        qty_to_invoice: DecimalText,
    }
    let ids: Vec<i64> = terms.billed().map(|(line, _)| line.order_line.id).collect();
    let fields = ["name", "qty_to_invoice"];
    let lines: Vec<Line> = odoo.read(context, "sale.order.line", &ids, &fields).await?;
    for line in lines {
        if line.qty_to_invoice.0 < Decimal::ZERO {
            let over = -line.qty_to_invoice.0.normalize();
            differences.add(format!(
                "line {:?}: {over} more invoiced than delivered",
                line.name
            ));
        }
    }
    Ok(())
}
