//! The meaning of HubSpot's records: deal, company, contact, line item.
//!
//! Property values are texts or null whatever their type in HubSpot.

use domain::book::CrmProperties;
use domain::customer::{Address, Hints, host};
use domain::event::{Agreed, Contact, Customer, Deal, DealLine, Personal};
use domain::{Reference, Version};
use rust_decimal::Decimal;

use crate::json::{Object, Unreadable};
use crate::reading::country_code;

/// What is read of a line item.
/// <https://developers.hubspot.com/docs/api-reference/crm-line-items-v3/guide>
pub(super) const LINE_PROPERTIES: [&str; 8] = [
    "name",
    "quantity",
    "price",
    "hs_sku",
    "hs_discount_percentage",
    "discount",
    "hs_recurring_billing_start_date",
    "hs_position_on_quote",
];

/// A deal's answer, kept until its parts are there, and what it is associated with.
pub(super) struct DealHead {
    pub(super) body: String,
    pub(super) company: Option<String>,
    pub(super) contact: Option<String>,
    pub(super) line_items: Vec<String>,
    pub(super) more_lines: bool,
}

/// What belongs to a deal; none when it is archived.
pub(super) fn head(body: &str, object: &Object<'_>) -> Result<Option<DealHead>, Unreadable> {
    if object.raw("archived") == Some("true") {
        return Ok(None);
    }
    let mut head = DealHead {
        body: body.to_owned(),
        company: None,
        contact: None,
        line_items: Vec::new(),
        more_lines: false,
    };
    let Some(associations) = object.optional_object("associations")? else {
        return Ok(Some(head));
    };
    // The primary company and a labelled contact are marked by their type, the same record may
    // appear once per label.
    head.company = chosen(&associations, "companies", |kind| kind == "deal_to_company")?;
    head.contact = chosen(&associations, "contacts", |kind| kind.contains("billing"))?;
    // HubSpot writes this name with a space.
    for name in ["line items", "line_items"] {
        let Some(list) = associations.optional_object(name)? else {
            continue;
        };
        head.more_lines |= list.raw("paging").is_some();
        for item in list.objects("results")? {
            let id = item.id("id")?;
            if !head.line_items.contains(&id) {
                head.line_items.push(id);
            }
        }
    }
    Ok(Some(head))
}

/// The first associated record of a preferred type, or else the first of all.
fn chosen(
    associations: &Object<'_>,
    name: &str,
    preferred: impl Fn(&str) -> bool,
) -> Result<Option<String>, Unreadable> {
    let Some(list) = associations.optional_object(name)? else {
        return Ok(None);
    };
    let mut first = None;
    for item in list.objects("results")? {
        let id = item.id("id")?;
        let kind = item.optional_text("type")?.unwrap_or_default();
        if preferred(&kind.to_ascii_lowercase()) {
            return Ok(Some(id));
        }
        first = first.or(Some(id));
    }
    Ok(first)
}

/// The deal without its parts.
pub(super) fn deal(
    object: &Object<'_>,
    account: &str,
    deal_id: &str,
    names: &CrmProperties,
) -> Result<Deal, Unreadable> {
    let properties = object.object("properties")?;
    Ok(Deal {
        reference: Reference::new("hubspot", account, "deal", deal_id),
        version: Version::at(object.instant("updatedAt")?),
        name: properties.text("dealname")?,
        stage: properties.text("dealstage")?,
        owner: properties.optional_id("hubspot_owner_id")?,
        legal_entity: properties.optional_text(&names.legal_entity)?,
        payment_terms: properties.optional_text(&names.payment_terms)?,
        purchase_order: properties.optional_text(&names.purchase_order)?,
        currency: properties.optional_text("deal_currency_code")?,
        amount: properties.optional_decimal("amount")?,
        signed_on: properties.optional_date(&names.signed_on)?,
        agreed: agreed(&properties, names)?,
        customer: None,
        billing_contact: None,
        lines: Vec::new(),
    })
}

/// What may be agreed beside price and payment, as far as the book names properties for it.
fn agreed(properties: &Object<'_>, names: &CrmProperties) -> Result<Agreed, Unreadable> {
    let number = |name: &Option<String>| match name {
        Some(name) => properties.optional_decimal(name),
        None => Ok(None),
    };
    let until = match &names.purchase_order_until {
        Some(name) => properties.optional_date(name)?,
        None => None,
    };
    Ok(Agreed {
        closed_at: properties.optional_instant("closedate")?,
        purchase_order_until: until,
        purchase_order_amount: number(&names.purchase_order_amount)?,
        cap_hours: number(&names.cap_hours)?,
        cap_amount: number(&names.cap_amount)?,
        invoice_issuer: match &names.invoice_issuer {
            Some(name) => properties.optional_text(name)?,
            None => None,
        },
    })
}

/// What is read of a company, beside its tax number.
pub(super) const COMPANY_PROPERTIES: &str =
    "name,country,hs_country_code,address,zip,city,domain,hs_merged_object_ids";

/// The company that buys.
pub(super) fn customer(
    object: &Object<'_>,
    account: &str,
    names: &CrmProperties,
) -> Result<Customer, Unreadable> {
    let properties = object.object("properties")?;
    // `country` is free text in HubSpot; only a code is taken from it.
    let country = properties
        .optional_text("hs_country_code")?
        .or(properties.optional_text("country")?);
    Ok(Customer {
        reference: Reference::new("hubspot", account, "company", object.id("id")?),
        name: properties.text("name")?,
        vat: properties.optional_text(&names.vat)?,
        language: match &names.language {
            Some(name) => properties.optional_text(name)?,
            None => None,
        },
        country: country_code(country),
        address: Address {
            street: properties.optional_text("address")?,
            postcode: properties.optional_text("zip")?,
            city: properties.optional_text("city")?,
        },
        version: object.optional_instant("updatedAt")?.map(Version::at),
        hints: hints(&properties, account)?,
    })
}

/// What helps to find the company in Odoo. Of companies that were merged, HubSpot keeps the ids on the
/// one that is left, between semicolons.
fn hints(properties: &Object<'_>, account: &str) -> Result<Hints, Unreadable> {
    let merged = properties.optional_text("hs_merged_object_ids")?;
    let merged = merged.unwrap_or_default();
    let ids = merged.split(';').map(str::trim).filter(|id| !id.is_empty());
    let domain = properties.optional_text("domain")?;
    Ok(Hints {
        also_known_as: ids
            .map(|id| Reference::new("hubspot", account, "company", id))
            .collect(),
        domains: domain
            .and_then(|domain| host(&domain))
            .into_iter()
            .collect(),
    })
}

/// Who receives the invoices.
pub(super) fn contact(object: &Object<'_>, account: &str) -> Result<Contact, Unreadable> {
    let properties = object.object("properties")?;
    let email = properties.optional_text("email")?.unwrap_or_default();
    let names = [
        properties.optional_text("firstname")?,
        properties.optional_text("lastname")?,
    ];
    let full = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = match full.is_empty() {
        true => email.clone(),
        false => full,
    };
    Ok(Contact {
        reference: Reference::new("hubspot", account, "contact", object.id("id")?),
        name: Personal(name),
        email: Personal(email),
    })
}

/// A line and its place on the quote.
pub(super) struct PlacedLine {
    place: Decimal,
    pub(super) line: DealLine,
}

impl PlacedLine {
    /// By place, then by id in the order of creation: a longer id is a later one.
    pub(super) fn order(&self) -> (Decimal, usize, String) {
        let id = self.line.reference.id();
        (self.place, id.len(), id.to_owned())
    }
}

/// The lines of one batch answer. What is not there is noticed by its number.
pub(super) fn lines(
    object: &Object<'_>,
    account: &str,
    names: &CrmProperties,
) -> Result<Vec<PlacedLine>, Unreadable> {
    object
        .objects("results")?
        .iter()
        .map(|item| line(item, account, names))
        .collect()
}

fn line(
    object: &Object<'_>,
    account: &str,
    names: &CrmProperties,
) -> Result<PlacedLine, Unreadable> {
    let properties = object.object("properties")?;
    let number = |name| {
        properties
            .optional_decimal(name)
            .map(Option::unwrap_or_default)
    };
    Ok(PlacedLine {
        // Lines without a place come last.
        place: properties
            .optional_decimal("hs_position_on_quote")?
            .unwrap_or(Decimal::MAX),
        line: DealLine {
            reference: Reference::new("hubspot", account, "line_item", object.id("id")?),
            description: properties.text("name")?,
            sku: properties.optional_text("hs_sku")?,
            quantity: properties.decimal("quantity")?,
            unit_price: properties.decimal("price")?,
            discount_percent: number("hs_discount_percentage")?,
            discount_per_unit: number("discount")?,
            due: properties.optional_date("hs_recurring_billing_start_date")?,
            budget_hours: match &names.budget_hours {
                Some(name) => properties.optional_decimal(name)?,
                None => None,
            },
            unit: match &names.unit {
                Some(name) => properties.optional_text(name)?,
                None => None,
            },
        },
    })
}
