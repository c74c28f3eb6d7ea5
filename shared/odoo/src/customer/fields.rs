//! The fields of a customer that have owners, as texts: what its source says, and what Odoo has.

use std::collections::BTreeMap;

use domain::command::CreateCustomer;
use domain::customer::core;
use domain::policy::CustomerField;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::language;
use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

/// Values by field. Payment terms are database ids here, countries their codes; what nobody says is
/// not there.
pub(super) type Values = BTreeMap<CustomerField, String>;

const FIELDS: [&str; 9] = [
    "name",
    "active",
    "vat",
    "country_code",
    "street",
    "zip",
    "city",
    "lang",
    "property_payment_term_id",
];

#[derive(Deserialize)]
struct Company {
    name: OrFalse<String>,
    active: bool,
    vat: OrFalse<String>,
    country_code: OrFalse<String>,
    street: OrFalse<String>,
    zip: OrFalse<String>,
    city: OrFalse<String>,
    lang: OrFalse<String>,
    property_payment_term_id: OrFalse<i64>,
}

/// What the source says of the company. `term` is its payment term's database id.
pub(super) fn said(customer: &CreateCustomer, term: i64) -> Values {
    let address = &customer.address;
    filled([
        (CustomerField::Name, Some(customer.name.clone())),
        (CustomerField::Vat, customer.vat.clone()),
        (CustomerField::Country, customer.country.clone()),
        (CustomerField::Street, address.street.clone()),
        (CustomerField::Postcode, address.postcode.clone()),
        (CustomerField::City, address.city.clone()),
        (CustomerField::Language, customer.language.clone()),
        (CustomerField::PaymentTerms, Some(term.to_string())),
    ])
}

/// What Odoo has of the company, which must be in use.
pub(super) async fn found(odoo: &Odoo, context: &Context, id: i64) -> Result<Values, OdooError> {
    let found: Company = odoo.read_one(context, "res.partner", id, &FIELDS).await?;
    if !found.active {
        return Err(OdooError::differs("the customer is archived in Odoo"));
    }
    let term = found.property_payment_term_id.0;
    Ok(filled([
        (CustomerField::Name, found.name.0),
        (CustomerField::Vat, found.vat.0),
        (CustomerField::Country, found.country_code.0),
        (CustomerField::Street, found.street.0),
        (CustomerField::Postcode, found.zip.0),
        (CustomerField::City, found.city.0),
        (CustomerField::Language, found.lang.0),
        (CustomerField::PaymentTerms, term.map(|id| id.to_string())),
    ]))
}

fn filled<const N: usize>(all: [(CustomerField, Option<String>); N]) -> Values {
    let all = all.into_iter();
    let filled = all.filter_map(|(field, value)| Some((field, value?)));
    filled.filter(|(_, value)| !value.is_empty()).collect()
}

/// Whether two values mean the same. A tax number is the same however it is written.
pub(super) fn same(field: CustomerField, left: Option<&String>, right: Option<&String>) -> bool {
    match (field, left, right) {
        (CustomerField::Vat, Some(left), Some(right)) => core(left, None) == core(right, None),
        (CustomerField::ContactEmail, Some(left), Some(right)) => {
            left.to_lowercase() == right.to_lowercase()
        }
        _ => left == right,
    }
}

/// The values as Odoo takes them.
pub(super) async fn as_written(
    odoo: &Odoo,
    context: &Context,
    values: &Values,
) -> Result<Map<String, Value>, OdooError> {
    let mut written = Map::new();
    for (field, value) in values {
        let (column, value) = match field {
            CustomerField::Name | CustomerField::ContactName => ("name", json!(value)),
            CustomerField::Vat => ("vat", json!(value)),
            CustomerField::Street => ("street", json!(value)),
            CustomerField::Postcode => ("zip", json!(value)),
            CustomerField::City => ("city", json!(value)),
            CustomerField::Language => {
                language::installed(odoo, context, value).await?;
                ("lang", json!(value))
            }
            CustomerField::ContactEmail => ("email", json!(value)),
            CustomerField::PaymentTerms => {
                let id: Option<i64> = value.parse().ok();
                ("property_payment_term_id", json!(id))
            }
            CustomerField::Country => {
                let id = super::country(odoo, context, value).await?;
                ("country_id", json!(id))
            }
        };
        written.insert(column.to_owned(), value);
    }
    Ok(written)
}
