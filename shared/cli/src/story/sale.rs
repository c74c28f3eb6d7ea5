//! A deal is won, completed and signed.

use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};

use super::eyes::Order;
use super::{Firm, StoryError, day, must};
use crate::progress::Progress;
use crate::standin::demo;

/// The deal is won without legal entity and purchase order: one exception names both, and Odoo
/// shows nothing.
pub async fn incomplete_deal(firm: &mut Firm, progress: &Progress) -> Result<(), StoryError> {
    progress.tell("\n1  A deal is won in HubSpot, without legal entity and purchase order");
    let today = day::today();
    demo::add_deal(&firm.hubspot, today);
    let won = firm
        .hubspot
        .set_property(demo::DEAL, "dealstage", "closedwon");
    must("webhook", firm.hubspot_sends(won).await?, 200)?;
    firm.rest().await?;
    let status = firm.status().await?;
    let exceptions = status["exceptions"].as_array().cloned().unwrap_or_default();
    must("exceptions", exceptions.len(), 1)?;
    for exception in &exceptions {
        let sentence = exception["sentence"].as_str().unwrap_or_default();
        progress.tell(&format!(
            "   exception for {}: {sentence}",
            text(&exception["owner"])
        ));
        for item in exception["items"].as_array().into_iter().flatten() {
            progress.tell(&format!("     - {}", text(item)));
        }
        let missing = json!([
            "legal entity (legal_entity)",
            "purchase order number (po_number)"
        ]);
        must("missing items", &exception["items"], &missing)?;
    }
    must("orders in Odoo", firm.eyes()?.orders().await?.len(), 0)?;
    progress.tell("   Odoo shows no customer and no order");
    Ok(())
}

/// The deal is completed: customer with billing contact, and a draft order.
pub async fn completed_deal(firm: &mut Firm, progress: &Progress) -> Result<(), StoryError> {
    progress.tell("\n2  Sales fills in legal entity and purchase order");
    for (name, value) in [
        ("legal_entity", "Northwind Consulting Inc"),
        ("po_number", "PO-4711"),
    ] {
        let changed = firm.hubspot.set_property(demo::DEAL, name, value);
        must("webhook", firm.hubspot_sends(changed).await?, 200)?;
    }
    firm.rest().await?;
    let eyes = firm.eyes()?;
    let order = only_order(firm).await?;
    must("order state", order.state.as_str(), "draft")?;
    must("order amount", order.amount_untaxed.0, dec!(48600))?;
    progress.tell(&format!("   customer  {}", order.partner_id.1));
    let contacts: Vec<Value> = eyes
        .search(
            "res.partner",
            json!([["parent_id", "=", order.partner_id.0]]),
            &["name", "type"],
        )
        .await?;
    must("billing contacts", contacts.len(), 1)?;
    progress.tell(&format!("   invoices to  {}", text(&contacts[0]["name"])));
    progress.tell(&format!(
        "   order     {}  {}  PO {}  {:.2} USD without tax",
        order.name, order.state, order.client_order_ref, order.amount_untaxed.0
    ));
    for line in eyes.order_lines(order.id).await? {
        progress.tell(&format!(
            "     {:<28} {:>6} × {:>9.2}  -{:>2} %  {:>10.2}",
            line.name,
            line.product_uom_qty.0.normalize(),
            line.price_unit.0,
            line.discount.0.normalize(),
            line.price_subtotal.0
        ));
    }
    let open = firm.status().await?["exceptions"]
        .as_array()
        .map_or(0, Vec::len);
    must("open exceptions", open, 0)?;
    progress.tell("   the exception closed itself");
    Ok(())
}

/// The contract is signed: the order is confirmed, and its project exists with its analytic account.
pub async fn signature(firm: &mut Firm, progress: &Progress) -> Result<(), StoryError> {
    progress.tell("\n3  The contract is signed");
    let today = day::today().to_string();
    let signed = firm
        .hubspot
        .set_property(demo::DEAL, "contract_signed_on", &today);
    must("webhook", firm.hubspot_sends(signed).await?, 200)?;
    firm.rest().await?;
    let order = only_order(firm).await?;
    must("order state", order.state.as_str(), "sale")?;
    let projects: Vec<Value> = firm
        .eyes()?
        .search(
            "project.project",
            json!([["sale_line_id.order_id", "=", order.id]]),
            &["name", "account_id"],
        )
        .await?;
    must("projects", projects.len(), 1)?;
    progress.tell(&format!("   order     {}  confirmed", order.name));
    progress.tell(&format!(
        "   project   {}  with analytic account {}",
        text(&projects[0]["name"]),
        text(&projects[0]["account_id"][1])
    ));
    Ok(())
}

/// The one order that the story makes.
pub async fn only_order(firm: &Firm) -> Result<Order, StoryError> {
    let mut orders = firm.eyes()?.orders().await?;
    must("orders in Odoo", orders.len(), 1)?;
    Ok(orders.remove(0))
}

/// A value as people read it.
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A sum of decimals.
pub fn sum(values: impl Iterator<Item = Decimal>) -> Decimal {
    values.sum()
}
