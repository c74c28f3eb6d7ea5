//! Events that a source lost on the way to us: a number that is left out, or the source's own word. The
//! account's lists are read from the start, once, and people are asked only where nobody reads them.

use std::collections::BTreeMap;

use aws::{Account, Ledger, Loss, Losses};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::delivery::{DELIVERY_VERSION, Delivery};
use domain::{Reference, State, Version};
use jiff::Timestamp;
use serde_json::{Value, json};
use tests::large_stack::on_a_large_stack;

use crate::api::Api;
use crate::validate_all;
use crate::world::{World, at};

const TICKETS: &str = "GET /v1.0/Tickets/query?search=";
const TIME: &str = "GET /v1.0/TimeEntries/query?search=";

/// A firm with Autotask, whose lists are empty but for one ticket that changed then.
async fn firm() -> (Api, World) {
    let api = Api::open("apiintegrationcode", "code").await;
    let world = World::of("psa", "autotask", "acme", api.url()).await;
    let headers = json!({"UserName": "u", "Secret": "s", "ApiIntegrationCode": "code"});
    let secret = json!({"api": {"headers": headers, "places": {"zone": "webservices5"}}});
    world.put_secret("autotask", &secret.to_string()).await;
    let page = |items: Value| json!({"items": items, "pageDetails": {"nextPageUrl": null}});
    api.answers(TIME, 200, page(json!([])));
    ticket_is(&api, at(-20));
    world.pull.sources().await.expect("a run");
    world.take().await;
    api.state().asked.clear();
    (api, world)
}

/// The ticket as the API shows it, in its list and alone.
fn ticket_is(api: &Api, changed: Timestamp) {
    let ticket = json!({"id": 7, "ticketNumber": "T20261122.0001", "status": 5, "lastActivityDate": changed});
    let page = json!({"items": [ticket], "pageDetails": {"nextPageUrl": null}});
    api.answers(TICKETS, 200, page);
}

/// A webhook of Autotask, as intake hands it on.
fn webhook(guid: &str, number: u64, action: &str, at: Timestamp) -> Delivery {
    let body = json!({"Action": action, "Guid": guid, "EntityType": "Ticket", "Id": 7,
        "Fields": {}, "EventTime": at, "SequenceNumber": number, "PersonID": 1});
    delivery("autotask", "acme", &format!("{guid}-{number}"), &body)
}

fn delivery(source: &str, account: &str, id: &str, body: &Value) -> Delivery {
    Delivery {
        v: DELIVERY_VERSION,
        id: id.to_owned(),
        source: source.to_owned(),
        account: account.to_owned(),
        received_at: at(0),
        headers: BTreeMap::new(),
        body: BASE64_STANDARD.encode(body.to_string()),
    }
}

/// Numbers of one webhook, in the order in which they come.
async fn come(world: &World, guid: &str, numbers: &[u64]) {
    let webhooks: Vec<Delivery> = numbers
        .iter()
        .map(|number| webhook(guid, *number, "Update", at(0)))
        .collect();
    validate_all(world, &webhooks).await;
}

async fn lost(world: &World, source: &str, account: &str) -> Option<Loss> {
    let losses = Losses::new(&world.connection, &world.control);
    losses
        .of(&self::account(source, account))
        .await
        .expect("a note")
}

fn account(source: &str, account: &str) -> Account {
    Account {
        source: source.to_owned(),
        account: account.to_owned(),
    }
}

/// How often a list was asked for from the start, and how often at all.
fn asked(api: &Api, list: &str) -> (usize, usize) {
    let state = api.state();
    let all = state.asked.iter().map(|(asked, _)| asked.as_str());
    let all: Vec<_> = all
        .filter(|asked| asked.starts_with(list) && asked.contains("gte"))
        .collect();
    let start = "2026-11-22T00%3A00%3A00Z";
    let from_the_start = all.iter().filter(|asked| asked.contains(start));
    (from_the_start.count(), all.len())
}

async fn tick(world: &World) {
    world.pass(1);
    world.pull.sources().await.expect("a run");
}

#[test]
fn a_number_that_is_left_out_reads_every_list_from_the_start_once() {
    on_a_large_stack(async || {
        let (api, world) = firm().await;
        come(&world, "a1", &[1, 2]).await;
        tick(&world).await;
        assert_eq!(asked(&api, TICKETS), (0, 0), "nothing is missing yet");
        come(&world, "a1", &[4]).await;
        let loss = lost(&world, "autotask", "acme").await.expect("a loss");
        assert_eq!(loss.what, "number 4 came after number 2 of a1");
        let lists: Vec<_> = loss.lists.iter().map(String::as_str).collect();
        assert_eq!(lists, ["ticket", "time_entry"]);
        // What comes after it has nothing missing before it; nor has the same when it comes again.
        come(&world, "a1", &[5, 4, 2]).await;
        let still = lost(&world, "autotask", "acme").await;
        assert_eq!(still.map(|loss| loss.number), Some(1), "it is told once");
        api.state().asked.clear();
        tick(&world).await;
        assert_eq!((asked(&api, TICKETS), asked(&api, TIME)), ((1, 1), (1, 1)));
        assert_eq!(world.take().await.len(), 1, "the ticket comes once more");
        assert_eq!(lost(&world, "autotask", "acme").await, None);
        tick(&world).await;
        assert_eq!(asked(&api, TICKETS), (1, 1), "and that was it");
        let questions = world.questions_about("autotask", "acme", "ticket").await;
        assert!(questions.is_empty(), "nobody is asked: {questions:?}");
    });
}

#[test]
fn a_late_number_is_older_and_not_applied_on_top() {
    on_a_large_stack(async || {
        let (api, world) = firm().await;
        let ticket = Reference::new("autotask", "acme", "ticket", "7");
        let ledger = Ledger::new(&world.connection, &world.ledger);
        let versions = async || {
            let all = ledger.versions(&ticket).await.expect("versions");
            let seen = all.iter().map(|one| (one.version, one.state));
            seen.collect::<Vec<_>>()
        };
        come(&world, "a1", &[1, 2]).await;
        ticket_is(&api, at(-5));
        validate_all(&world, &[webhook("a1", 4, "Update", at(-5))]).await;
        let before = versions().await;
        assert_eq!(before[0], (Version::at(at(-5)), State::Held));
        // Number 3 said that it was deleted; by number 4 it was there again.
        validate_all(&world, &[webhook("a1", 3, "Delete", at(-9))]).await;
        assert_eq!(versions().await, before);
        let loss = lost(&world, "autotask", "acme").await.expect("a loss");
        assert_eq!(loss.number, 1, "it is no second loss");
    });
}

#[test]
fn a_first_number_and_a_webhook_that_was_made_anew_leave_nothing_out() {
    on_a_large_stack(async || {
        let (_, world) = firm().await;
        come(&world, "a1", &[7, 8]).await;
        come(&world, "b2", &[1, 2]).await;
        come(&world, "a1", &[9]).await;
        assert_eq!(lost(&world, "autotask", "acme").await, None);
    });
}

#[test]
fn a_loss_during_a_reading_from_the_start_is_followed_by_another_one() {
    on_a_large_stack(async || {
        let (api, world) = firm().await;
        come(&world, "a1", &[1, 3]).await;
        // The tickets do not end within one run.
        let next = "/v1.0/Tickets/query/next";
        let ticket =
            |id| json!({"id": id, "ticketNumber": "T", "status": 5, "lastActivityDate": at(-20)});
        let page =
            |id, next: &Value| json!({"items": [ticket(id)], "pageDetails": {"nextPageUrl": next}});
        api.answers(TICKETS, 200, page(7, &json!(next)));
        api.answers(&format!("GET {next}"), 503, json!({}));
        tick(&world).await;
        let lists = async || {
            lost(&world, "autotask", "acme")
                .await
                .map(|loss| loss.lists)
        };
        assert_eq!(lists().await, Some(["ticket".to_owned()].into()));
        come(&world, "a1", &[5]).await;
        // Who read the list for the first loss says so too late.
        let losses = Losses::new(&world.connection, &world.control);
        let account = account("autotask", "acme");
        let first = losses.made_up_for(&account, 1, "ticket").await;
        first.expect("it is noted");
        api.answers(&format!("GET {next}"), 200, page(8, &Value::Null));
        api.state().asked.clear();
        tick(&world).await;
        assert_eq!(asked(&api, TICKETS), (0, 0), "it goes on where it stopped");
        assert!(lists().await.is_some_and(|lists| lists.contains("ticket")));
        tick(&world).await;
        assert_eq!(asked(&api, TICKETS), (1, 1), "and then once more");
        assert_eq!(lists().await, None);
    });
}

#[test]
fn events_that_salesforce_says_it_lost_read_its_list_from_the_start() {
    on_a_large_stack(async || {
        let (api, world) = crate::tokens::firm().await;
        world.pull.sources().await.expect("a run");
        let text = tests::file("shared/sources/fixtures/salesforce/gap-overflow.json");
        let gap: Value = serde_json::from_str(&text).expect("JSON");
        let account = "00D7F00000107Xs";
        validate_all(&world, &[delivery("salesforce", account, "d-1", &gap)]).await;
        let loss = lost(&world, "salesforce", account).await.expect("a loss");
        assert_eq!(loss.what, "Salesforce changed too much at once to say what");
        let before = api.count("GET /services/data/v63.0/query?q=");
        tick(&world).await;
        assert_eq!(api.count("GET /services/data/v63.0/query?q="), before + 1);
        assert_eq!(lost(&world, "salesforce", account).await, None);
        assert!(
            events_missed(&world, "salesforce", account)
                .await
                .is_empty()
        );
    });
}

#[test]
fn where_nobody_reads_the_lists_a_loss_is_one_question() {
    on_a_large_stack(async || {
        let (_, world) = firm().await;
        for number in [1, 3, 4, 6, 7] {
            let mut webhook = webhook("a1", number, "Create", at(0));
            // The book does not name this account.
            webhook.account = "other".to_owned();
            webhook.received_at = at(i64::try_from(number).expect("a minute"));
            let body = serde_json::to_string(&webhook).expect("JSON");
            world.validate().handle(crate::event(&body)).await;
        }
        let questions = events_missed(&world, "autotask", "other").await;
        assert_eq!(questions, ["number 6 came after number 4 of a1"]);
        assert_eq!(lost(&world, "autotask", "other").await, None);
    });
}

/// What people are asked about events that were lost.
async fn events_missed(world: &World, source: &str, account: &str) -> Vec<String> {
    let exceptions = aws::Exceptions::new(&world.connection, &world.exceptions);
    let about = Reference::new(source, account, "events", "missed");
    let open = exceptions.of(&about).await.expect("exceptions");
    open.into_iter().flat_map(|one| one.items).collect()
}
