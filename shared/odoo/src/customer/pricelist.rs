//! The pricelist of a customer that buys in another currency than the company's.

use serde_json::json;

use crate::chosen_pricelist::{MODEL, currency, read};
use crate::currency::pricelist_in;
use crate::{Context, Odoo, OdooError};

/// Gives one in this currency to a customer that nobody has given one: what a person chose, or what an
/// earlier contract brought, stays.
pub(super) async fn give(
    odoo: &Odoo,
    context: &Context,
    id: i64,
    company: i64,
    wanted: Option<&String>,
) -> Result<(), OdooError> {
    let Some(wanted) = wanted else {
        return Ok(());
    };
    let before = read(odoo, context, id).await?;
    if before.specific_property_product_pricelist.0.is_some() {
        return Ok(());
    }
    let (wanted_id, list) = pricelist_in(odoo, context, company, wanted).await?;
    if currency(odoo, context, &before).await? == Some(wanted_id) {
        return Ok(());
    }
    let values = json!({"property_product_pricelist": list});
    odoo.write(context, MODEL, &[id], values).await?;
    let after = read(odoo, context, id).await?;
    match currency(odoo, context, &after).await? {
        Some(found) if found == wanted_id => Ok(()),
        Some(_) | None => Err(OdooError::differs(format!(
            "the customer's pricelist is not in {wanted}"
        ))),
    }
}
