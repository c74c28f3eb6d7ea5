//! A billing run, and a payment that comes back to the CRM.

use rust_decimal::dec;
use serde_json::{Value, json};

use super::eyes::{Invoice, InvoiceLine};
use super::sale::text;
use super::{Firm, StoryError, day, must};
use crate::progress::Progress;
use crate::standin::demo;

/// The schedule fires: what is approved and due becomes one compared, posted invoice.
pub async fn billing_run(firm: &mut Firm, progress: &Progress) -> Result<(), StoryError> {
    progress.tell("\n7  The billing schedule fires");
    firm.enable_billing().await?;
    firm.wait_until("the invoice is posted", async || {
        let invoices = firm.eyes()?.invoices().await?;
        Ok(invoices.iter().any(|invoice| invoice.state == "posted"))
    })
    .await?;
    firm.rest().await?;
    let invoice = only_invoice(firm).await?;
    // 14 h × 160 − 10 % + 6 h × 210 + the instalment of 10,000; 15 % tax.
    must("invoice without tax", invoice.amount_untaxed.0, dec!(13276))?;
    must("tax", invoice.amount_tax.0, dec!(1991.40))?;
    progress.tell(&format!(
        "   invoice   {}  {:.2} + {:.2} tax = {:.2} USD, compared line by line before it was posted",
        text(&invoice.name),
        invoice.amount_untaxed.0,
        invoice.amount_tax.0,
        invoice.amount_total.0
    ));
    for line in invoice_lines(firm, invoice.id).await? {
        progress.tell(&format!(
            "     {:<40} {:>6.2} × {:>9.2}  {:>10.2}",
            line.name.lines().next().unwrap_or_default(),
            line.quantity.0,
            line.price_unit.0,
            line.price_subtotal.0
        ));
    }
    let linked = firm.eyes()?.timesheets().await?;
    let linked = linked
        .iter()
        .filter(|line| line.timesheet_invoice_id.is_array())
        .count();
    must("timesheet lines linked to the invoice", linked, 4)?;
    progress.tell(&format!(
        "   {linked} timesheet lines are linked to it; the unbilled ones are not"
    ));
    Ok(())
}

async fn invoice_lines(firm: &Firm, invoice: i64) -> Result<Vec<InvoiceLine>, StoryError> {
    let lines = json!([["move_id", "=", invoice], ["display_type", "=", "product"]]);
    let fields = ["name", "quantity", "price_unit", "price_subtotal"];
    firm.eyes()?
        .search("account.move.line", lines, &fields)
        .await
}

/// Finance registers the payment in Odoo; the deal in HubSpot shows the invoice and "paid".
pub async fn payment(firm: &mut Firm, progress: &Progress) -> Result<(), StoryError> {
    progress.tell("\n8  Finance registers the payment in Odoo");
    let invoice = only_invoice(firm).await?;
    pay(firm, invoice.id).await?;
    let paid = only_invoice(firm).await?;
    must("payment state in Odoo", paid.payment_state.as_str(), "paid")?;
    progress.tell(&format!(
        "   Odoo shows {} as paid, {:.2} open",
        text(&paid.name),
        paid.amount_residual.0
    ));
    firm.wait_until("HubSpot shows the payment", async || {
        let status = firm
            .hubspot
            .deal_property(demo::DEAL, "odoo_invoice_status");
        Ok(status.as_deref() == Some("paid"))
    })
    .await?;
    for (property, must_be) in [
        ("odoo_invoice_number", text(&paid.name)),
        ("odoo_invoice_status", "paid".to_owned()),
    ] {
        let shown = firm
            .hubspot
            .deal_property(demo::DEAL, property)
            .unwrap_or_default();
        progress.tell(&format!(
            "   HubSpot   deal {}  {property} = {shown}",
            demo::DEAL
        ));
        must("what HubSpot shows", shown, must_be)?;
    }
    Ok(())
}

/// Registers a payment of the whole invoice, as finance does in Odoo's own dialogue.
async fn pay(firm: &Firm, invoice: i64) -> Result<(), StoryError> {
    let finance = firm.finance()?;
    let context = json!({"active_model": "account.move", "active_ids": [invoice]});
    let today = day::today().to_string();
    let values = json!({"vals_list": [{"payment_date": today}], "context": context});
    let dialogue: Vec<i64> = finance
        .call("account.payment.register", "create", values)
        .await?;
    let confirm = json!({"ids": dialogue, "context": context});
    let _: Value = finance
        .call(
            "account.payment.register",
            "action_create_payments",
            confirm,
        )
        .await?;
    Ok(())
}

/// The one invoice that the story makes.
pub async fn only_invoice(firm: &Firm) -> Result<Invoice, StoryError> {
    let mut invoices = firm.eyes()?.invoices().await?;
    must("invoices in Odoo", invoices.len(), 1)?;
    Ok(invoices.remove(0))
}
