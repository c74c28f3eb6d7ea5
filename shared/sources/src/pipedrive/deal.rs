//! A deal from the answers about it: `deal`, `products`, `organization` and `person`, each as the
//! API gives it.
//!
//! <https://developers.pipedrive.com/docs/api/v1/Deals>

use domain::book::{Book, CrmProperties};
use domain::customer::{Address, Hints};
use domain::event::{Agreed, Contact, Customer, Deal, DealLine, Event, Personal};
use domain::{Reference, Version};
use rust_decimal::Decimal;

use crate::json::{Object, Unreadable, wrong};
use crate::reading::country_code;

/// The deal that the answers make together.
pub(super) fn whole(book: &Book, account: &str, answers: &Object<'_>) -> Result<Event, Unreadable> {
    let names = &book.crm_or_first("pipedrive", account).properties;
    let data = answers.object("deal")?.object("data")?;
    let mut deal = head(account, &data, names)?;
    if let Some(answer) = answers.optional_object("organization")? {
        deal.customer = Some(customer(account, &answer.object("data")?, &names.vat)?);
    }
    if let Some(answer) = answers.optional_object("person")? {
        deal.billing_contact = Some(contact(account, &answer.object("data")?)?);
    }
    for line in answers.object("products")?.objects("data")? {
        if line.optional_flag("is_enabled")? != Some(false) {
            deal.lines.push(self::line(account, &line)?);
        }
    }
    Ok(Event::Deal(Box::new(deal)))
}

fn head(account: &str, data: &Object<'_>, names: &CrmProperties) -> Result<Deal, Unreadable> {
    // A deal is won by its status, wherever in the pipeline it stands.
    let stage = match data.text("status")?.as_str() {
        "open" => data.id("stage_id")?,
        ended => ended.to_owned(),
    };
    let custom = data.optional_object("custom_fields")?;
    let words = |name: &str| {
        custom
            .as_ref()
            .map_or(Ok(None), |fields| word(fields, name))
    };
    let signed_on = words(&names.signed_on)?.map(|day| day.parse());
    Ok(Deal {
        reference: Reference::new("pipedrive", account, "deal", data.id("id")?),
        version: Version::at(data.instant("update_time")?),
        name: data.text("title")?,
        stage,
        owner: data.optional_id("owner_id")?,
        legal_entity: words(&names.legal_entity)?,
        payment_terms: words(&names.payment_terms)?,
        purchase_order: words(&names.purchase_order)?,
        currency: data.optional_text("currency")?,
        amount: data.optional_decimal("value")?,
        agreed: Agreed::default(),
        signed_on: signed_on.transpose().map_err(|_| {
            wrong(
                "custom_fields: the day of the signature",
                "a day like 2026-11-22",
            )
        })?,
        customer: None,
        billing_contact: None,
        lines: Vec::new(),
    })
}

/// A custom field: a value, or an object that holds it.
fn word(fields: &Object<'_>, name: &str) -> Result<Option<String>, Unreadable> {
    match fields.raw(name) {
        Some(raw) if raw.starts_with('{') => fields.object(name)?.optional_id("value"),
        Some(_) => fields.optional_id(name),
        None => Ok(None),
    }
}

fn customer(account: &str, data: &Object<'_>, vat: &str) -> Result<Customer, Unreadable> {
    let custom = data.optional_object("custom_fields")?;
    Ok(Customer {
        reference: Reference::new("pipedrive", account, "company", data.id("id")?),
        name: data.text("name")?,
        vat: custom.map_or(Ok(None), |fields| word(&fields, vat))?,
        // The country is whatever the address search wrote; only a code is taken from it.
        country: country_code(data.text_within("address", "country")?),
        address: Address::default(),
        language: None,
        version: None,
        hints: Hints::default(),
    })
}

fn contact(account: &str, data: &Object<'_>) -> Result<Contact, Unreadable> {
    let emails = data.objects("emails")?;
    let primary = |email: &&Object<'_>| email.raw("primary") == Some("true");
    let email = match emails.iter().find(primary).or(emails.first()) {
        Some(email) => email.optional_text("value")?,
        None => None,
    };
    Ok(Contact {
        reference: Reference::new("pipedrive", account, "contact", data.id("id")?),
        name: Personal(data.text("name")?),
        email: Personal(email.unwrap_or_default()),
    })
}

fn line(account: &str, line: &Object<'_>) -> Result<DealLine, Unreadable> {
    if line.optional_text("tax_method")?.as_deref() == Some("inclusive") {
        return Err(wrong(
            "tax_method",
            "exclusive or none: prices are kept without tax",
        ));
    }
    let discount = line.optional_decimal("discount")?.unwrap_or_default();
    let kind = line.optional_text("discount_type")?;
    if !discount.is_zero() && kind.is_some_and(|kind| kind != "percentage") {
        // Whether it is per unit or per line is not said.
        return Err(wrong("discount_type", "percentage"));
    }
    Ok(DealLine {
        reference: Reference::new("pipedrive", account, "line_item", line.id("id")?),
        description: line.text("name")?,
        sku: line.text_within("product", "code")?,
        quantity: line.decimal("quantity")?,
        unit_price: line.decimal("item_price")?,
        discount_percent: discount,
        discount_per_unit: Decimal::ZERO,
        budget_hours: None,
        unit: None,
        due: line.optional_date("billing_start_date")?,
    })
}
