//! Two organizations of one vendor: each is asked with its own access, by cursors of its own.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::api::Api;
use crate::lists::{deals, fixture};
use crate::tokens::private_key;
use crate::world::World;

const ORGANIZATIONS: [&str; 2] = ["00D7F00000107Xs", "00D7F00000208Yt"];
const USERS: [&str; 2] = ["it@north.example", "it@south.example"];
const TOKEN: &str = "POST /services/oauth2/token";
const QUERY: &str = "GET /services/data/v63.0/query";

#[tokio::test(flavor = "multi_thread")]
async fn two_organizations_of_one_vendor_are_pulled_each_with_its_own_access() {
    let api = Api::open("authorization", "Bearer one").await;
    let world = World::two("salesforce", ORGANIZATIONS, api.url()).await;
    put_secret(&world, &ORGANIZATIONS).await;
    let token = json!({"access_token": "one", "token_type": "Bearer"});
    api.answers(TOKEN, 200, token);
    api.answers(QUERY, 200, fixture("salesforce/query-answer.json"));
    world.pull.sources().await.expect("a run");
    let deals = deals(&world.take().await);
    let ids: BTreeSet<&str> = deals.iter().map(|deal| deal.reference.id()).collect();
    assert_eq!(ids.len(), 1, "both have a deal of the same id");
    let whose: BTreeSet<&str> = deals.iter().map(|deal| deal.reference.account()).collect();
    assert_eq!(whose, BTreeSet::from(ORGANIZATIONS));
    let customers = deals.iter().filter_map(|deal| deal.customer.as_ref());
    let customers: BTreeSet<String> = customers.map(|one| one.reference.to_string()).collect();
    assert_eq!(customers.len(), 2, "{customers:?}");
    assert_eq!(users(&api), BTreeSet::from(USERS.map(str::to_owned)));
}

/// What one account cannot be asked with is no trouble of the other.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_its_part_of_the_secret_keeps_no_other_from_being_read() {
    let api = Api::open("authorization", "Bearer one").await;
    let world = World::two("salesforce", ORGANIZATIONS, api.url()).await;
    put_secret(&world, &ORGANIZATIONS[1..]).await;
    let token = json!({"access_token": "one", "token_type": "Bearer"});
    api.answers(TOKEN, 200, token);
    api.answers(QUERY, 200, fixture("salesforce/query-answer.json"));
    world.pull.sources().await.expect("a run");
    let deals = deals(&world.take().await);
    assert!(!deals.is_empty(), "the second is read");
    let second = |deal: &domain::event::Deal| deal.reference.account() == ORGANIZATIONS[1];
    assert!(deals.iter().all(second));
}

async fn put_secret(world: &World, organizations: &[&str]) {
    let api = |user: &str| {
        json!({"api": {
            "client_id": "consumer", "user": user, "private_key": private_key(),
            "places": {"mydomain": "firm"},
        }})
    };
    let of = |organization: &&str| match **organization == *ORGANIZATIONS[0] {
        true => ((*organization).to_owned(), api(USERS[0])),
        false => ((*organization).to_owned(), api(USERS[1])),
    };
    let accounts: serde_json::Map<String, Value> = organizations.iter().map(of).collect();
    let document = json!({ "accounts": accounts }).to_string();
    world.put_secret("salesforce", &document).await;
}

/// For whom tokens were asked, by the assertions that were sent.
fn users(api: &Api) -> BTreeSet<String> {
    let state = api.state();
    let asked = state.asked.iter().filter(|(asked, _)| asked == TOKEN);
    let user = |(_, body): &(String, String)| {
        let (_, assertion) = body.split_once("assertion=").expect("an assertion");
        let claims = assertion.split('.').nth(1).expect("its claims");
        let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        claims["sub"].as_str().expect("a user").to_owned()
    };
    asked.map(user).collect()
}

/// Its description knows no list, and nobody misses one.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_files_are_dropped_is_not_asked_and_nobody_else_either() {
    let api = Api::open("authorization", "Bearer one").await;
    let world = World::of("psa", "generic", "north", api.url()).await;
    world.pull.sources().await.expect("a run");
    assert_eq!(api.state().asked.len(), 0);
    assert!(
        world
            .questions_about("generic", "north", "record")
            .await
            .is_empty()
    );
}
