//! The currency of what was sold, and how Odoo is made to use it.

use domain::command::CreateOrder;
use serde::Deserialize;
use serde_json::json;

use crate::chosen_pricelist::currency_of;
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
    pub(crate) pricelist: Pricelist,
}

/// Which pricelist an order gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pricelist {
    /// Odoo's own choice, which is in the company's currency.
    Odoos,
    /// This one. Without any an order is in the company's currency: its customer buys in another one
    /// too, and has that one's pricelist.
    Named(Option<i64>),
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
    let wanted = &named(odoo, context, &order.currency).await?;
    let company: Its = odoo
        .read_one(context, "res.company", order.company.id, &["currency_id"])
        .await?;
    if company.currency_id == wanted.id {
        let customer = odoo.resolve(context, &order.customer.external_id()).await?;
        let theirs = currency_of(odoo, context, customer).await?;
        return Ok(Currency {
            id: wanted.id,
            digits: wanted.decimal_places,
            pricelist: match theirs.is_none_or(|currency| currency == wanted.id) {
                true => Pricelist::Odoos,
                false => Pricelist::Named(None),
            },
        });
    }
    let pricelist = list_in(odoo, context, order.company.id, wanted).await?;
    Ok(Currency {
        id: wanted.id,
        digits: wanted.decimal_places,
        pricelist: Pricelist::Named(Some(pricelist)),
    })
}

/// A currency's id and a pricelist in it.
pub(crate) async fn pricelist_in(
    odoo: &Odoo,
    context: &Context,
    company: i64,
    code: &str,
) -> Result<(i64, i64), OdooError> {
    let wanted = named(odoo, context, code).await?;
    let list = list_in(odoo, context, company, &wanted).await?;
    Ok((wanted.id, list))
}

async fn named(odoo: &Odoo, context: &Context, code: &str) -> Result<Named, OdooError> {
    let arguments = json!({
        "domain": [["name", "=", code]], "fields": ["name", "decimal_places"], "limit": 1, "load": null,
    });
    let active: Vec<Named> = odoo
        .call("res.currency", "search_read", context, arguments)
        .await?;
    let mut active = active.into_iter().filter(|found| found.name == code);
    active
        .next()
        .ok_or_else(|| OdooError::refused(format!("the currency {code} is not active in Odoo")))
}

/// Any pricelist in the currency will do: the price of every line is pinned.
async fn list_in(
    odoo: &Odoo,
    context: &Context,
    company: i64,
    currency: &Named,
) -> Result<i64, OdooError> {
    let arguments = json!({
        "domain": [["currency_id", "=", currency.id], ["company_id", "in", [false, company]]],
        "order": "sequence, id", "limit": 1,
    });
    let lists: Vec<i64> = odoo
        .call("product.pricelist", "search", context, arguments)
        .await?;
    (lists.first().copied())
        .ok_or_else(|| OdooError::refused(format!("Odoo has no pricelist in {}", currency.name)))
}
