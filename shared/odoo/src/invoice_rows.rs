//! The rows of the one `load` that makes a draft invoice.

use std::collections::BTreeMap;

use domain::command::DraftInvoice;
use domain::{DecimalText, Reference};

use crate::OdooError;
use crate::load::{Cells, Row, flag, link};
use crate::terms::{TermLine, Terms, line_reference};

/// A blank cell is written too, and so it is meant: where the order has no salesperson or no
/// payment terms, its invoice shall not get the calling user or the customer's.
pub(crate) fn rows(
    invoice: &Reference,
    draft: &DraftInvoice,
    terms: &Terms,
) -> Result<(Vec<&'static str>, Vec<Row>), OdooError> {
    let head = head(invoice, draft, terms);
    let distributed =
        (terms.lines.iter()).any(|line| line.order_line.analytic_distribution.0.is_some());
    let lines: Vec<Cells> = (terms.lines.iter().enumerate())
        .map(|(position, line)| line_cells(invoice, position, line, distributed))
        .collect();
    (head.with_lines(&lines)).ok_or_else(|| OdooError::refused("an invoice without lines"))
}

fn head(invoice: &Reference, draft: &DraftInvoice, terms: &Terms) -> Cells {
    let order = &terms.order;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut cells = Cells::default();
    cells.set("id", invoice.external_id());
    cells.set("move_type", "out_invoice");
    cells.set("company_id/.id", order.company_id.to_string());
    cells.set("invoice_date", draft.invoice_date.to_string());
    cells.set("currency_id/.id", order.currency_id.to_string());
    cells.set("partner_id/.id", order.partner_invoice_id.to_string());
    cells.set("partner_shipping_id/.id", link(order.partner_shipping_id.0));
    cells.set("invoice_payment_term_id/.id", link(order.payment_term_id.0));
    let method = order.preferred_payment_method_line_id.0;
    cells.set("preferred_payment_method_line_id/.id", link(method));
    cells.set("invoice_user_id/.id", link(order.user_id.0));
    cells.set("team_id/.id", link(order.team_id.0));
    cells.set("campaign_id/.id", link(order.campaign_id.0));
    cells.set("medium_id/.id", link(order.medium_id.0));
    cells.set("source_id/.id", link(order.source_id.0));
    cells.set("ref", terms.customer_reference());
    cells.set("invoice_origin", &order.name);
    cells.set("payment_reference", text(&order.reference.0));
    cells.set("narration", text(&order.note.0));
    // Not blank: without the order's own, Odoo takes the one of the invoiced partner.
    if order.fiscal_position_id.0.is_some() {
        cells.set("fiscal_position_id/.id", link(order.fiscal_position_id.0));
    }
    // Not blank: without one there is no invoice.
    if order.journal_id.0.is_some() {
        cells.set("journal_id/.id", link(order.journal_id.0));
    }
    cells
}

fn line_cells(invoice: &Reference, position: usize, line: &TermLine, distributed: bool) -> Cells {
    let order_line = &line.order_line;
    let kind = order_line.display_type.0.as_deref().unwrap_or("product");
    let quantity = line.billed.as_ref().map(|billed| billed.quantity);
    let mut cells = Cells::default();
    let own = line_reference(invoice, line).external_id();
    cells.set("invoice_line_ids/id", own);
    cells.set("invoice_line_ids/display_type", kind);
    cells.set("invoice_line_ids/sequence", position.to_string());
    cells.set("invoice_line_ids/name", &line.text);
    cells.set(
        "invoice_line_ids/product_id/.id",
        link(order_line.product_id.0),
    );
    cells.set(
        "invoice_line_ids/product_uom_id/.id",
        link(order_line.product_uom_id.0),
    );
    let quantity = quantity.unwrap_or_default().to_string();
    cells.set("invoice_line_ids/quantity", quantity);
    let price = order_line.price_unit.0.to_string();
    cells.set("invoice_line_ids/price_unit", price);
    let discount = order_line.discount.0.to_string();
    cells.set("invoice_line_ids/discount", discount);
    let taxes: Vec<String> = order_line.tax_ids.iter().map(i64::to_string).collect();
    cells.set("invoice_line_ids/tax_ids/.id", taxes.join(","));
    cells.set(
        "invoice_line_ids/sale_line_ids/.id",
        order_line.id.to_string(),
    );
    let (prices, composition) = (order_line.collapse_prices, order_line.collapse_composition);
    cells.set("invoice_line_ids/collapse_prices", flag(prices));
    cells.set("invoice_line_ids/collapse_composition", flag(composition));
    // No column at all when the order has none: then Odoo's distribution models apply.
    if distributed {
        let text = order_line
            .analytic_distribution
            .0
            .as_ref()
            .map(distribution);
        cells.set(
            "invoice_line_ids/analytic_distribution",
            text.unwrap_or_default(),
        );
    }
    cells
}

/// As JSON text.
fn distribution(shares: &BTreeMap<String, DecimalText>) -> String {
    let shares: Vec<String> = (shares.iter())
        .map(|(accounts, share)| format!("\"{accounts}\":{}", share.0.normalize()))
        .collect();
    format!("{{{}}}", shares.join(","))
}
