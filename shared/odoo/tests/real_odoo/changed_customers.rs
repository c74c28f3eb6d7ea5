//! A newer version of a customer on the partner that is there.

use domain::command::CreateCustomer;
use domain::customer::{Address, Rejected};
use domain::event::Personal;
use domain::policy::{CustomerField, CustomerOwnership, Owner};
use domain::record::Posted;
use odoo::OdooError;
use odoo::customer::{self, Known};
use serde_json::json;

use crate::support::{Deal, World, raw, record};

async fn follow(
    world: &World,
    deal: &Deal,
    before: &CreateCustomer,
    posted: &Posted,
    after: &CreateCustomer,
) -> Result<Posted, OdooError> {
    let known = Known {
        earlier: &[before],
        noted: Some(&posted.customer),
        ownership: &CustomerOwnership::default(),
    };
    customer::follow(&world.master, &deal.customer, &known, after).await
}

#[tokio::test]
async fn a_newer_version_changes_what_its_source_owns() {
    let (world, deal) = (World::new(), Deal::new("2101"));
    let before = deal.customer();
    let made = customer::create(&world.master, &deal.customer, &before)
        .await
        .unwrap();
    let by_hand =
        json!({"ids": [made.id], "vals": {"city": "Antwerp", "phone": "+32 3 555 01 01"}});
    raw(&world.finance, "res.partner", "write", by_hand)
        .await
        .unwrap();

    let mut after = before.clone();
    after.name = "Fabrikam Holding Inc".to_owned();
    after.country = Some("BE".to_owned());
    after.vat = Some("BE0477472701".to_owned());
    after.address = Address {
        street: Some("Meir 1".to_owned()),
        ..Address::default()
    };
    after.payment_term = "account.account_payment_term_immediate".to_owned();
    let contact = after.billing_contact.as_mut().unwrap();
    contact.email = Personal("payables@fabrikam.example".to_owned());
    let posted = follow(&world, &deal, &before, &made, &after).await.unwrap();

    assert_eq!((posted.id, &posted.others), (made.id, &made.others));
    let fields = ["name", "vat", "country_code", "street", "city", "phone"];
    let found = record(&world.admin, "res.partner", made.id, &fields).await;
    let found: Vec<&str> = fields.iter().map(|f| found[*f].as_str().unwrap()).collect();
    let expected = [
        "Fabrikam Holding Inc",
        "BE0477472701",
        "BE",
        "Meir 1",
        "Antwerp",
        "+32 3 555 01 01",
    ];
    assert_eq!(found, expected);
    let contact = record(&world.admin, "res.partner", made.others[0], &["email"]).await;
    assert_eq!(contact["email"], "payables@fabrikam.example");
    // Payment terms are Odoo's: it keeps them, and says which they are.
    let rejected = Rejected {
        field: CustomerField::PaymentTerms,
        owner: Owner::Odoo,
        value: Some("account.account_payment_term_30days".to_owned()),
    };
    assert_eq!(posted.customer.rejected, [rejected]);
    // The same once more writes nothing.
    let again = follow(&world, &deal, &after, &posted, &after)
        .await
        .unwrap();
    assert_eq!(again.customer.rejected, []);
}

#[tokio::test]
async fn what_both_sides_changed_is_a_question_and_nothing_is_written() {
    let (world, deal) = (World::new(), Deal::new("2102"));
    let before = deal.customer();
    let made = customer::create(&world.master, &deal.customer, &before)
        .await
        .unwrap();
    let contact = json!({"ids": made.others, "vals": {"name": "Somebody Else"}});
    raw(&world.finance, "res.partner", "write", contact)
        .await
        .unwrap();
    let mut after = before.clone();
    after.name = "Fabrikam Holding Inc".to_owned();
    after.billing_contact.as_mut().unwrap().name = Personal("Petra Payer".to_owned());
    let asked = follow(&world, &deal, &before, &made, &after).await;
    let Err(OdooError::Asked(question)) = asked else {
        panic!("{asked:?}")
    };
    assert_eq!(question.code, "customer_conflict");
    let said = format!("{question:?}");
    assert!(
        said.contains("billing contact's name") && !said.contains("Petra"),
        "{said}"
    );
    let found = record(&world.admin, "res.partner", made.id, &["name"]).await;
    assert_eq!(found["name"], "Fabrikam Inc");
}

#[tokio::test]
async fn of_a_partner_that_was_taken_on_only_what_the_crm_changes_is_written() {
    let (world, deal) = (World::new(), Deal::new("2103"));
    let values =
        json!({"name": "Fabrikam", "is_company": true, "street": "Old 1", "city": "Ghent"});
    let there = raw(
        &world.finance,
        "res.partner",
        "create",
        json!({"vals_list": [values]}),
    )
    .await;
    let there = there.unwrap()[0].as_i64().unwrap();
    let mut before = deal.customer();
    before.address.street = Some("New 2".to_owned());
    let taken = customer::adopt(&world.master, &deal.customer, &before, there)
        .await
        .unwrap();
    let mut after = before.clone();
    after.address.city = Some("Antwerp".to_owned());
    let posted = follow(&world, &deal, &before, &taken, &after)
        .await
        .unwrap();
    let found = record(
        &world.admin,
        "res.partner",
        there,
        &["name", "street", "city"],
    )
    .await;
    assert_eq!(
        (&found["name"], &found["street"]),
        (&json!("Fabrikam"), &json!("Old 1"))
    );
    assert_eq!(found["city"], "Antwerp");
    assert!(!posted.customer.base.contains_key(&CustomerField::City));
    assert!(posted.customer.base.contains_key(&CustomerField::Street));
}
