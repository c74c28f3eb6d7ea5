//! Customers that are in Odoo already: found, taken on without a change, followed when people merge.

use domain::Reference;
use domain::command::CreateCustomer;
use domain::customer::Hints;
use domain::judge::Found;
use odoo::{OdooError, customer};
use serde_json::{Value, json};

use crate::support::{Deal, World, company, raw, record, reference};

/// What is compared before and after a partner is taken on.
const KEPT: [&str; 14] = [
    "name",
    "vat",
    "country_id",
    "zip",
    "city",
    "phone",
    "email",
    "lang",
    "ref",
    "website",
    "is_company",
    "active",
    "property_payment_term_id",
    "user_id",
];

fn contoso() -> CreateCustomer {
    CreateCustomer {
        name: "Contoso GmbH".to_owned(),
        vat: Some("BE0477472701".to_owned()),
        country: Some("BE".to_owned()),
        hints: Hints {
            domains: ["contoso.example".to_owned()].into(),
            ..Hints::default()
        },
        ..Deal::new("dup").customer()
    }
}

/// A partner that people have made.
async fn partner(world: &World, mut values: Value) -> i64 {
    values["is_company"] = json!(true);
    let made = raw(
        &world.admin,
        "res.partner",
        "create",
        json!({"vals_list": [values]}),
    )
    .await;
    made.unwrap()[0].as_i64().unwrap()
}

async fn country(world: &World, code: &str) -> i64 {
    let domain = json!({"domain": [["code", "=", code]]});
    let found = raw(&world.admin, "res.country", "search", domain).await;
    found.unwrap()[0].as_i64().unwrap()
}

async fn search(world: &World, reference: &Reference, wanted: &CreateCustomer) -> Found {
    customer::search(&world.master, reference, wanted)
        .await
        .unwrap()
}

fn suspects(found: &Found) -> Vec<(i64, &str)> {
    let Found::Perhaps(suspects) = found else {
        panic!("{found:?}")
    };
    let each = suspects.iter();
    each.map(|one| (one.id, one.likeness.as_str())).collect()
}

#[tokio::test]
async fn a_customer_is_found_by_tax_number_domain_and_name() {
    let world = World::new();
    let (name, wanted) = (reference("company", "801"), contoso());
    assert_eq!(search(&world, &name, &wanted).await, Found::Nobody);

    let belgium = country(&world, "BE").await;
    let written =
        json!({"name": "CONTOSO G.m.b.H.", "vat": "BE 0477.472.701", "country_id": belgium});
    let same = partner(&world, written).await;
    let because = "same tax number, country and name";
    let certain = Found::Certain { id: same, because };
    assert_eq!(search(&world, &name, &wanted).await, certain);

    let branch = CreateCustomer {
        name: "Contoso Antwerp".to_owned(),
        ..wanted.clone()
    };
    let found = search(&world, &name, &branch).await;
    assert_eq!(suspects(&found), [(same, "same tax number, another name")]);

    let by_name = CreateCustomer {
        vat: None,
        country: None,
        ..wanted.clone()
    };
    let found = search(&world, &name, &by_name).await;
    assert_eq!(suspects(&found), [(same, "same name")]);

    // A contact speaks for its company, and free mail was taken out of the domains by the rules.
    let values = json!({"name": "Ada", "parent_id": same, "email": "Ada <ada@CONTOSO.example>"});
    let child = json!({"vals_list": [values]});
    raw(&world.admin, "res.partner", "create", child)
        .await
        .unwrap();
    let by_domain = CreateCustomer {
        name: "Zenith Holding".to_owned(),
        ..by_name
    };
    let found = search(&world, &name, &by_domain).await;
    assert_eq!(suspects(&found), [(same, "same domain, another name")]);

    // Partners of another company of this Odoo are none of ours.
    let second = world.second_company().await;
    let move_away = json!({"ids": [same], "vals": {"company_id": second.id}});
    raw(&world.admin, "res.partner", "write", move_away)
        .await
        .unwrap();
    assert_eq!(search(&world, &name, &wanted).await, Found::Nobody);
}

#[tokio::test]
async fn a_partner_is_taken_on_with_everything_that_it_has() {
    let world = World::new();
    let (name, wanted) = (reference("company", "802"), contoso());
    let belgium = country(&world, "BE").await;
    let there = partner(&world, json!({
        "name": "CONTOSO G.m.b.H.", "vat": "BE0477472701", "country_id": belgium, "ref": "K-17",
        "zip": "2000", "city": "Antwerp", "phone": "+32 3 555 01 01", "email": "info@contoso.example",
    }))
    .await;
    let immediate = json!({"ids": [there], "vals": {"property_payment_term_id": 1}});
    raw(&world.admin, "res.partner", "write", immediate)
        .await
        .unwrap();
    let before = record(&world.admin, "res.partner", there, &KEPT).await;

    let adopted = customer::adopt(&world.master, &name, &wanted, there)
        .await
        .unwrap();
    assert_eq!(adopted.id, there);
    assert_eq!(
        record(&world.admin, "res.partner", there, &KEPT).await,
        before
    );
    let company = company();
    let known = customer::there(&world.master, &company, &name)
        .await
        .unwrap();
    assert_eq!(known, Some(there));

    // A second time, and under a second name: the same records.
    let again = customer::adopt(&world.master, &name, &wanted, there)
        .await
        .unwrap();
    assert_eq!(again, adopted);
    let other = reference("company", "803");
    let second = customer::adopt(&world.master, &other, &wanted, there)
        .await
        .unwrap();
    assert_eq!(second, adopted);
    let all = json!({"domain": [["name", "in", ["Tenon", "CONTOSO G.m.b.H."]]], "context": {"active_test": false}});
    let left = raw(&world.admin, "res.partner", "search", all)
        .await
        .unwrap();
    assert_eq!(left, json!([there]), "nothing bare is left");
}

#[tokio::test]
async fn a_contact_with_the_same_address_is_not_made_again() {
    let world = World::new();
    let (name, wanted) = (reference("company", "804"), contoso());
    let there = partner(&world, json!({"name": "Contoso"})).await;
    let child = json!({"vals_list": [{"name": "P. Payer", "parent_id": there, "email": "Paula@Fabrikam.example"}]});
    let child = raw(&world.admin, "res.partner", "create", child)
        .await
        .unwrap();
    let adopted = customer::adopt(&world.master, &name, &wanted, there)
        .await
        .unwrap();
    assert_eq!(json!(adopted.others), child);
    let found = record(
        &world.admin,
        "res.partner",
        adopted.others[0],
        &["name", "email"],
    )
    .await;
    assert_eq!(found["name"], "P. Payer");
}

#[tokio::test]
async fn what_was_cut_off_goes_on_and_what_people_merge_is_followed() {
    let world = World::new();
    let (name, wanted) = (reference("company", "805"), contoso());
    let there = partner(&world, json!({"name": "Contoso"})).await;
    // A worker died between the two steps.
    let bare = json!({
        "fields": ["id", "name", "is_company", "active"], "data": [[name.external_id(), "Tenon", "0", "0"]],
        "context": {"mode": "update", "noupdate": true},
    });
    raw(&world.master, "res.partner", "load", bare)
        .await
        .unwrap();
    let adopted = customer::adopt(&world.master, &name, &wanted, there)
        .await
        .unwrap();
    assert_eq!(adopted.id, there);

    let survivor = partner(&world, json!({"name": "Contoso Group"})).await;
    merge(&world, there, survivor).await;
    let followed = customer::adopt(&world.master, &name, &wanted, there)
        .await
        .unwrap();
    assert_eq!(followed.id, survivor);
}

/// A person merges a partner into another one.
async fn merge(world: &World, from: i64, into: i64) {
    let wizard = "base.partner.merge.automatic.wizard";
    let values = json!({"state": "selection", "partner_ids": [[6, 0, [from, into]]], "dst_partner_id": into});
    let made = raw(&world.admin, wizard, "create", json!({"vals_list": values}))
        .await
        .unwrap();
    raw(&world.admin, wizard, "action_merge", json!({"ids": made}))
        .await
        .unwrap();
}

#[tokio::test]
async fn only_a_company_in_use_can_be_a_customer() {
    let world = World::new();
    let (name, wanted) = (reference("company", "806"), contoso());
    let there = partner(&world, json!({"name": "Contoso"})).await;
    let child = json!({"vals_list": [{"name": "Ada", "parent_id": there}]});
    let child = raw(&world.admin, "res.partner", "create", child)
        .await
        .unwrap();
    let archived = partner(&world, json!({"name": "Contoso", "active": false})).await;
    for (id, words) in [
        (child[0].as_i64().unwrap(), "is a contact"),
        (archived, "is archived"),
        (999_999, "no longer exists"),
    ] {
        let refused = customer::adopt(&world.master, &name, &wanted, id).await;
        let Err(OdooError::Differs { differences }) = refused else {
            panic!("{refused:?}")
        };
        assert!(differences[0].contains(words), "{differences:?}");
    }
}
