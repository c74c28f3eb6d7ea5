//! Which pricelist Odoo takes for a customer.

use serde::Deserialize;

use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

/// The model of customers.
pub(crate) const MODEL: &str = "res.partner";

/// The pricelists of a customer.
#[derive(Deserialize)]
pub(crate) struct Partner {
    property_product_pricelist: OrFalse<i64>,
    /// What somebody chose; without it Odoo takes that of the country.
    pub(crate) specific_property_product_pricelist: OrFalse<i64>,
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

/// Reads them.
pub(crate) async fn read(odoo: &Odoo, context: &Context, id: i64) -> Result<Partner, OdooError> {
    let fields = [
        "property_product_pricelist",
        "specific_property_product_pricelist",
    ];
    odoo.read_one(context, MODEL, id, &fields).await
}

/// The currency of the one that counts.
pub(crate) async fn currency(
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
