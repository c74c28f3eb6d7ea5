//! Opportunities as the Web API answers them, each expanded by its currency, customer, contact and
//! products.
//!
//! <https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/opportunity>

use domain::book::{Book, CrmProperties};
use domain::customer::{Address, Hints};
use domain::event::{Agreed, Contact, Customer, Deal, DealLine, Event, Personal};
use domain::{Reference, Version};
use rust_decimal::Decimal;

use crate::json::{Object, Unreadable, wrong};
use crate::reading::{OneReading, Reading, country_code};

/// The deal of one row.
pub(super) fn deal(book: &Book, account: &str, row: &Object<'_>) -> OneReading {
    let names = &book.crm_or_first("dataverse", account).properties;
    let mut deal = head(account, row, names)?;
    if let Some(found) = row.optional_object("customerid_account")? {
        deal.customer = Some(Customer {
            reference: Reference::new("dataverse", account, "company", found.id("accountid")?),
            name: found.text("name")?,
            vat: found.optional_text(&names.vat)?,
            // Free text; only a code is taken from it.
            country: country_code(found.optional_text("address1_country")?),
            address: Address::default(),
            language: None,
            version: None,
            hints: Hints::default(),
        });
    }
    if let Some(found) = row.optional_object("parentcontactid")? {
        let email = found.optional_text("emailaddress1")?.unwrap_or_default();
        deal.billing_contact = Some(Contact {
            reference: Reference::new("dataverse", account, "contact", found.id("contactid")?),
            name: Personal(found.text("fullname")?),
            email: Personal(email),
        });
    }
    for found in row.objects("product_opportunities")? {
        deal.lines.push(line(account, &found)?);
    }
    Ok(Reading::Event(Event::Deal(Box::new(deal))))
}

fn head(account: &str, row: &Object<'_>, names: &CrmProperties) -> Result<Deal, Unreadable> {
    // Won and lost are states; where an open one stands is its step.
    let stage = match row.id("statecode")?.as_str() {
        "0" => row
            .optional_text("stepname")?
            .unwrap_or_else(|| "open".to_owned()),
        "1" => "won".to_owned(),
        "2" => "lost".to_owned(),
        _ => return Err(wrong("statecode", "0, 1 or 2")),
    };
    Ok(Deal {
        reference: Reference::new("dataverse", account, "deal", row.id("opportunityid")?),
        version: Version::at(row.instant("modifiedon")?),
        name: row.text("name")?,
        stage,
        owner: row.optional_id("_ownerid_value")?,
        legal_entity: row.optional_text(&names.legal_entity)?,
        payment_terms: row.optional_text(&names.payment_terms)?,
        purchase_order: row.optional_text(&names.purchase_order)?,
        currency: row.text_within("transactioncurrencyid", "isocurrencycode")?,
        amount: row.optional_decimal("totalamount")?,
        agreed: Agreed::default(),
        signed_on: row.optional_date(&names.signed_on)?,
        customer: None,
        billing_contact: None,
        lines: Vec::new(),
    })
}

fn line(account: &str, found: &Object<'_>) -> Result<DealLine, Unreadable> {
    let manual = found.optional_decimal("manualdiscountamount")?;
    if manual.is_some_and(|amount| !amount.is_zero()) {
        return Err(wrong(
            "manualdiscountamount",
            "zero: a discount is read per unit",
        ));
    }
    let id = found.id("opportunityproductid")?;
    let description = match found.optional_text("productdescription")? {
        Some(text) => text,
        None => found.text("productname")?,
    };
    let per_unit = found.optional_decimal("volumediscountamount")?;
    Ok(DealLine {
        reference: Reference::new("dataverse", account, "line_item", id),
        description,
        sku: found.text_within("productid", "productnumber")?,
        quantity: found.decimal("quantity")?,
        unit_price: found.decimal("priceperunit")?,
        discount_percent: Decimal::ZERO,
        discount_per_unit: per_unit.unwrap_or_default(),
        budget_hours: None,
        unit: None,
        due: None,
    })
}
