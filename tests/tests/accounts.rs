//! Two accounts of one vendor beside each other: each with its own secret and its own words, and
//! what has the same id in both is two things in Odoo.

use cli::aws_api::SECRETS;
use cli::progress::Progress;
use cli::standin::demo;
use cli::standin::hubspot::HubSpot;
use cli::story::firm::{PUBLIC_BASE_URL, SECRETS_OF_THE_DEMO};
use cli::story::{BOOK, Firm, StoryError, day};
use domain::Reference;
use reqwest::Method;
use serde_json::{Value, json};
use tests::deployed::text;
use tests::{steps, two_accounts};

/// The other portal, and the secret of the app that is installed there.
const OTHER: &str = "5550123";
const ITS_SECRET: &str = "another-hubspot-client-secret-9c02";

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_with_the_same_id_in_two_accounts_is_two_customers() -> Result<(), StoryError> {
    let progress = &Progress::new();
    let firm = steps::open(progress).await?;
    both_accounts_are_named(&firm).await?;
    let won = won_deal(&firm);
    let ours = SECRETS_OF_THE_DEMO[0];
    let first = demo::PORTAL.to_string();
    assert_eq!(sent(&firm, &first, ours, &won).await?, 200);
    // The other portal has a deal, a company and lines of the same ids.
    let same = won.replace(&first, OTHER);
    assert_eq!(sent(&firm, OTHER, ITS_SECRET, &same).await?, 200);
    // Nobody speaks for another account, and nobody for one that is not there.
    assert_eq!(sent(&firm, OTHER, ours, &same).await?, 401);
    assert_eq!(sent(&firm, OTHER, ITS_SECRET, &won).await?, 401);
    let nobodys = won.replace(&first, "1");
    assert_eq!(sent(&firm, "1", ours, &nobodys).await?, 401);
    firm.rest().await?;
    let both = [first.as_str(), OTHER];
    it_is_another_one(&firm, &both).await?;
    let orders = firm.eyes()?.orders().await?;
    let names: Vec<String> = orders.iter().map(|order| order.name.clone()).collect();
    assert_eq!(orders.len(), 2, "{names:?}");
    assert_ne!(orders[0].partner_id.0, orders[1].partner_id.0);
    for account in both {
        let customer = Reference::new("hubspot", account, "company", demo::COMPANY);
        let posted = steps::posted(&firm, &customer).await?.expect("it is known");
        let partner = posted["odoo"]["id"].as_i64().expect("an id");
        let of_order = orders.iter().filter(|order| order.partner_id.0 == partner);
        assert_eq!(of_order.count(), 1, "{customer} has an order of its own");
    }
    the_id_names_two_things(&firm, &both).await?;
    steps::no_dead_letters(&firm).await
}

/// The secret and the book of a firm with two portals.
async fn both_accounts_are_named(firm: &Firm) -> Result<(), StoryError> {
    let [ours, access, _] = SECRETS_OF_THE_DEMO;
    let account = |secret: &str| json!({"client_secrets": [secret], "access_token": access});
    let first = demo::PORTAL.to_string();
    let document = json!({"accounts": {first.as_str(): account(ours), OTHER: account(ITS_SECRET)}});
    let put = json!({"SecretId": "tenon/demo/hubspot", "SecretString": document.to_string()});
    firm.stack
        .aws()
        .json(SECRETS, "PutSecretValue", &put)
        .await?;
    let book = two_accounts::book(BOOK, &first, OTHER);
    firm.adopt(&book).await
}

/// The webhook of a complete and won deal of the first portal.
fn won_deal(firm: &Firm) -> String {
    demo::add_deal(&firm.hubspot, day::today());
    for (name, value) in [
        ("legal_entity", "Northwind Consulting Inc"),
        ("po_number", "PO-4711"),
    ] {
        firm.hubspot.set_property(demo::DEAL, name, value);
    }
    firm.hubspot
        .set_property(demo::DEAL, "dealstage", "closedwon")
}

async fn sent(firm: &Firm, account: &str, secret: &str, body: &str) -> Result<u16, StoryError> {
    let path = format!("/in/hubspot/{account}");
    let url = format!("{}{path}", PUBLIC_BASE_URL);
    firm.post(&path, &HubSpot::signed(secret, &url, body.to_owned()))
        .await
}

/// They have one name, and a steward says that they are two.
async fn it_is_another_one(firm: &Firm, accounts: &[&str]) -> Result<(), StoryError> {
    let asked = steps::exceptions(firm).await?;
    let codes: Vec<String> = asked.iter().map(|asked| text(&asked["code"])).collect();
    assert_eq!(codes, ["duplicate_suspect"]);
    let asked = text(&asked[0]["reference"]);
    assert!(accounts.iter().any(|account| asked.contains(*account)));
    let body = json!({"customer": asked});
    firm.console(Method::POST, "customer/distinct", &body)
        .await?;
    firm.rest().await
}

/// Whoever asks for an id that both have is told of both.
async fn the_id_names_two_things(firm: &Firm, accounts: &[&str]) -> Result<(), StoryError> {
    let path = format!("trace?id={}", demo::DEAL);
    let answer = firm.console(Method::GET, &path, &Value::Null).await?;
    let said = answer.to_string();
    for account in accounts {
        let deal = Reference::new("hubspot", *account, "deal", demo::DEAL);
        assert!(said.contains(&deal.to_string()), "{said}");
    }
    assert!(text(&answer["sentence"]).contains("2 things"), "{said}");
    Ok(())
}
