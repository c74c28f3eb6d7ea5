//! Opportunities as a query answers them, each with its account, contact roles and lines.
//!
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm>

use domain::book::{Book, CrmProperties};
use domain::customer::{Address, Hints};
use domain::event::{Agreed, Contact, Customer, Deal, DealLine, Event, Personal};
use domain::{Reference, Version};
use rust_decimal::Decimal;

use crate::json::{Object, Unreadable, missing, wrong};
use crate::reading::{OneReading, Reading, each};

/// A reading per record of the answer.
pub(super) fn answer(
    book: &Book,
    account: &str,
    answer: &Object<'_>,
) -> Result<Vec<Reading>, Unreadable> {
    if answer.raw("records").is_none() {
        return Err(missing("records"));
    }
    let names = &book.crm_or_first("salesforce", account).properties;
    Ok(each(answer.elements("records")?, |record| {
        match record.text_within("attributes", "type")?.as_deref() {
            Some("Opportunity") => whole(account, record, names),
            _ => Ok(Reading::NotForUs("not an opportunity")),
        }
    }))
}

fn whole(account: &str, record: &Object<'_>, names: &CrmProperties) -> OneReading {
    let customer = record.optional_object("Account")?;
    let lines = rows(record, "OpportunityLineItems")?;
    let roles = rows(record, "OpportunityContactRoles")?;
    let deal = Deal {
        reference: Reference::new("salesforce", account, "deal", record.text("Id")?),
        version: Version::at(record.instant("SystemModstamp")?),
        name: record.text("Name")?,
        stage: record.text("StageName")?,
        owner: record.optional_id("OwnerId")?,
        legal_entity: record.optional_text(&names.legal_entity)?,
        payment_terms: record.optional_text(&names.payment_terms)?,
        purchase_order: record.optional_text(&names.purchase_order)?,
        currency: record.optional_text("CurrencyIsoCode")?,
        amount: number(record, "Amount")?,
        agreed: Agreed::default(),
        signed_on: record.optional_date(&names.signed_on)?,
        customer: customer.map_or(Ok(None), |found| {
            self::customer(account, &found, &names.vat).map(Some)
        })?,
        billing_contact: contact(account, &roles)?,
        lines: lines
            .iter()
            .map(|found| line(account, found))
            .collect::<Result<_, _>>()?,
    };
    Ok(Reading::Event(Event::Deal(Box::new(deal))))
}

/// The rows of a query within the query. More than one page of them would be half a deal.
fn rows<'a>(record: &Object<'a>, name: &str) -> Result<Vec<Object<'a>>, Unreadable> {
    let Some(within) = record.optional_object(name)? else {
        return Ok(Vec::new());
    };
    match within.optional_flag("done")? {
        Some(false) => Err(wrong(name, "complete: ask for its further pages too")),
        Some(true) | None => within.objects("records"),
    }
}

fn customer(account: &str, found: &Object<'_>, vat: &str) -> Result<Customer, Unreadable> {
    Ok(Customer {
        reference: Reference::new("salesforce", account, "company", found.text("Id")?),
        name: found.text("Name")?,
        vat: found.optional_text(vat)?,
        country: found.optional_text("BillingCountryCode")?,
        address: Address::default(),
        language: None,
        version: None,
        hints: Hints::default(),
    })
}

/// The contact whose role speaks of billing, or else the primary one.
fn contact(account: &str, roles: &[Object<'_>]) -> Result<Option<Contact>, Unreadable> {
    let mut chosen = None;
    for role in roles {
        let word = role.optional_text("Role")?.unwrap_or_default();
        let is_billing = word.to_ascii_lowercase().contains("billing");
        if is_billing || (role.optional_flag("IsPrimary")? == Some(true) && chosen.is_none()) {
            let found = role.object("Contact")?;
            let email = found.optional_text("Email")?.unwrap_or_default();
            chosen = Some(Contact {
                reference: Reference::new("salesforce", account, "contact", found.text("Id")?),
                name: Personal(found.text("Name")?),
                email: Personal(email),
            });
        }
        if is_billing {
            break;
        }
    }
    Ok(chosen)
}

fn line(account: &str, found: &Object<'_>) -> Result<DealLine, Unreadable> {
    let needed = |field| number(found, field)?.ok_or_else(|| missing(field));
    let description = match found.optional_text("Description")? {
        Some(text) => text,
        None => found.text("Name")?,
    };
    Ok(DealLine {
        reference: Reference::new("salesforce", account, "line_item", found.text("Id")?),
        description,
        sku: found.optional_text("ProductCode")?,
        quantity: needed("Quantity")?,
        unit_price: needed("UnitPrice")?,
        discount_percent: number(found, "Discount")?.unwrap_or_default(),
        discount_per_unit: Decimal::ZERO,
        budget_hours: None,
        unit: None,
        due: found.optional_date("ServiceDate")?,
    })
}

/// A number from its digits. From ten million on they may come with an exponent, which is applied
/// to the digits and never through a float.
fn number(record: &Object<'_>, field: &str) -> Result<Option<Decimal>, Unreadable> {
    let Some((digits, exponent)) = record.raw(field).and_then(|raw| raw.split_once(['E', 'e']))
    else {
        return record.optional_decimal(field);
    };
    let refuse = || wrong(field, "a plain decimal number");
    let digits: domain::DecimalText = digits.parse().map_err(|_| refuse())?;
    let exponent: u32 = exponent
        .trim_start_matches('+')
        .parse()
        .map_err(|_| refuse())?;
    let factor = 10_i64.checked_pow(exponent.min(19)).ok_or_else(refuse)?;
    let value = digits.0.checked_mul(Decimal::from(factor));
    value
        .map(|value| Some(value.normalize()))
        .ok_or_else(refuse)
}
