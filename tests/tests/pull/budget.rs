//! One budget for all functions: who pulls, who fetches and who tells ask an account together, leave it
//! alone together, and tell people once.

use std::collections::BTreeMap;
use std::time::Duration;

use aws::{FeedbackDue, Ledger};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::delivery::{DELIVERY_VERSION, Delivery};
use domain::event::{Event, InvoiceStatus};
use domain::{Reference, Version};
use jiff::SignedDuration;
use serde_json::{Value, json};
use source_account::What;
use sources::{ApiRequest, LEFT, PULLED};
use tests::large_stack::on_a_large_stack;

use crate::api::Api;
use crate::event;
use crate::world::{World, at};

pub const PORTAL: &str = "48807704";

pub fn deal(id: &str) -> Value {
    json!({
        "id": id, "createdAt": "2026-11-01T08:00:00.000Z", "updatedAt": "2026-11-20T10:00:00.123Z",
        "archived": false, "associations": null,
        "properties": {"dealname": "Data platform", "dealstage": "closedwon",
            "amount": "48600", "hs_object_id": id},
    })
}

/// A firm with HubSpot, whose API knows two deals.
pub async fn firm() -> (Api, World) {
    let api = Api::open("authorization", "Bearer first").await;
    let world = World::of("crm", "hubspot", PORTAL, api.url()).await;
    put_token(&world, "first").await;
    for id in ["98", "99"] {
        api.answers(&format!("GET /crm/v3/objects/deals/{id}"), 200, deal(id));
        api.answers(&format!("PATCH /crm/v3/objects/deals/{id}"), 200, json!({}));
    }
    let list = json!({"total": 0, "results": []});
    api.answers("POST /crm/v3/objects/deals/search", 200, list);
    (api, world)
}

async fn put_token(world: &World, token: &str) {
    let secret = json!({"client_secrets": ["s"], "access_token": token});
    world.put_secret("hubspot", &secret.to_string()).await;
}

pub fn delivery(source: &str, account: &str, body: &Value) -> String {
    let delivery = Delivery {
        v: DELIVERY_VERSION,
        id: "d-1".to_owned(),
        source: source.to_owned(),
        account: account.to_owned(),
        received_at: at(0),
        headers: BTreeMap::new(),
        body: BASE64_STANDARD.encode(body.to_string()),
    };
    serde_json::to_string(&delivery).expect("JSON")
}

/// A webhook that says that two deals have changed.
pub fn webhook() -> String {
    let one = |id: u64| {
        json!({"eventId": id, "subscriptionId": 1, "portalId": 48_807_704, "appId": 1,
            "occurredAt": 1_795_348_800_000_u64, "subscriptionType": "deal.propertyChange",
            "attemptNumber": 0, "objectId": id, "propertyName": "dealstage",
            "propertyValue": "closedwon", "changeSource": "CRM_UI", "sourceId": "userId:1"})
    };
    delivery("hubspot", PORTAL, &json!([one(98), one(99)]))
}

/// Something to tell: an invoice of deal 99 that was seen in Odoo.
pub async fn something_to_tell(world: &World) -> String {
    let invoice = Reference::new("hubspot", PORTAL, "invoice", "99/1");
    let seen = Event::InvoiceStatus(InvoiceStatus {
        invoice: invoice.clone(),
        version: Version::at(at(0)),
        number: "INV/2026/00001".to_owned(),
        payment_state: "paid".to_owned(),
        total: "100".parse().expect("a number"),
        residual: "0".parse().expect("a number"),
        currency: "USD".to_owned(),
    });
    let events = serde_json::to_value([seen]).expect("JSON");
    handled(world, &delivery("odoo", "firm", &events)).await;
    let due = FeedbackDue::new(invoice.sibling("invoice_status"));
    serde_json::to_string(&due).expect("JSON")
}

/// What `validate` does with a message; it is done with it, whatever waits.
pub async fn handled(world: &World, body: &str) {
    let response = world.validate().handle(event(body)).await;
    assert!(response.batch_item_failures.is_empty(), "it is done with");
}

async fn told(world: &World, body: &str) {
    let response = world.tell().handle(event(body)).await;
    assert!(response.batch_item_failures.is_empty(), "it is done with");
}

/// The message that came back to the deliveries: it names what is left.
async fn left(world: &World) -> String {
    let mut taken = world.take().await;
    assert_eq!(taken.len(), 1, "one message comes back");
    let delivery = taken.remove(0);
    assert_eq!(delivery.headers[PULLED], LEFT);
    assert_eq!(delivery.id, "d-1", "it is the same story");
    serde_json::to_string(&delivery).expect("JSON")
}

async fn come_back(world: &World) -> String {
    let mut taken = world.take_from(&world.feedback).await;
    assert_eq!(taken.len(), 1, "one message comes back");
    taken.remove(0)
}

pub async fn is_known(world: &World, deal: &str) -> bool {
    let ledger = Ledger::new(&world.connection, &world.ledger);
    let deal = Reference::new("hubspot", PORTAL, "deal", deal);
    let versions = ledger.versions(&deal).await.expect("versions");
    let exceptions = aws::Exceptions::new(&world.connection, &world.exceptions);
    let asked = exceptions.of(&deal).await.expect("exceptions");
    !versions.is_empty() || !asked.is_empty()
}

#[test]
fn after_429_no_function_asks_before_its_time_and_nothing_is_lost() {
    on_a_large_stack(async || {
        let (api, world) = firm().await;
        let tell = something_to_tell(&world).await;
        api.state().instead = Some((429, Some(30)));
        handled(&world, &webhook()).await;
        assert_eq!(api.state().asked.len(), 1, "the first one finds out");
        assert_eq!(world.delays.take(), [31]);
        api.state().instead = None;
        let deals = left(&world).await;
        world.wait(SignedDuration::from_secs(27));
        // Whoever comes meanwhile finds it out without asking.
        handled(&world, &deals).await;
        told(&world, &tell).await;
        world.pull.sources().await.expect("a run");
        assert_eq!(api.state().asked.len(), 1, "nobody asks inside the window");
        assert_eq!(world.delays.take(), [4, 4]);
        let (deals, tell) = (left(&world).await, come_back(&world).await);
        world.wait(SignedDuration::from_secs(3));
        handled(&world, &deals).await;
        told(&world, &tell).await;
        world.pull.sources().await.expect("a run");
        assert_eq!(api.count("PATCH /crm/v3/objects/deals/99"), 1);
        assert_eq!(api.count("POST /crm/v3/objects/deals/search"), 1);
        assert_eq!(api.count("GET /crm/v3/objects/deals/98"), 2);
        assert_eq!(api.count("GET /crm/v3/objects/deals/99"), 1);
        assert!(is_known(&world, "98").await && is_known(&world, "99").await);
        let questions = world.questions_about("hubspot", PORTAL, "deal").await;
        assert!(questions.is_empty(), "nobody is asked: {questions:?}");
    });
}

#[test]
fn a_wait_that_is_told_as_a_date_is_kept_by_all_until_then() {
    on_a_large_stack(async || {
        let (api, world) = firm().await;
        api.state().instead = Some((503, None));
        // By the vendor's own clock, which is an hour ahead.
        api.state().says = vec![
            ("date", "Sun, 22 Nov 2026 13:00:00 GMT".to_owned()),
            ("retry-after", "Sun, 22 Nov 2026 13:10:00 GMT".to_owned()),
        ];
        handled(&world, &webhook()).await;
        assert_eq!(world.delays.take(), [601]);
        api.state().instead = None;
        let deals = left(&world).await;
        world.pass(9);
        world.pull.sources().await.expect("a run");
        handled(&world, &deals).await;
        assert_eq!(api.state().asked.len(), 1, "nobody asks before that");
        let deals = left(&world).await;
        world.pass(1);
        handled(&world, &deals).await;
        assert!(is_known(&world, "98").await && is_known(&world, "99").await);
    });
}

#[test]
fn a_refused_access_is_one_question_whoever_asks_and_what_waits_goes_on() {
    on_a_large_stack(async || {
        let (api, world) = firm().await;
        let tell = something_to_tell(&world).await;
        api.state().proof.1 = "Bearer second".to_owned();
        handled(&world, &webhook()).await;
        told(&world, &tell).await;
        world.pull.sources().await.expect("a run");
        assert_eq!(api.state().asked.len(), 3, "each purpose finds out once");
        assert_eq!(world.delays.take(), [301, 301]);
        let (mut deals, mut tell) = (left(&world).await, come_back(&world).await);
        for _ in 0..4 {
            world.pass(1);
            handled(&world, &deals).await;
            told(&world, &tell).await;
            (deals, tell) = (left(&world).await, come_back(&world).await);
        }
        assert_eq!(api.state().asked.len(), 3, "tried every five minutes");
        let questions = world.questions_about("hubspot", PORTAL, "deal").await;
        let said: Vec<_> = questions.iter().map(|one| one.sentence.as_str()).collect();
        assert_eq!(said, ["HubSpot does not accept our access"]);
        assert_eq!(questions[0].items, ["fetch: HTTP 401"]);
        assert_eq!(questions[0].owner, "operations");
        put_token(&world, "second").await;
        world.pass(5);
        handled(&world, &deals).await;
        let open = world.questions_about("hubspot", PORTAL, "deal").await;
        assert_eq!(open.len(), 1, "two others have not seen it work");
        told(&world, &tell).await;
        world.pull.sources().await.expect("a run");
        let open = world.questions_about("hubspot", PORTAL, "deal").await;
        assert!(open.is_empty(), "it closes itself: {open:?}");
        assert!(is_known(&world, "98").await && is_known(&world, "99").await);
        assert_eq!(api.count("PATCH"), 2, "told once, and refused once");
    });
}

#[test]
fn trouble_with_one_record_holds_up_no_other_and_comes_again() {
    on_a_large_stack(async || {
        let (api, world) = firm().await;
        api.answers("GET /crm/v3/objects/deals/98", 500, json!({}));
        let response = world.validate().handle(event(&webhook())).await;
        assert_eq!(response.batch_item_failures.len(), 1, "it is tried again");
        assert!(is_known(&world, "99").await && !is_known(&world, "98").await);
        assert!(world.take().await.is_empty(), "nothing is left over");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn three_requests_at_once_are_three_whoever_sends_them() {
    let api = Api::open("username", "u").await;
    let world = World::of("psa", "autotask", "acme", api.url()).await;
    let headers = json!({"UserName": "u", "Secret": "s", "ApiIntegrationCode": "c"});
    let secret = json!({"api": {"headers": headers, "places": {"zone": "webservices5"}}});
    world.put_secret("autotask", &secret.to_string()).await;
    api.answers("GET /v1.0/Companies", 200, json!({}));
    api.state().takes = Duration::from_millis(400);
    let facts = &sources::source("autotask").expect("a source").facts;
    let ask = async || {
        // Each is a function of its own.
        let accounts = world.accounts();
        let account = accounts.open(facts, "acme", "fetch", What::Records).await;
        let request = ApiRequest {
            method: "GET",
            path_and_query: "/v1.0/Companies".to_owned(),
            body: None,
        };
        let answered = account.expect("an account").ask(&request).await;
        answered.map(|answered| answered.answer.status)
    };
    let all = tokio::join!(ask(), ask(), ask(), ask(), ask());
    let (one, two, three, four, five) = all;
    for status in [one, two, three, four, five] {
        assert_eq!(status.expect("after a short wait"), 200);
    }
    assert_eq!(api.state().most_at_once, 3);
}
