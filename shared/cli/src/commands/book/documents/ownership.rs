//! Who owns which field, with what holds where the book says nothing.

use domain::book::Book;
use domain::policy::{CustomerField, FieldPolicy};

use super::markdown::{head, row, table};

/// What a customer has.
const OF_A_CUSTOMER: [CustomerField; 10] = [
    CustomerField::Name,
    CustomerField::Vat,
    CustomerField::Country,
    CustomerField::Street,
    CustomerField::Postcode,
    CustomerField::City,
    CustomerField::Language,
    CustomerField::PaymentTerms,
    CustomerField::ContactName,
    CustomerField::ContactEmail,
];

/// What no book changes.
const ALWAYS: &str = "\n## Always\n\n\
- Orders, lines and prices are those of the contract in the CRM; what is billed or delivered is never priced anew.\n\
- A posted invoice and a locked period belong to Odoo: nothing is written there by itself.\n\
- Payment state, number, total and open amount belong to Odoo; the CRM is told them.\n\
- A record that a person deleted in Odoo is not made again; a person is asked.\n";

const RULES: &str = "\n`owner wins`: the owner's value is kept or restored, and that it was is recorded. `first value`: the owner's value \
counts when the record is made, and later ones change nothing. `manual`: where both sides have changed it, a person decides.\n";

/// The page.
pub fn page(book: &Book) -> String {
    let mut page = head("Who owns which field", &book.version);
    page.push_str(RULES);
    page.push_str("\n## Customers\n");
    page.push_str(&table(&["field", "owner", "rule"]));
    for field in OF_A_CUSTOMER {
        let owned = book.ownership.customer.of(field);
        page.push_str(&row(&[field.name(), owned.owner.name(), word(owned.rule)]));
    }
    page.push_str("\n## Time entries\n");
    page.push_str(&table(&["field", "owner", "rule"]));
    let time = &book.policies.time_entry;
    for (field, policy) in [
        ("hours", time.hours),
        ("date", time.date),
        ("employee", time.employee),
        ("contract", time.contract),
        ("text", time.text),
    ] {
        page.push_str(&row(&[field, "the PSA", word(policy)]));
    }
    page.push_str(ALWAYS);
    page
}

const fn word(policy: FieldPolicy) -> &'static str {
    match policy {
        FieldPolicy::OwnerWins => "owner wins",
        FieldPolicy::FirstValue => "first value",
        FieldPolicy::Manual => "manual",
    }
}
