//! An invoice (`account.move`): drafted and compared, linked to the time it bills, posted.

use std::collections::{BTreeMap, BTreeSet};

use domain::command::{Company, DraftInvoice, PostInvoice};
use domain::record::Posted;
use domain::{DecimalText, Reference};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{OrFalse, same};
use crate::compare::{Found, compare};
use crate::differences::Differences;
use crate::invoice_rows::rows;
use crate::terms::{Terms, add_hours, line_reference};
use crate::{Context, Odoo, OdooError, milestones};

const MODEL: &str = "account.move";
const TIME: &str = "account.analytic.line";

#[derive(Deserialize)]
struct Entry {
    id: i64,
    so_line: OrFalse<i64>,
    unit_amount: DecimalText,
    timesheet_invoice_id: OrFalse<i64>,
}

/// Drafts the invoice once and compares it with what was expected. `entry_ids` are the timesheet
/// lines with the billed hours: all of them, and nothing else.
pub async fn draft(
    odoo: &Odoo,
    invoice: &Reference,
    draft: &DraftInvoice,
    order_id: i64,
    entry_ids: &[i64],
) -> Result<Posted, OdooError> {
    let context = Context::of(&draft.company);
    let terms = Terms::read(odoo, &context, order_id, draft).await?;
    let existing = odoo.look_up(&context, &invoice.external_id()).await?;
    let mut differences = Differences::default();
    check_entries(
        odoo,
        &context,
        existing,
        &terms,
        entry_ids,
        &mut differences,
    )
    .await?;
    check_other_invoices(odoo, &context, invoice, existing, &terms, &mut differences).await?;
    if existing.is_none() {
        check_room(&terms, &mut differences);
    }
    differences.finish()?;
    deliver(odoo, &context, &terms, existing.is_some()).await?;
    let (fields, rows) = rows(invoice, draft, &terms)?;
    let id = match existing {
        Some(id) => id,
        None => odoo.load_one(&context, MODEL, &fields, &rows).await?,
    };
    compare(odoo, &context, id, draft, &terms).await?;
    Ok(posted(id, None))
}

fn posted(id: i64, name: Option<String>) -> Posted {
    Posted {
        model: MODEL.to_owned(),
        id,
        others: Vec::new(),
        name,
        customer: domain::customer::Noted::default(),
    }
}

async fn entries(odoo: &Odoo, context: &Context, ids: &[i64]) -> Result<Vec<Entry>, OdooError> {
    let fields = ["so_line", "unit_amount", "timesheet_invoice_id"];
    match ids.is_empty() {
        true => Ok(Vec::new()),
        false => odoo.read(context, TIME, ids, &fields).await,
    }
}

/// Every entry still exists, is on no other invoice, and its hours are those that are billed.
async fn check_entries(
    odoo: &Odoo,
    context: &Context,
    invoice: Option<i64>,
    terms: &Terms,
    ids: &[i64],
    differences: &mut Differences,
) -> Result<(), OdooError> {
    let found = entries(odoo, context, ids).await?;
    if found.len() != ids.iter().collect::<BTreeSet<_>>().len() {
        differences.add("a billed time line no longer exists in Odoo, or is listed twice");
    }
    for entry in &found {
        let other = entry.timesheet_invoice_id.0;
        if other.is_some() && other != invoice {
            let (line, invoice) = (entry.id, other.unwrap_or_default());
            differences.add(format!("time line {line} is already on invoice {invoice}"));
        }
    }
    check_hours(terms, &found, differences);
    Ok(())
}

/// The hours per order line are the quantities billed by hours.
fn check_hours(terms: &Terms, found: &[Entry], differences: &mut Differences) {
    let mut hours: BTreeMap<i64, Decimal> = BTreeMap::new();
    for entry in found {
        add_hours(&mut hours, entry.so_line.0, entry.unit_amount.0);
    }
    for (line, billed) in terms.billed().filter(|(_, billed)| !billed.marks_delivered) {
        let worked = hours.remove(&line.order_line.id).unwrap_or_default();
        let what = format!("line {:?}: hours in Odoo", line.order_line.name);
        let hours = billed.hours.unwrap_or(billed.quantity);
        differences.expect_number(&what, hours, worked);
    }
    if hours.values().any(|left| !left.is_zero()) {
        differences.add("a time line is on an order line that this invoice does not bill by hours");
    }
}

/// Nobody else has invoiced it: what is delivered still covers what is billed now.
fn check_room(terms: &Terms, differences: &mut Differences) {
    for (line, billed) in terms.billed() {
        let order_line = &line.order_line;
        let delivered = match billed.marks_delivered {
            true => order_line.product_uom_qty.0,
            false => order_line.qty_delivered.0,
        };
        let invoiced = order_line.qty_invoiced.0;
        if (invoiced + billed.quantity).round_dp(6) > delivered.round_dp(6) {
            let (name, billed) = (&order_line.name, billed.quantity.normalize());
            let (delivered, invoiced) = (delivered.normalize(), invoiced.normalize());
            differences.add(format!(
                "line {name:?}: {invoiced} of {delivered} delivered is already invoiced, {billed} more does not fit"
            ));
        }
    }
}

/// None of our invoice's lines is on another invoice, for example of a ledger that was lost.
async fn check_other_invoices(
    odoo: &Odoo,
    context: &Context,
    invoice: &Reference,
    existing: Option<i64>,
    terms: &Terms,
    differences: &mut Differences,
) -> Result<(), OdooError> {
    #[derive(Deserialize)]
    struct Line {
        move_id: i64,
    }
    for (line, _) in terms.billed() {
        let name = line_reference(invoice, line).external_id();
        let Some(id) = odoo.look_up(context, &name).await? else {
            continue;
        };
        let found: Line = odoo
            .read_one(context, "account.move.line", id, &["move_id"])
            .await?;
        if Some(found.move_id) != existing {
            let text = &line.order_line.name;
            differences.add(format!(
                "line {text:?} of this invoice is already on invoice {}",
                found.move_id
            ));
        }
    }
    Ok(())
}

/// Says in Odoo that what is billed by units is delivered: Odoo's own "Create Invoice" takes back
/// what is invoiced and not delivered. The values are absolute, so that saying it twice changes
/// nothing. What is paid before it is worked needs no saying.
async fn deliver(
    odoo: &Odoo,
    context: &Context,
    terms: &Terms,
    is_drafted: bool,
) -> Result<(), OdooError> {
    for (line, billed) in terms.billed().filter(|(_, billed)| billed.marks_delivered) {
        let line = &line.order_line;
        match line.qty_delivered_method.0.as_deref() {
            Some("manual") => {
                let (invoiced, delivered) = (line.qty_invoiced.0, line.qty_delivered.0);
                let due = match is_drafted {
                    true => invoiced,
                    false => invoiced + billed.quantity,
                };
                if !same(delivered, due) && delivered < due {
                    let values = json!({"qty_delivered": due.to_string()});
                    odoo.write(context, "sale.order.line", &[line.id], values)
                        .await?;
                }
            }
            Some("milestones") => milestones::reach(odoo, context, &billed.line).await?,
            _ => {}
        }
    }
    Ok(())
}

/// Points the billed timesheet lines to the invoice, and makes sure that exactly they do: an entry
/// without its link is billed again by the next dated run of a person.
pub async fn link(
    odoo: &Odoo,
    company: &Company,
    move_id: i64,
    entry_ids: &[i64],
) -> Result<(), OdooError> {
    let context = Context::of(company).untracked();
    let wanted: BTreeSet<i64> = entry_ids.iter().copied().collect();
    let mut differences = Differences::default();
    let mut open = Vec::new();
    for entry in entries(odoo, &context, entry_ids).await? {
        match entry.timesheet_invoice_id.0 {
            None => open.push(entry.id),
            Some(invoice) if invoice == move_id => {}
            Some(invoice) => {
                differences.add(format!("time line {} is on invoice {invoice}", entry.id));
            }
        }
    }
    differences.finish()?;
    if !open.is_empty() {
        let values = json!({"timesheet_invoice_id": move_id});
        odoo.write(&context, TIME, &open, values).await?;
    }
    let linked = linked(odoo, &context, move_id).await?;
    let found: BTreeSet<i64> = linked.iter().map(|entry| entry.id).collect();
    let mut differences = Differences::default();
    differences.expect("the time lines of the invoice", &wanted, &found);
    differences.finish()
}

async fn linked(odoo: &Odoo, context: &Context, move_id: i64) -> Result<Vec<Entry>, OdooError> {
    let arguments = json!({
        "domain": [["timesheet_invoice_id", "=", move_id]],
        "fields": ["so_line", "unit_amount", "timesheet_invoice_id"], "load": null,
    });
    odoo.call(TIME, "search_read", context, arguments).await
}

/// Posts the draft, if it still is what was expected and its time is linked.
pub async fn post(
    odoo: &Odoo,
    post: &PostInvoice,
    move_id: i64,
    order_id: i64,
) -> Result<Posted, OdooError> {
    let draft = &post.draft;
    let context = Context::of(&draft.company);
    let terms = Terms::read(odoo, &context, order_id, draft).await?;
    let before = compare(odoo, &context, move_id, draft, &terms).await?;
    let mut differences = Differences::default();
    let linked = linked(odoo, &context, move_id).await?;
    check_hours(&terms, &linked, &mut differences);
    if before.state == "draft" {
        if let Some(message) = &before.tax_lock_date_message.0 {
            differences.add(format!("Odoo would move the date: {message}"));
        }
        differences.finish()?;
        let posting = context.clone().with("validate_analytic", json!(true));
        let _: Value = odoo
            .call(MODEL, "action_post", &posting, json!({"ids": [move_id]}))
            .await?;
    } else {
        differences.finish()?;
    }
    let after = compare(odoo, &context, move_id, draft, &terms).await?;
    booked(draft, &after)?;
    Ok(posted(move_id, after.name.0))
}

/// Odoo shifts the accounting date of a locked period without a word.
fn booked(draft: &DraftInvoice, found: &Found) -> Result<(), OdooError> {
    let mut differences = Differences::default();
    differences.expect("the invoice's state", &"posted".to_owned(), &found.state);
    let date = Some(draft.invoice_date);
    differences.expect("the accounting date", &date, &found.date.0);
    differences.finish()
}
