//! A company with its billing contact (`res.partner`).

mod adopt;
mod change;
mod fields;
mod language;
mod merge;
pub(crate) mod pricelist;
mod search;

pub use adopt::adopt;
pub use change::{Known, follow};
pub use search::{search, sought};

use domain::Reference;
use domain::command::{BillingContact, CreateCustomer};
use domain::record::Posted;
use serde::Deserialize;
use serde_json::json;

use crate::answer::OrFalse;
use crate::differences::Differences;
use crate::load::{Cells, flag};
use crate::{Context, Odoo, OdooError};

#[derive(Deserialize)]
struct Company {
    name: String,
    active: bool,
    is_company: bool,
    r#ref: OrFalse<String>,
    vat: OrFalse<String>,
    lang: OrFalse<String>,
    country_id: OrFalse<i64>,
    property_payment_term_id: OrFalse<i64>,
}

#[derive(Deserialize)]
struct Contact {
    name: OrFalse<String>,
    email: OrFalse<String>,
    active: bool,
    r#type: String,
    parent_id: OrFalse<i64>,
}

/// The partner of a customer that was posted before under this reference; none when there is none.
pub async fn there(
    odoo: &Odoo,
    company: &domain::command::Company,
    reference: &Reference,
) -> Result<Option<i64>, OdooError> {
    let context = Context::of(company);
    odoo.look_up(&context, &reference.external_id()).await
}

/// Creates the company and, below it, its billing contact. [`Posted::others`] is the contact.
pub async fn create(
    odoo: &Odoo,
    reference: &Reference,
    customer: &CreateCustomer,
) -> Result<Posted, OdooError> {
    let context = Context::of(&customer.company);
    let country = match &customer.country {
        Some(code) => Some(country(odoo, &context, code).await?),
        None => None,
    };
    let mut cells = Cells::default();
    cells.set("id", reference.external_id());
    cells.set("name", &customer.name);
    cells.set("is_company", flag(true));
    cells.set("ref", reference.id());
    cells.set("property_payment_term_id/id", &customer.payment_term);
    // Only what is known: a blank cell would be a write.
    if let Some(vat) = &customer.vat {
        cells.set("vat", vat);
    }
    if let Some(country) = country {
        cells.set("country_id/.id", country.to_string());
    }
    if let Some(code) = &customer.language {
        language::installed(odoo, &context, code).await?;
        cells.set("lang", code);
    }
    let address = &customer.address;
    for (column, value) in [
        ("street", &address.street),
        ("zip", &address.postcode),
        ("city", &address.city),
    ] {
        if let Some(value) = value {
            cells.set(column, value);
        }
    }
    let id = odoo
        .load_one(&context, "res.partner", &cells.fields, &[cells.row])
        .await?;
    give_terms(odoo, &context, id, customer).await?;
    give_pricelist(odoo, &context, id, customer).await?;
    check_company(odoo, &context, id, reference, customer, country).await?;
    let mut others = Vec::new();
    if let Some(contact) = &customer.billing_contact {
        let contact_id = create_contact(odoo, &context, id, contact, customer).await;
        others.push(contact_id.map_err(|error| error.without(&contact.name.0))?);
    }
    Ok(Posted {
        model: "res.partner".to_owned(),
        id,
        others,
        name: None,
        customer: domain::customer::Noted::default(),
    })
}

/// Payment terms are kept for each company: a customer of another one has none yet in this one.
async fn give_terms(
    odoo: &Odoo,
    context: &Context,
    id: i64,
    customer: &CreateCustomer,
) -> Result<(), OdooError> {
    #[derive(Deserialize)]
    struct Terms {
        property_payment_term_id: OrFalse<i64>,
    }
    let fields = ["property_payment_term_id"];
    let found: Terms = odoo.read_one(context, "res.partner", id, &fields).await?;
    if found.property_payment_term_id.0.is_some() {
        return Ok(());
    }
    let term = odoo.resolve(context, &customer.payment_term).await?;
    let values = json!({"property_payment_term_id": term});
    odoo.write(context, "res.partner", &[id], values).await
}

async fn give_pricelist(
    odoo: &Odoo,
    context: &Context,
    id: i64,
    customer: &CreateCustomer,
) -> Result<(), OdooError> {
    let company = customer.company.id;
    pricelist::give(odoo, context, id, company, customer.currency.as_ref()).await
}

/// Not by `base.<code>`: the United Kingdom is `base.uk` there.
async fn country(odoo: &Odoo, context: &Context, code: &str) -> Result<i64, OdooError> {
    let arguments = json!({"domain": [["code", "=", code]], "limit": 1});
    let found: Vec<i64> = odoo
        .call("res.country", "search", context, arguments)
        .await?;
    (found.first().copied())
        .ok_or_else(|| OdooError::refused(format!("Odoo knows no country {code:?}")))
}

async fn check_company(
    odoo: &Odoo,
    context: &Context,
    id: i64,
    reference: &Reference,
    customer: &CreateCustomer,
    country: Option<i64>,
) -> Result<(), OdooError> {
    let fields = [
        "name",
        "active",
        "is_company",
        "ref",
        "vat",
        "lang",
        "country_id",
        "property_payment_term_id",
    ];
    let found: Company = odoo.read_one(context, "res.partner", id, &fields).await?;
    let term = odoo.resolve(context, &customer.payment_term).await?;
    let mut differences = Differences::default();
    if !found.active {
        differences.add("the customer is archived in Odoo");
    }
    if !found.is_company {
        differences.add("the customer is a person in Odoo, expected a company");
    }
    differences.expect_hidden("the customer's name", &customer.name, &found.name);
    let own = Some(reference.id().to_owned());
    differences.expect("the customer's reference", &own, &found.r#ref.0);
    if customer.vat.is_some() {
        differences.expect("the customer's tax number", &customer.vat, &found.vat.0);
    }
    if customer.language.is_some() {
        let (said, found) = (&customer.language, &found.lang.0);
        differences.expect("the customer's language", said, found);
    }
    if country.is_some() {
        differences.expect("the customer's country", &country, &found.country_id.0);
    }
    let found_term = found.property_payment_term_id.0;
    differences.expect("the customer's payment terms", &Some(term), &found_term);
    differences.finish()
}

/// Its own call: blank cells of a common one would be writes, and a tax number written on a
/// contact changes its company since Odoo 19. The company is written after the `load`: in it,
/// Odoo reads the company's credit limit with our rights, which only accountants have
/// (`res.partner._load_records_create`,
/// <https://github.com/odoo/odoo/blob/19.0/odoo/addons/base/models/res_partner.py>).
async fn create_contact(
    odoo: &Odoo,
    context: &Context,
    company: i64,
    contact: &BillingContact,
    customer: &CreateCustomer,
) -> Result<i64, OdooError> {
    let mut cells = Cells::default();
    cells.set("id", contact.reference.external_id());
    cells.set("type", "invoice");
    cells.set("name", &contact.name.0);
    cells.set("email", &contact.email.0);
    cells.set("ref", contact.reference.id());
    // Invoices are written in the language of who receives them.
    if let Some(code) = &customer.language {
        cells.set("lang", code);
    }
    let id = odoo
        .load_one(context, "res.partner", &cells.fields, &[cells.row])
        .await?;
    let fields = ["name", "email", "active", "type", "parent_id"];
    let mut found: Contact = odoo.read_one(context, "res.partner", id, &fields).await?;
    if found.parent_id.0.is_none() {
        let values = json!({"parent_id": company});
        odoo.write(context, "res.partner", &[id], values).await?;
        found = odoo.read_one(context, "res.partner", id, &fields).await?;
    }
    let mut differences = Differences::default();
    if !found.active {
        differences.add("the billing contact is archived in Odoo");
    }
    let name = Some(contact.name.0.clone());
    differences.expect_hidden("the billing contact's name", &name, &found.name.0);
    let email = Some(contact.email.0.clone());
    differences.expect_hidden("the billing contact's e-mail", &email, &found.email.0);
    differences.expect(
        "the billing contact's kind",
        &"invoice".to_owned(),
        &found.r#type,
    );
    let parent = found.parent_id.0;
    differences.expect("the billing contact's company", &Some(company), &parent);
    differences.finish()?;
    Ok(id)
}
