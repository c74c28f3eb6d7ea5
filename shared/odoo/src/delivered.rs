//! How much of an order is delivered, line by line.

use domain::DecimalText;
use domain::command::{Company, CreateOrder, OrderLine};
use domain::judge::Delivered;
use serde::Deserialize;
use serde_json::json;

use crate::{Context, Odoo, OdooError};

const MODEL: &str = "sale.order.line";

/// The delivered hours of an order's lines that are ours, in two calls; of a line in days to the
/// hundredth of a day.
pub async fn of(
    odoo: &Odoo,
    company: &Company,
    order_id: i64,
    order: &CreateOrder,
) -> Result<Delivered, OdooError> {
    #[derive(Deserialize)]
    struct Line {
        id: i64,
        qty_delivered: DecimalText,
    }
    let context = Context::of(company);
    let arguments = json!({
        "domain": [["order_id", "=", order_id]], "fields": ["qty_delivered"], "load": null,
    });
    let lines: Vec<Line> = odoo.call(MODEL, "search_read", &context, arguments).await?;
    let ids: Vec<i64> = lines.iter().map(|line| line.id).collect();
    let names = odoo.names_of(&context, MODEL, &ids).await?;
    let ours: Vec<(String, &OrderLine)> = (order.lines.iter())
        .map(|line| (line.reference.external_id(), line))
        .collect();
    let of_line = |line: &Line| {
        let mut names = names.iter().filter(|(_, id)| *id == line.id);
        let ours = names.find_map(|(name, _)| {
            let is_it = |(ours, _): &&(String, &OrderLine)| ours == name;
            ours.iter().find(is_it).map(|(_, ours)| *ours)
        })?;
        let hours = line.qty_delivered.0 * ours.hours_per_unit();
        Some((ours.reference.clone(), hours))
    };
    Ok(lines.iter().filter_map(of_line).collect())
}
