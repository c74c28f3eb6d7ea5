//! The pricelist of a customer that buys in another currency than the company's.

use serde::Deserialize;
use serde_json::json;

use crate::answer::OrFalse;
use crate::currency::pricelist_in;
use crate::{Context, Odoo, OdooError};

const MODEL: &str = "res.partner";

#[derive(Deserialize)]
struct Partner {
    property_product_pricelist: OrFalse<i64>,
    /// What somebody chose; without it Odoo takes that of the country.
    specific_property_product_pricelist: OrFalse<i64>,
}

#[derive(Deserialize)]
struct Pricelist {
    currency_id: i64,
}

/// The currency of the pricelist that Odoo takes for a customer; none where it takes none.
pub(crate) async fn currency_of(
    odoo: &Odoo,
    context: &Context,
    id: i64,
) -> Result<Option<i64>, OdooError> {
    let found = read(odoo, context, id).await?;
    currency(odoo, context, &found).await
}

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
    let (currency, list) = pricelist_in(odoo, context, company, wanted).await?;
    if self::currency(odoo, context, &before).await? == Some(currency) {
        return Ok(());
    }
    let values = json!({"property_product_pricelist": list});
    odoo.write(context, MODEL, &[id], values).await?;
    let after = read(odoo, context, id).await?;
    match self::currency(odoo, context, &after).await? {
        Some(found) if found == currency => Ok(()),
        Some(_) | None => Err(OdooError::differs(format!(
            "the customer's pricelist is not in {wanted}"
        ))),
    }
}

async fn read(odoo: &Odoo, context: &Context, id: i64) -> Result<Partner, OdooError> {
    let fields = [
        "property_product_pricelist",
        "specific_property_product_pricelist",
    ];
    odoo.read_one(context, MODEL, id, &fields).await
}

async fn currency(
    odoo: &Odoo,
    context: &Context,
    partner: &Partner,
) -> Result<Option<i64>, OdooError> {
    let Some(list) = partner.property_product_pricelist.0 else {
        return Ok(None);
    };
    let found: Pricelist = odoo
        .read_one(context, "product.pricelist", list, &["currency_id"])
        .await?;
    Ok(Some(found.currency_id))
}
