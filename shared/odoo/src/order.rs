//! A contract as an order (`sale.order`): created as a draft, confirmed by the signature.

use domain::Reference;
use domain::book::ProjectMaker;
use domain::command::{CancelOrder, Company, ConfirmOrder, CreateOrder, OrderLine};
use domain::record::Posted;
use jiff::civil::{Date, DateTime, time};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::currency::{Pricelist, currency};
use crate::differences::Differences;
use crate::load::{Cells, Row, link};
use crate::order_check::check;
use crate::{Context, Odoo, OdooError, credit, project_maker, tax_check};

const MODEL: &str = "sale.order";

#[derive(Deserialize)]
struct Order {
    name: String,
    state: String,
    date_order: DateTime,
}

/// Creates the draft order with all its lines and compares it with what was sold.
pub async fn create(
    odoo: &Odoo,
    reference: &Reference,
    order: &CreateOrder,
) -> Result<Posted, OdooError> {
    let context = Context::of(&order.company);
    project_maker::sold(odoo, &context, order).await?;
    let currency = currency(odoo, &context, order).await?;
    let (fields, rows) = rows(reference, order, currency.pricelist)?;
    // Odoo would mail the salesperson about each order.
    let context = context.with("mail_auto_subscribe_no_notify", json!(true));
    let id = odoo.load_one(&context, MODEL, &fields, &rows).await?;
    let name = check(odoo, &context, id, order, &currency).await?;
    tax_check::check_order(odoo, &context, id, order, currency.digits).await?;
    Ok(posted(id, name))
}

pub(crate) fn posted(id: i64, name: String) -> Posted {
    Posted {
        model: MODEL.to_owned(),
        id,
        others: Vec::new(),
        name: Some(name),
        customer: domain::customer::Noted::default(),
    }
}

/// No tax is named: the product's taxes under the customer's fiscal position are Odoo's business.
fn rows(
    reference: &Reference,
    order: &CreateOrder,
    pricelist: Pricelist,
) -> Result<(Vec<&'static str>, Vec<Row>), OdooError> {
    let payer = order.invoice_contact.as_ref().unwrap_or(&order.customer);
    let mut head = Cells::default();
    head.set("id", reference.external_id());
    head.set("company_id/.id", order.company.id.to_string());
    head.set("partner_id/id", order.customer.external_id());
    head.set("partner_invoice_id/id", payer.external_id());
    head.set("payment_term_id/id", &order.payment_term);
    if !order.purchase_order.is_empty() {
        head.set("client_order_ref", &order.purchase_order);
    }
    head.set("origin", &order.origin);
    match &order.salesperson {
        Some(user) => head.set("user_id/id", user),
        // Else the service user becomes the salesperson and gets the to-dos.
        None => head.set("user_id/.id", link(None)),
    }
    if let Pricelist::Named(list) = pricelist {
        head.set("pricelist_id/.id", link(list));
    }
    let lines: Vec<Cells> = order.lines.iter().map(line_cells).collect();
    (head.with_lines(&lines)).ok_or_else(|| OdooError::refused("an order without lines"))
}

fn line_cells(line: &OrderLine) -> Cells {
    let mut cells = Cells::default();
    cells.set("order_line/id", line.reference.external_id());
    cells.set("order_line/product_id/id", &line.product);
    cells.set("order_line/name", text(line));
    if let Some(unit) = &line.unit {
        cells.set("order_line/product_uom_id/id", &unit.uom);
    }
    cells.set("order_line/product_uom_qty", line.quantity.to_string());
    cells.set("order_line/price_unit", line.unit_price.to_string());
    cells.set("order_line/discount", line.discount_percent.to_string());
    cells
}

/// What the customer reads: a price that begins later says from when on it holds.
pub(crate) fn text(line: &OrderLine) -> String {
    match line.from {
        Some(from) => format!("{} (from {from})", line.description),
        None => line.description.clone(),
    }
}

/// Confirms the order, if it is not, and keeps the day of the signature as its date: Odoo would
/// date it now, and its exchange rate with it.
pub async fn confirm(
    odoo: &Odoo,
    order_id: i64,
    order: &ConfirmOrder,
) -> Result<Posted, OdooError> {
    let context = Context::of(&order.company);
    let signed = noon(order.signed_on, &order.company)?;
    let before = state(odoo, &context, order_id).await?;
    match before.state.as_str() {
        "draft" | "sent" => {
            let what = format!("the confirmation of {}", before.name);
            credit::allows(odoo, &context, order.credit.as_ref(), &what).await?;
            let maker = order.project_made_by;
            project_maker::ordered(odoo, &context, maker, order_id).await?;
            let odoo_makes_it = maker == Some(ProjectMaker::Odoo);
            let context = (context.clone())
                .with("validate_analytic", json!(true))
                .with("disable_project_task_generation", json!(!odoo_makes_it));
            let arguments = json!({"ids": [order_id]});
            let _: Value = odoo
                .call(MODEL, "action_confirm", &context, arguments)
                .await?;
        }
        "sale" => {}
        other => {
            return Err(OdooError::differs(format!(
                "the order {} is in state {other:?}, expected a draft or a confirmed order",
                before.name
            )));
        }
    }
    let confirmed = state(odoo, &context, order_id).await?;
    if confirmed.date_order != signed {
        let text = signed.strftime("%Y-%m-%d %H:%M:%S").to_string();
        odoo.write(&context, MODEL, &[order_id], json!({"date_order": text}))
            .await?;
    }
    let after = state(odoo, &context, order_id).await?;
    let mut differences = Differences::default();
    differences.expect("the order's state", &"sale".to_owned(), &after.state);
    differences.expect("the order's date", &signed, &after.date_order);
    differences.finish()?;
    Ok(posted(order_id, after.name))
}

/// Cancels a draft whose deal is lost. What is confirmed is for people.
pub async fn cancel(odoo: &Odoo, order_id: i64, order: &CancelOrder) -> Result<Posted, OdooError> {
    let context = Context::of(&order.company);
    let before = state(odoo, &context, order_id).await?;
    match before.state.as_str() {
        "draft" | "sent" => {
            let arguments = json!({"ids": [order_id]});
            let _: Value = odoo
                .call(MODEL, "action_cancel", &context, arguments)
                .await?;
        }
        "cancel" => {}
        other => {
            return Err(OdooError::differs(format!(
                "the order {} is in state {other:?}: decide in Odoo what becomes of it",
                before.name
            )));
        }
    }
    let after = state(odoo, &context, order_id).await?;
    let mut differences = Differences::default();
    differences.expect("the order's state", &"cancel".to_owned(), &after.state);
    differences.finish()?;
    Ok(posted(order_id, after.name))
}

async fn state(odoo: &Odoo, context: &Context, id: i64) -> Result<Order, OdooError> {
    let fields = ["name", "state", "date_order"];
    odoo.read_one(context, MODEL, id, &fields).await
}

/// Noon in the company's zone, in UTC as Odoo stores it: the same day in the zones of all who read.
fn noon(day: Date, company: &Company) -> Result<DateTime, OdooError> {
    let zone = TimeZone::get(&company.zone)
        .map_err(|_| OdooError::refused(format!("unknown time zone {:?}", company.zone)))?;
    let instant = (day.to_datetime(time(12, 0, 0, 0)).to_zoned(zone))
        .map_err(|_| OdooError::refused(format!("{day} does not exist in {}", company.zone)))?;
    Ok(instant.with_time_zone(TimeZone::UTC).datetime())
}
