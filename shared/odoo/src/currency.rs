//! The currency of what was sold, and how Odoo is made to use it.

use domain::command::CreateOrder;
use serde::Deserialize;
use serde_json::json;

use crate::{Context, Odoo, OdooError};

#[derive(Deserialize)]
struct Named {
    id: i64,
    name: String,
    decimal_places: u32,
}

/// The currency of an order, as Odoo has it.
pub(crate) struct Currency {
    pub(crate) id: i64,
    pub(crate) digits: u32,
    /// None when it is the company's own: then Odoo's own choice stands and is only compared.
    pub(crate) pricelist: Option<i64>,
}

/// Finds the currency of what was sold, and a pricelist in it where the company has another one.
pub(crate) async fn currency(
    odoo: &Odoo,
    context: &Context,
    order: &CreateOrder,
) -> Result<Currency, OdooError> {
    #[derive(Deserialize)]
    struct Its {
        currency_id: i64,
    }
    let named = json!({
        "domain": [["name", "=", order.currency]], "fields": ["name", "decimal_places"], "limit": 1, "load": null,
    });
    let active: Vec<Named> = odoo
        .call("res.currency", "search_read", context, named)
        .await?;
    let Some(wanted) = active.first().filter(|found| found.name == order.currency) else {
        return Err(OdooError::refused(format!(
            "the currency {} is not active in Odoo",
            order.currency
        )));
    };
    let company: Its = odoo
        .read_one(context, "res.company", order.company.id, &["currency_id"])
        .await?;
    if company.currency_id == wanted.id {
        return Ok(Currency {
            id: wanted.id,
            digits: wanted.decimal_places,
            pricelist: None,
        });
    }
    // Any pricelist in the currency will do: the price of every line is pinned.
    let arguments = json!({
        "domain": [["currency_id", "=", wanted.id], ["company_id", "in", [false, order.company.id]]],
        "order": "sequence, id", "limit": 1,
    });
    let lists: Vec<i64> = odoo
        .call("product.pricelist", "search", context, arguments)
        .await?;
    let pricelist = lists.first().copied().ok_or_else(|| {
        OdooError::refused(format!("Odoo has no pricelist in {}", order.currency))
    })?;
    Ok(Currency {
        id: wanted.id,
        digits: wanted.decimal_places,
        pricelist: Some(pricelist),
    })
}
