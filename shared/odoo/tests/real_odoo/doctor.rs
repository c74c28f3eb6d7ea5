//! What the examination says about the seeded Odoo, and about one with something wrong.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use domain::book::Book;
use jiff::civil::date;
use odoo::ApiKey;
use odoo::doctor::needs::{SERVICE_USERS, ServiceUser};
use odoo::doctor::{Examination, Finding, Keys, Level, Patient, examine};
use serde_json::{Value, json};

use crate::support::{ADMIN_KEY, KEYS, World, database, named_id, raw};

const BOOK: &str = domain::book::DEMO;

/// The four keys of the seed; `replaced` gives one user another.
fn keys(replaced: &str, by: &str) -> Keys {
    let key = |name: &str| {
        let seeded = KEYS.iter().find(|(user, _)| *user == name).unwrap().1;
        ApiKey::new(if name == replaced { by } else { seeded })
    };
    Keys {
        master: key("master"),
        work: key("work"),
        billing: key("billing"),
        read: key("read"),
    }
}

async fn examined(place: (&str, &str), keys: Keys, book: Option<&Book>) -> Examination {
    examine(&Patient {
        url: place.0.to_owned(),
        database: place.1.to_owned(),
        keys,
        book,
        today: date(2026, 11, 22),
    })
    .await
}

/// Every failure and warning in one text.
fn complaints(examination: &Examination) -> Vec<String> {
    let wrong = examination.findings.iter().filter(|f| f.level != Level::Ok);
    wrong.map(sentence).collect()
}

fn sentence(finding: &Finding) -> String {
    let fix = finding.fix.as_deref().unwrap_or_default();
    format!("{}: {} -> {fix}", finding.check, finding.found)
}

/// Of every model that is stored: how many records, and when one was last written.
async fn everything(world: &World) -> Vec<Value> {
    let find = json!({"domain": [["transient", "=", false], ["abstract", "=", false]], "fields": ["model"]});
    let models = raw(&world.admin, "ir.model", "search_read", find).await;
    let mut all = Vec::new();
    for model in models.unwrap().as_array().unwrap() {
        let model = model["model"].as_str().unwrap();
        let last = json!({
            "domain": [], "fields": ["write_date"], "order": "write_date desc", "limit": 1
        });
        let count = raw(&world.admin, model, "search_count", json!({"domain": []})).await;
        let last = raw(&world.admin, model, "search_read", last).await;
        all.push(json!([model, count.ok(), last.ok()]));
    }
    all
}

#[tokio::test]
async fn the_seeded_odoo_is_healthy_and_an_examination_writes_nothing() {
    let world = World::new();
    let book = Book::parse(BOOK).unwrap();
    let before = everything(&world).await;
    assert!(before.len() > 150, "{}", before.len());
    let found = examined(world.place(), keys("", ""), Some(&book)).await;
    assert_eq!(complaints(&found), [] as [String; 0]);
    assert!(found.findings.len() >= 12, "{found:#?}");
    assert_eq!(everything(&world).await, before);
    let text = format!("{found:?}");
    for (_, key) in KEYS {
        assert!(!text.contains(key));
    }
    assert!(!text.contains("Tenon Master Data") && !text.contains("svc-master"));
}

/// A user's id, by its key.
async fn id_of(world: &World, user: &ServiceUser) -> Value {
    let key = KEYS.iter().find(|(name, _)| *name == user.name).unwrap().1;
    let odoo = world.admin.with_key(ApiKey::new(key));
    raw(&odoo, "res.users", "context_get", json!({}))
        .await
        .unwrap()["uid"]
        .clone()
}

#[tokio::test]
async fn a_group_that_is_taken_away_is_named_by_what_is_missing() {
    let world = World::new();
    for (name, group, missing) in [
        (
            "master",
            "project.group_project_manager",
            "may not create project.project",
        ),
        (
            "master",
            "sales_team.group_sale_salesman_all_leads",
            "may not create sale.order",
        ),
        (
            "work",
            "sales_team.group_sale_salesman_all_leads",
            "it would see no orders but its own",
        ),
        (
            "billing",
            "account.group_account_invoice",
            "may not create account.move",
        ),
        (
            "billing",
            "project.group_project_manager",
            "could not link other people's time",
        ),
        (
            "read",
            "account.group_account_readonly",
            "may not read account.move",
        ),
    ] {
        let user = SERVICE_USERS.iter().find(|user| user.name == name).unwrap();
        assert!(user.groups.contains(&group), "{name} has {group}");
        let group_id = named_id(&world.admin, group).await;
        let id = id_of(&world, user).await;
        change_group(&world, &id, 3, &group_id).await;
        let said = complaints(&examined(world.place(), keys("", ""), None).await);
        let named = |text: &String| {
            text.starts_with(name) && text.contains(missing) && text.contains(group)
        };
        assert!(said.iter().any(named), "{name} {group}: {said:#?}");
        assert!(said.iter().all(|text| text.starts_with(name)), "{said:#?}");
        change_group(&world, &id, 4, &group_id).await;
    }
    let healed = examined(world.place(), keys("", ""), None).await;
    assert_eq!(complaints(&healed), [] as [String; 0]);
}

/// 3 takes the group away, 4 gives it.
async fn change_group(world: &World, user: &Value, command: u8, group: &Value) {
    let write = json!({"ids": [user], "vals": {"group_ids": [[command, group]]}});
    raw(&world.admin, "res.users", "write", write)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_key_that_is_wrong_or_too_powerful_is_reported() {
    let world = World::new();
    let wrong = examined(world.place(), keys("work", &"9".repeat(40)), None).await;
    let said: Vec<String> = wrong.failures().map(sentence).collect();
    assert!(
        matches!(said.as_slice(), [one] if one.starts_with("work key: Odoo does not know our API key")),
        "{said:#?}"
    );
    let powerful = examined(world.place(), keys("read", ADMIN_KEY), None).await;
    assert_eq!(powerful.failures().count(), 0);
    let said = complaints(&powerful);
    assert!(
        said[0].starts_with("read rights: is an administrator"),
        "{said:#?}"
    );
    let master = KEYS[0].1;
    let same = complaints(&examined(world.place(), keys("work", master), None).await);
    let one_user = "users: the keys master and work are of one user";
    assert!(
        same.iter().any(|text| text.starts_with(one_user)),
        "{same:#?}"
    );
}

#[tokio::test]
async fn what_a_book_names_and_odoo_lacks_is_listed_completely() {
    let world = World::new();
    let text = BOOK
        .replace("catalogue.architect", "catalogue.nobody")
        .replace("hr_demo.bob", "hr_demo.nobody")
        .replace("account.account_payment_term_immediate", "account.no_term")
        .replace(
            "sku = \"SVC-FIXED\"\nbilling = \"fixed_fee\"",
            "sku = \"SVC-FIXED\"\nbilling = \"time_and_materials\"",
        )
        .replace("currency = \"USD\"", "currency = \"EUR\"");
    let text = format!(
        "{text}#: contracts.toml\n[[contracts]]\ntemplate = \"firm.nothing\"\ncredit_hold_tag = \"Nobody's tag\"\n"
    );
    let text = text.replace(
        "\n[crm.properties]",
        "owners = { \"7\" = \"firm.nobody\", \"8\" = \"none\" }\n\n[crm.properties]",
    );
    let book = Book::parse(&text).unwrap();
    let said = complaints(&examined(world.place(), keys("", ""), Some(&book)).await);
    for (position, part) in [
        "entities.us: company 1 keeps its books in USD, the book says EUR",
        "product catalogue.nobody does not exist",
        "product catalogue.fixed_fee: its invoicing policy is delivered_manual, needed is delivered_timesheet",
        "employee hr_demo.nobody does not exist",
        "payment term account.no_term does not exist",
        "project template firm.nothing does not exist",
        "contact tag \"Nobody's tag\" does not exist",
        "salesperson firm.nobody does not exist",
    ]
    .into_iter()
    .enumerate()
    {
        assert!(said[position].contains(part), "{said:#?}");
    }
    assert_eq!(said.len(), 8, "{said:#?}");
}

#[tokio::test]
async fn taxes_units_cost_centres_and_languages_of_a_book_are_looked_for() {
    let world = World::new();
    let more = r#"
#: more.toml
[[tax_profiles]]
name = "reverse charge"
fiscal_position = "firm.no_position"
taxes = ["firm.no_tax"]
rate = "0"

[[cost_centers]]
key = "CC10"
account = "firm.no_account"

[units]
hour = "firm.no_hour"

[[psa]]
source = "generic"
account = "north"
deal_id_field = "deal"
approval = { Approved = "approved" }

[psa.projects]
stages = { closed = "firm.no_stage" }
"#;
    let text = BOOK
        .replace("sku = \"SVC-ARCH\"", "sku = \"SVC-ARCH\"\nunit = \"hour\"")
        .replace(
            "won_stages = [\"closedwon\"]",
            "won_stages = [\"closedwon\"]\nlanguages = { Dutch = \"nl_BE\" }",
        );
    let book = Book::parse(&format!("{text}{more}")).unwrap();
    let said = complaints(&examined(world.place(), keys("", ""), Some(&book)).await);
    let expected = [
        "unit of measure firm.no_hour does not exist",
        "fiscal position firm.no_position does not exist",
        "tax firm.no_tax does not exist",
        "cost centre firm.no_account does not exist",
        "the language nl_BE is not installed",
        "stage of projects firm.no_stage does not exist",
    ];
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    for (said, part) in said.iter().zip(expected) {
        assert!(said.contains(part), "{said}");
    }
}

#[tokio::test]
async fn a_locked_month_is_a_failure_only_while_it_lasts() {
    let world = World::new();
    let lock = |day: &str| json!({"ids": [1], "vals": {"sale_lock_date": day}});
    for (day, failures) in [("2026-10-31", 0), ("2026-11-30", 1)] {
        raw(&world.admin, "res.company", "write", lock(day))
            .await
            .unwrap();
        let found = examined(world.place(), keys("", ""), None).await;
        assert_eq!(found.failures().count(), failures, "{day}");
        let text = format!("{:?}", found.findings);
        assert!(text.contains(&format!("locked up to {day}")), "{text}");
    }
}

#[tokio::test]
async fn an_address_without_a_usable_odoo_is_explained() {
    let (url, name) = database::fresh();
    let first = |examination: Examination| {
        assert_eq!(examination.failures().count(), 1);
        sentence(examination.failures().next().unwrap())
    };
    let nowhere = first(examined(("http://127.0.0.1:9", &name), keys("", ""), None).await);
    assert!(
        nowhere.starts_with("version: Odoo could not be reached"),
        "{nowhere}"
    );
    let absent = first(examined((&url, "odoo_test_0"), keys("", ""), None).await);
    assert!(
        absent.contains("no database \"odoo_test_0\" is served here"),
        "{absent}"
    );
    let older = first(examined((&seventeen(), &name), keys("", ""), None).await);
    assert!(older.contains("Odoo 17.0: it has no JSON-2 API"), "{older}");
}

/// Answers as Odoo 17 does: the new page is not there, the old call is.
fn seventeen() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut asked = [0_u8; 2048];
            let length = stream.read(&mut asked).unwrap();
            let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
            let (status, body) = match asked.starts_with("POST /jsonrpc") {
                true => ("200 OK", r#"{"result":{"server_version":"17.0"}}"#),
                false => ("404 Not Found", "<html></html>"),
            };
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}");
            write!(stream, "{head}\r\n\r\n{body}").unwrap();
        }
    });
    url
}

#[tokio::test]
async fn a_product_that_does_not_go_with_who_makes_the_project_is_named() {
    let world = World::new();
    let said = async |rules: &str| {
        let book = Book::parse(&format!("{BOOK}\n#: contracts.toml\n{rules}")).unwrap();
        let found = examined(world.place(), keys("", ""), Some(&book)).await;
        complaints(&found).join("\n")
    };
    let odoo = "[[contracts]]\nproject_made_by = \"odoo\"\n";
    let found = said(odoo).await;
    assert!(
        found.contains(
            "product catalogue.architect: Create on Order is Nothing, needed is Project & Task or \
             Project where contracts.project_made_by is \"odoo\""
        ),
        "{found}"
    );
    assert!(!found.contains("catalogue.fixed_fee"), "{found}");

    let find = json!({"domain": [["default_code", "in", ["SVC-SENIOR", "SVC-ARCH"]]]});
    let ids = raw(&world.admin, "product.product", "search", find).await;
    let set = json!({"ids": ids.unwrap(), "vals": {"service_tracking": "task_in_project"}});
    raw(&world.admin, "product.product", "write", set)
        .await
        .unwrap();
    assert_eq!(said(odoo).await, "");
    let found = said("[[contracts]]\nproject_made_by = \"tenon\"\n").await;
    assert!(
        found.contains("is Project & Task, needed is Nothing"),
        "{found}"
    );
    let found = said("").await;
    assert!(found.contains("or say project_made_by"), "{found}");
}
