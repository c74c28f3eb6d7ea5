//! Partners that may be a customer, in one search over everything that is compared.

use std::collections::{BTreeMap, BTreeSet};

use domain::Reference;
use domain::command::CreateCustomer;
use domain::customer::{core, domain_of, host, mailbox, words};
use domain::judge::{Candidate, Found, Sought, judge_candidates};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

const MODEL: &str = "res.partner";

/// More partners than this that are like one customer are no help to anybody.
const MOST: usize = 200;

/// Shorter numbers are found in too many others.
const SHORTEST_VAT: usize = 4;

const FIELDS: [&str; 9] = [
    "name",
    "active",
    "ref",
    "vat",
    "zip",
    "email",
    "website",
    "country_code",
    "commercial_partner_id",
];

#[derive(Deserialize)]
struct Partner {
    id: i64,
    name: OrFalse<String>,
    active: bool,
    r#ref: OrFalse<String>,
    vat: OrFalse<String>,
    zip: OrFalse<String>,
    email: OrFalse<String>,
    website: OrFalse<String>,
    country_code: OrFalse<String>,
    commercial_partner_id: OrFalse<i64>,
}

/// What Odoo has that is like a customer, as the rules judge it. It looks at partners of the
/// customer's company and of none, archived ones too.
pub async fn search(
    odoo: &Odoo,
    reference: &Reference,
    customer: &CreateCustomer,
) -> Result<Found, OdooError> {
    let sought = sought(reference, customer);
    let context = Context::of(&customer.company).with("active_test", json!(false));
    let arguments = json!({
        "domain": conditions(&sought, customer.company.id), "fields": FIELDS,
        "limit": MOST, "order": "id", "load": null,
    });
    let found: Vec<Partner> = odoo.call(MODEL, "search_read", &context, arguments).await?;
    if found.is_empty() {
        return Ok(Found::Nobody);
    }
    let mut candidates = candidates(odoo, &context, found).await?;
    // A reference that one of our own customers has is that customer's id in another account.
    let ids: Vec<i64> = candidates.iter().map(|candidate| candidate.id).collect();
    let ours = ours(odoo, &context, &ids).await?;
    for candidate in candidates.iter_mut().filter(|c| ours.contains(&c.id)) {
        candidate.reference = None;
    }
    Ok(judge_candidates(&sought, &candidates))
}

/// A customer as it is compared.
pub fn sought<'a>(reference: &'a Reference, customer: &'a CreateCustomer) -> Sought<'a> {
    let contact = customer.billing_contact.as_ref();
    Sought {
        id: reference.id(),
        name: &customer.name,
        vat: customer.vat.as_deref(),
        country: customer.country.as_deref(),
        postcode: customer.address.postcode.as_deref(),
        domains: &customer.hints.domains,
        email: contact.map(|contact| contact.email.0.as_str()),
    }
}

/// What finds everything that may be alike, and more: the rules look closer.
fn conditions(sought: &Sought<'_>, company: i64) -> Value {
    let mut alike = vec![json!(["ref", "=", sought.id])];
    let spread = |text: &str, between: &str| {
        let characters = text.chars().map(String::from).collect::<Vec<_>>();
        characters.join(between)
    };
    let number = sought.vat.map(|vat| core(vat, sought.country));
    if let Some(number) = number.filter(|number| number.len() >= SHORTEST_VAT) {
        // People write spaces, dots and dashes between any two digits.
        let pattern = format!("%{}%", spread(&number, "%"));
        alike.push(json!(["vat", "=ilike", pattern]));
    }
    let mut name = words(sought.name);
    if name.len() > 1 {
        // The last one is often a legal form, which may have dots in it.
        name.pop();
    }
    if !name.is_empty() {
        alike.push(json!(["name", "=ilike", format!("%{}%", name.join("%"))]));
    }
    for domain in sought.domains {
        alike.push(json!(["email", "=ilike", format!("%@{domain}%")]));
        alike.push(json!(["website", "=ilike", format!("%{domain}%")]));
    }
    if let Some(email) = sought.email.filter(|email| email.contains('@')) {
        alike.push(json!(["email", "=ilike", format!("%{}%", email.trim())]));
    }
    let mut domain = vec![json!(["company_id", "in", [false, company]])];
    domain.extend((1..alike.len()).map(|_| json!("|")));
    domain.extend(alike);
    Value::Array(domain)
}

/// What was found, by company: a contact speaks for the company that it belongs to.
async fn candidates(
    odoo: &Odoo,
    context: &Context,
    mut found: Vec<Partner>,
) -> Result<Vec<Candidate>, OdooError> {
    let there: BTreeSet<i64> = found.iter().map(|partner| partner.id).collect();
    let missing: BTreeSet<i64> = found
        .iter()
        .filter_map(|partner| partner.commercial_partner_id.0)
        .filter(|id| !there.contains(id))
        .collect();
    if !missing.is_empty() {
        let missing: Vec<i64> = missing.into_iter().collect();
        let companies: Vec<Partner> = odoo.read(context, MODEL, &missing, &FIELDS).await?;
        found.extend(companies);
    }
    let mut candidates = BTreeMap::<i64, Candidate>::new();
    for partner in found {
        let id = partner.commercial_partner_id.0.unwrap_or(partner.id);
        add(candidates.entry(id).or_default(), partner, id);
    }
    Ok(candidates.into_values().collect())
}

fn add(candidate: &mut Candidate, partner: Partner, id: i64) {
    let email = partner.email.0.unwrap_or_default();
    candidate.domains.extend(domain_of(&email));
    let website = partner.website.0.unwrap_or_default();
    candidate.domains.extend(host(&website));
    if !email.is_empty() {
        candidate.emails.insert(mailbox(&email));
    }
    if partner.id == id {
        candidate.id = id;
        candidate.name = partner.name.0.unwrap_or_default();
        candidate.active = partner.active;
        candidate.vat = partner.vat.0;
        candidate.country = partner.country_code.0;
        candidate.postcode = partner.zip.0;
        candidate.reference = partner.r#ref.0;
    }
}

/// Those of some partners that we made or took on as customers.
async fn ours(odoo: &Odoo, context: &Context, ids: &[i64]) -> Result<BTreeSet<i64>, OdooError> {
    let names = odoo.names_of(context, MODEL, ids).await?;
    let ours = names
        .into_iter()
        .filter(|(name, _)| name.starts_with("tenon."));
    Ok(ours.map(|(_, id)| id).collect())
}
