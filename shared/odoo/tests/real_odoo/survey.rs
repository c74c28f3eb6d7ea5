//! What the survey lists of the seeded Odoo, and how records get the external ids that a book needs.

use std::time::Duration;

use odoo::doctor::Keys;
use odoo::survey::{Question, Survey, survey};
use odoo::{ApiKey, OdooConfig};
use serde_json::{Value, json};

use crate::support::{KEYS, World, raw};

async fn surveyed(world: &World, name_all: bool) -> Survey {
    let key = |name: &str| ApiKey::new(KEYS.iter().find(|(user, _)| *user == name).unwrap().1);
    let (url, database) = world.place();
    let question = Question {
        config: OdooConfig {
            url: url.to_owned(),
            database: database.to_owned(),
            key: key("master"),
            read_timeout: Duration::from_secs(20),
        },
        keys: Keys {
            master: key("master"),
            work: key("work"),
            billing: key("billing"),
            read: key("read"),
        },
        name_all,
    };
    survey(question).await.unwrap()
}

async fn create(world: &World, model: &str, values: Value) -> Value {
    let made = raw(
        &world.admin,
        model,
        "create",
        json!({"vals_list": [values]}),
    )
    .await;
    made.unwrap()[0].clone()
}

#[tokio::test]
async fn everything_that_a_book_names_is_listed_with_its_external_id_or_without() {
    let world = World::new();
    create(&world, "hr.employee", json!({"name": "Cara Coder"})).await;
    let found = surveyed(&world, false).await;
    assert_eq!(found.unanswered, [] as [String; 0]);
    let company = &found.companies[0];
    assert_eq!((company.id, company.currency.as_str()), (1, "USD"));
    assert!(
        !company.taxes.is_empty() && !company.journals.is_empty(),
        "{company:?}"
    );
    let of = |code: &str| {
        let mut services = found.services.iter();
        services
            .find(|service| service.code.as_deref() == Some(code))
            .unwrap()
    };
    let senior = of("SVC-SENIOR");
    assert_eq!(
        senior.named.external_id.as_deref(),
        Some("catalogue.senior_consultant")
    );
    assert_eq!(senior.policy.as_deref(), Some("delivered_timesheet"));
    let id_of = |name: &str| {
        let mut employees = found.employees.iter();
        employees
            .find(|one| one.name.starts_with(name))
            .unwrap()
            .external_id
            .clone()
    };
    assert_eq!(id_of("Alice").as_deref(), Some("hr_demo.alice"));
    assert_eq!(id_of("Cara"), None, "made by hand, it has none");
    let terms: Vec<_> = found
        .payment_terms
        .iter()
        .filter_map(|t| t.external_id.as_deref())
        .collect();
    assert!(
        terms.contains(&"account.account_payment_term_30days"),
        "{terms:?}"
    );
}

#[tokio::test]
async fn odoo_names_what_has_no_external_id_where_its_user_may_export() {
    let world = World::new();
    create(
        &world,
        "product.product",
        json!({"name": "Audit", "type": "service"}),
    )
    .await;
    let refused = surveyed(&world, true).await;
    let of = |found: &Survey| {
        let mut services = found.services.iter();
        services
            .find(|one| one.named.name == "Audit")
            .unwrap()
            .named
            .external_id
            .clone()
    };
    assert_eq!(of(&refused), None);
    let said = refused.unanswered.join("\n");
    assert!(
        said.contains("external ids of product.product cannot be given"),
        "{said}"
    );

    let master = KEYS.iter().find(|(user, _)| *user == "master").unwrap().1;
    let master = world.admin.with_key(ApiKey::new(master));
    let who = raw(&master, "res.users", "context_get", json!({}))
        .await
        .unwrap();
    let group = json!({"domain": [["module", "=", "base"], ["name", "=", "group_allow_export"]], "fields": ["res_id"]});
    let group = raw(&world.admin, "ir.model.data", "search_read", group)
        .await
        .unwrap();
    let may = json!({"ids": [who["uid"]], "vals": {"group_ids": [[4, group[0]["res_id"]]]}});
    raw(&world.admin, "res.users", "write", may).await.unwrap();
    let named = of(&surveyed(&world, true).await).expect("Odoo gave it one");
    assert!(named.starts_with("__export__."), "{named}");
    assert_eq!(
        of(&surveyed(&world, false).await),
        Some(named),
        "and it keeps it"
    );
}
