//! A sold deal is the same in our words, whichever CRM tells it.

use domain::event::{Deal, Event};

use super::samples::{Way, events, read, text};

const FILES: [&str; 3] = [
    "pipedrive/answers.json",
    "salesforce/query-answer.json",
    "dataverse/opportunities.json",
];

fn source(file: &str) -> &str {
    file.split('/').next().unwrap()
}

fn deal(file: &str) -> Deal {
    let readings = read(source(file), Way::Pulled, &text(file)).unwrap();
    let Event::Deal(deal) = events(readings).remove(0) else {
        panic!("{file}: no deal");
    };
    *deal
}

#[test]
fn the_terms_the_customer_and_the_contact_are_those_that_were_told() {
    for file in FILES {
        let deal = deal(file);
        assert_eq!(deal.name, "Data platform");
        assert_eq!(deal.legal_entity.as_deref(), Some("Acme Services Inc."));
        assert_eq!(deal.payment_terms.as_deref(), Some("Net 30"));
        assert_eq!(deal.purchase_order.as_deref(), Some("PO-77"));
        assert_eq!(deal.signed_on.unwrap().to_string(), "2026-11-19");
        assert_eq!(deal.currency.as_deref(), Some("USD"));
        let customer = deal.customer.unwrap();
        assert_eq!(customer.name, "Globex Corp");
        assert_eq!(customer.vat.as_deref(), Some("US123456789"));
        assert_eq!(customer.country.as_deref(), Some("US"));
        let contact = deal.billing_contact.unwrap();
        assert_eq!(contact.name.0, "Robin Example");
        assert_eq!(contact.email.0, "robin@globex.example");
    }
}

#[test]
fn the_lines_are_those_that_were_sold_with_their_prices_and_discounts() {
    for file in FILES {
        let lines = deal(file).lines;
        let senior = lines.first().unwrap();
        assert_eq!(senior.description, "Senior Consultant");
        assert_eq!(senior.sku.as_deref(), Some("SVC-SENIOR"));
        assert_eq!(senior.quantity.normalize().to_string(), "100");
        assert_eq!(senior.unit_price.normalize().to_string(), "160");
        assert!(senior.discount_percent.is_zero() && senior.discount_per_unit.is_zero());
        assert_eq!(senior.due, None);
    }
    for file in FILES.into_iter().take(2) {
        let fee = deal(file).lines.remove(1);
        assert_eq!(fee.sku.as_deref(), Some("SVC-FIXED"));
        assert_eq!(fee.discount_percent.normalize().to_string(), "5");
        assert_eq!(fee.due.unwrap().to_string(), "2026-12-01");
    }
}

#[test]
fn a_price_that_would_be_guessed_is_refused() {
    for (file, from, to) in [
        (
            "pipedrive/answers.json",
            r#""tax_method":"exclusive""#,
            r#""tax_method":"inclusive""#,
        ),
        (
            "pipedrive/answers.json",
            r#""discount":5,"discount_type":"percentage""#,
            r#""discount":5,"discount_type":"amount""#,
        ),
        (
            "dataverse/opportunities.json",
            r#""manualdiscountamount":0.0000"#,
            r#""manualdiscountamount":10"#,
        ),
        (
            "salesforce/query-answer.json",
            r#""totalSize":2,"done":true"#,
            r#""totalSize":2,"done":false"#,
        ),
        ("salesforce/query-answer.json", "1.2E7", "1.2E400"),
        ("salesforce/query-answer.json", "1.2E7", "1.2E-7"),
    ] {
        let changed = text(file).replace(from, to);
        assert_ne!(changed, text(file), "{file}: {from}");
        let readings = read(source(file), Way::Pulled, &changed);
        let deals = events(readings.unwrap_or_default());
        assert!(deals.is_empty(), "{file}: {to}: {deals:?}");
    }
}
