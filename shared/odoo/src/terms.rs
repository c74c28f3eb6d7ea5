//! What an order hands to its invoice: every value that Odoo's own "Create Invoice" would copy
//! (`sale.order._prepare_invoice` and `sale.order.line._prepare_invoice_line` of Odoo 19,
//! <https://github.com/odoo/odoo/blob/19.0/addons/sale/models/sale_order.py>).

use std::collections::BTreeMap;

use domain::command::{DraftInvoice, InvoiceLine};
use domain::{DecimalText, Reference};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::json;

use crate::answer::OrFalse;
use crate::differences::Differences;
use crate::{Context, Odoo, OdooError};

/// The header's part.
#[derive(Deserialize)]
pub(crate) struct Order {
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) company_id: i64,
    pub(crate) currency_id: i64,
    pub(crate) partner_invoice_id: i64,
    pub(crate) partner_shipping_id: OrFalse<i64>,
    pub(crate) fiscal_position_id: OrFalse<i64>,
    pub(crate) payment_term_id: OrFalse<i64>,
    pub(crate) preferred_payment_method_line_id: OrFalse<i64>,
    pub(crate) journal_id: OrFalse<i64>,
    pub(crate) user_id: OrFalse<i64>,
    pub(crate) team_id: OrFalse<i64>,
    pub(crate) campaign_id: OrFalse<i64>,
    pub(crate) medium_id: OrFalse<i64>,
    pub(crate) source_id: OrFalse<i64>,
    pub(crate) client_order_ref: OrFalse<String>,
    pub(crate) reference: OrFalse<String>,
    pub(crate) note: OrFalse<String>,
    transaction_ids: Vec<i64>,
    order_line: Vec<i64>,
}

const ORDER_FIELDS: [&str; 20] = [
    "name",
    "state",
    "company_id",
    "currency_id",
    "partner_invoice_id",
    "partner_shipping_id",
    "fiscal_position_id",
    "payment_term_id",
    "preferred_payment_method_line_id",
    "journal_id",
    "user_id",
    "team_id",
    "campaign_id",
    "medium_id",
    "source_id",
    "client_order_ref",
    "reference",
    "note",
    "transaction_ids",
    "order_line",
];

/// A line's part. Sections and notes are lines too.
#[derive(Deserialize)]
pub(crate) struct OrderLine {
    pub(crate) id: i64,
    pub(crate) display_type: OrFalse<String>,
    pub(crate) name: String,
    pub(crate) product_id: OrFalse<i64>,
    pub(crate) product_uom_id: OrFalse<i64>,
    pub(crate) product_uom_qty: DecimalText,
    pub(crate) qty_delivered: DecimalText,
    /// `manual`, `milestones`, `timesheet`, …
    pub(crate) qty_delivered_method: OrFalse<String>,
    pub(crate) qty_invoiced: DecimalText,
    pub(crate) price_unit: DecimalText,
    pub(crate) discount: DecimalText,
    pub(crate) tax_ids: Vec<i64>,
    pub(crate) analytic_distribution: OrFalse<BTreeMap<String, DecimalText>>,
    pub(crate) collapse_prices: bool,
    pub(crate) collapse_composition: bool,
    is_downpayment: bool,
    extra_tax_data: OrFalse<serde::de::IgnoredAny>,
}

const LINE_FIELDS: [&str; 16] = [
    "display_type",
    "name",
    "product_id",
    "product_uom_id",
    "product_uom_qty",
    "qty_delivered",
    "qty_delivered_method",
    "qty_invoiced",
    "price_unit",
    "discount",
    "tax_ids",
    "analytic_distribution",
    "collapse_prices",
    "collapse_composition",
    "is_downpayment",
    "extra_tax_data",
];

/// A line of the invoice to be: an order line, and what of it is billed.
pub(crate) struct TermLine {
    pub(crate) order_line: OrderLine,
    /// None for a section or a note.
    pub(crate) billed: Option<InvoiceLine>,
    /// What the customer reads.
    pub(crate) text: String,
}

/// Everything the invoice takes over.
pub(crate) struct Terms {
    pub(crate) order: Order,
    pub(crate) lines: Vec<TermLine>,
    /// Decimal places of the order's currency.
    pub(crate) digits: u32,
}

impl Terms {
    pub(crate) async fn read(
        odoo: &Odoo,
        context: &Context,
        order_id: i64,
        draft: &DraftInvoice,
    ) -> Result<Self, OdooError> {
        let order: Order = odoo
            .read_one(context, "sale.order", order_id, &ORDER_FIELDS)
            .await?;
        let lines: Vec<OrderLine> = odoo
            .read(context, "sale.order.line", &order.order_line, &LINE_FIELDS)
            .await?;
        check_order(&order, &lines, draft)?;
        let billed = billed(odoo, context, draft).await?;
        check_lines(&lines, &billed)?;
        let chosen = chosen(lines, billed);
        let names = product_names(odoo, context, &order, &chosen).await?;
        let lines = (chosen.into_iter())
            .map(|(order_line, billed)| TermLine {
                text: text(&order_line, &names),
                order_line,
                billed,
            })
            .collect();
        let digits = digits(odoo, context, order.currency_id).await?;
        Ok(Self {
            order,
            lines,
            digits,
        })
    }

    /// The lines that have an amount.
    pub(crate) fn billed(&self) -> impl Iterator<Item = (&TermLine, &InvoiceLine)> {
        (self.lines.iter()).filter_map(|line| Some((line, line.billed.as_ref()?)))
    }

    /// Odoo's own default for `ref` is the order's number.
    pub(crate) fn customer_reference(&self) -> &str {
        (self.order.client_order_ref.0.as_ref()).unwrap_or(&self.order.name)
    }
}

async fn digits(odoo: &Odoo, context: &Context, currency: i64) -> Result<u32, OdooError> {
    #[derive(Deserialize)]
    struct Currency {
        decimal_places: u32,
    }
    let fields = ["decimal_places"];
    let found: Currency = odoo
        .read_one(context, "res.currency", currency, &fields)
        .await?;
    Ok(found.decimal_places)
}

/// What the direct invoice does not carry is refused, never dropped.
fn check_order(order: &Order, lines: &[OrderLine], draft: &DraftInvoice) -> Result<(), OdooError> {
    let mut differences = Differences::default();
    let number = &order.name;
    differences.expect("the order's state", &"sale".to_owned(), &order.state);
    differences.expect("the order's company", &draft.company.id, &order.company_id);
    if !order.transaction_ids.is_empty() {
        differences.add(format!("{number} was paid online: invoice it in Odoo"));
    }
    if (lines.iter()).any(|line| line.is_downpayment && line.display_type.0.is_none()) {
        differences.add(format!("{number} has a down payment: invoice it in Odoo"));
    }
    if lines.iter().any(|line| line.extra_tax_data.0.is_some()) {
        differences.add(format!(
            "{number} has a global discount: invoice it in Odoo"
        ));
    }
    differences.finish()
}

/// By order line id.
async fn billed(
    odoo: &Odoo,
    context: &Context,
    draft: &DraftInvoice,
) -> Result<BTreeMap<i64, InvoiceLine>, OdooError> {
    let mut billed = BTreeMap::new();
    for line in &draft.lines {
        let id = odoo.resolve(context, &line.line.external_id()).await?;
        if billed.insert(id, line.clone()).is_some() {
            return Err(OdooError::refused("one order line twice on one invoice"));
        }
    }
    Ok(billed)
}

fn check_lines(lines: &[OrderLine], billed: &BTreeMap<i64, InvoiceLine>) -> Result<(), OdooError> {
    let mut differences = Differences::default();
    for (id, bill) in billed {
        let Some(line) = lines.iter().find(|line| line.id == *id) else {
            differences.add(format!("the line {} is not on this order", bill.line));
            continue;
        };
        let what = format!("order line {:?}", line.name);
        let price = format!("{what}: price");
        differences.expect_number(&price, bill.unit_price, line.price_unit.0);
        let discount = format!("{what}: discount");
        differences.expect_number(&discount, bill.discount_percent, line.discount.0);
        // A part of a unit would be rounded to two digits: 0.333333 x 30,000 bills 9,900.
        if bill.marks_delivered && !bill.quantity.fract().is_zero() {
            differences.add(format!(
                "{what}: whole units are billed, never a part of one"
            ));
        }
    }
    differences.finish()
}

/// The billed lines in the order's sequence, with the sections they stand under and the notes, by
/// the rule of `sale.order._get_invoiceable_lines`.
fn chosen(
    lines: Vec<OrderLine>,
    mut billed: BTreeMap<i64, InvoiceLine>,
) -> Vec<(OrderLine, Option<InvoiceLine>)> {
    let mut chosen = Vec::new();
    let mut section: Vec<OrderLine> = Vec::new();
    let mut subsection: Vec<OrderLine> = Vec::new();
    for line in lines {
        match line.display_type.0.as_deref() {
            Some("line_section") => {
                section = vec![line];
                subsection.clear();
            }
            Some("line_subsection") => subsection = vec![line],
            Some(_) if !subsection.is_empty() => subsection.push(line),
            Some(_) if !section.is_empty() => section.push(line),
            Some(_) => chosen.push((line, None)),
            None => {
                let Some(bill) = billed.remove(&line.id) else {
                    continue;
                };
                let headings = section.drain(..).chain(subsection.drain(..));
                chosen.extend(headings.map(|heading| (heading, None)));
                chosen.push((line, Some(bill)));
            }
        }
    }
    chosen
}

/// The products' names in the language of the one who is invoiced.
async fn product_names(
    odoo: &Odoo,
    context: &Context,
    order: &Order,
    lines: &[(OrderLine, Option<InvoiceLine>)],
) -> Result<BTreeMap<i64, String>, OdooError> {
    #[derive(Deserialize)]
    struct Partner {
        lang: OrFalse<String>,
    }
    #[derive(Deserialize)]
    struct Product {
        id: i64,
        display_name: String,
    }
    let partner: Partner = odoo
        .read_one(context, "res.partner", order.partner_invoice_id, &["lang"])
        .await?;
    let context = match partner.lang.0 {
        Some(lang) => context.clone().with("lang", json!(lang)),
        None => context.clone(),
    };
    let ids: Vec<i64> = lines
        .iter()
        .filter_map(|(line, _)| line.product_id.0)
        .collect();
    let products: Vec<Product> = odoo
        .read(&context, "product.product", &ids, &["display_name"])
        .await?;
    Ok((products.into_iter())
        .map(|product| (product.id, product.display_name))
        .collect())
}

/// As `account.move.line._get_journal_items_full_name`.
fn text(line: &OrderLine, names: &BTreeMap<i64, String>) -> String {
    match line.product_id.0.and_then(|id| names.get(&id)) {
        Some(product) if !line.name.contains(product) => format!("{product}\n{}", line.name),
        _ => line.name.clone(),
    }
}

/// The external id of an invoice's line, derived from what it bills: a second draft of the same
/// lines under the same invoice finds them.
pub(crate) fn line_reference(invoice: &Reference, line: &TermLine) -> Reference {
    let part = match &line.billed {
        Some(billed) => billed.line.id().to_owned(),
        None => format!("text {}", line.order_line.id),
    };
    Reference::new(
        invoice.system(),
        invoice.account(),
        "invoice_line",
        format!("{}/{part}", invoice.id()),
    )
}

/// The sum of hours per order line.
pub(crate) fn add_hours(hours: &mut BTreeMap<i64, Decimal>, line: Option<i64>, worked: Decimal) {
    if let Some(line) = line {
        *hours.entry(line).or_default() += worked;
    }
}
