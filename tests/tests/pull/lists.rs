//! The lists of Salesforce, Autotask and Pipedrive, each read by its own `read`.

use std::collections::BTreeMap;

use aws::{Exceptions, Ledger};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::Reference;
use domain::book::Book;
use domain::delivery::{DELIVERY_VERSION, Delivery};
use domain::event::{Deal, Event, TimeEntry};
use serde_json::{Value, json};
use sources::{Message, Reading};
use tests::large_stack::on_a_large_stack;

use crate::api::Api;
use crate::validate_all;
use crate::world::{BOOK, World};

/// A fixture of the sources' own tests.
pub fn fixture(file: &str) -> Value {
    let text = tests::file(&format!("shared/sources/fixtures/{file}"));
    serde_json::from_str(&text).expect("JSON")
}

/// What validate would read in a delivery.
pub fn readings(delivery: &Delivery) -> Vec<Reading> {
    let body = BASE64_STANDARD.decode(&delivery.body).expect("base64");
    let headers: &BTreeMap<String, String> = &delivery.headers;
    let message = Message {
        account: &delivery.account,
        received_at: delivery.received_at,
        headers,
        body: &body,
    };
    let source = sources::source(&delivery.source).expect("a source");
    let book = Book::parse(BOOK).expect("a book");
    sources::read(source, &book, &message).expect("it is read")
}

pub fn deals(deliveries: &[Delivery]) -> Vec<Deal> {
    let deal = |reading| match reading {
        Reading::Event(Event::Deal(deal)) => *deal,
        other => panic!("{other:?}"),
    };
    deliveries.iter().flat_map(readings).map(deal).collect()
}

fn entries(deliveries: &[Delivery]) -> Vec<TimeEntry> {
    let entry = |reading| match reading {
        Reading::Event(Event::TimeEntry(entry)) => *entry,
        other => panic!("{other:?}"),
    };
    deliveries.iter().flat_map(readings).map(entry).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn salesforces_opportunities_come_whole_over_all_pages_of_a_query() {
    let (api, world) = crate::tokens::firm().await;
    let first = fixture("salesforce/query-answer.json");
    let mut second = first.clone();
    second["records"][0]["Id"] = json!("0067F000003pmdXQAQ");
    let next = "/services/data/v63.0/query/01gD0000002HU6KIAW-2000";
    let mut page = first.clone();
    page["done"] = json!(false);
    page["nextRecordsUrl"] = json!(next);
    api.answers("GET /services/data/v63.0/query?q=SELECT", 200, page);
    api.answers(&format!("GET {next}"), 200, second);
    world.pull.sources().await.expect("a run");
    let deals = deals(&world.take().await);
    let ids: Vec<_> = deals.iter().map(|deal| deal.reference.id()).collect();
    assert_eq!(ids, ["0067F000003pmdWQAQ", "0067F000003pmdXQAQ"]);
    for deal in &deals {
        assert_eq!(deal.lines.len(), 2);
        assert!(deal.customer.is_some() && deal.billing_contact.is_some());
        assert_eq!(deal.purchase_order.as_deref(), Some("PO-77"));
    }
    // A quarter of the day in which an outbound message is sent again.
    world.pass(6 * 60);
    world.pull.sources().await.expect("a run");
    let asked = api.state().asked.clone();
    let queries = asked
        .iter()
        .filter(|(asked, _)| asked.contains("?q=SELECT"));
    let since = "SystemModstamp%20%3E%3D%202026-11-22T00%3A00%3A00Z%20ORDER";
    let since = queries.filter(|(asked, _)| asked.contains(since));
    assert_eq!(since.count(), 2, "never before the start");
    assert!(
        world
            .questions_about("salesforce", "00D7F00000107Xs", "deal")
            .await
            .is_empty()
    );
}

#[test]
fn what_salesforce_only_names_is_asked_for_whole_in_the_shape_of_its_list() {
    on_a_large_stack(async || {
        let (api, world) = crate::tokens::firm().await;
        let one = "GET /services/data/v63.0/query?q=SELECT";
        api.answers(one, 200, fixture("salesforce/query-answer.json"));
        let message = tests::file("shared/sources/fixtures/salesforce/outbound-message.xml");
        let delivery = Delivery {
            v: DELIVERY_VERSION,
            id: "d-1".to_owned(),
            source: "salesforce".to_owned(),
            account: "00D7F00000107Xs".to_owned(),
            received_at: crate::world::at(0),
            headers: BTreeMap::new(),
            body: BASE64_STANDARD.encode(message),
        };
        let ledger = validate_all(&world, &[delivery]).await;
        let asked = api.state().asked.clone();
        let query = asked.last().expect("a query").0.clone();
        let which = "WHERE%20Id%20%3D%20%270067F000003pmdWQAQ%27";
        assert!(query.starts_with(one) && query.ends_with(which), "{query}");
        let deal = "0067F000003pmdWQAQ";
        let deal = Reference::new("salesforce", "00D7F00000107Xs", "deal", deal);
        let exceptions = Exceptions::new(&world.connection, &world.exceptions);
        let is_known = !ledger.versions(&deal).await.expect("versions").is_empty()
            || !exceptions.of(&deal).await.expect("exceptions").is_empty();
        assert!(is_known, "it was judged");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn autotasks_time_comes_with_the_projects_of_its_tasks_over_all_pages() {
    let api = Api::open("apiintegrationcode", "code").await;
    let world = World::of("psa", "autotask", "acme", api.url()).await;
    let headers = json!({"UserName": "u", "Secret": "s", "ApiIntegrationCode": "code"});
    let secret = json!({"api": {"headers": headers, "places": {"zone": "webservices5"}}});
    world.put_secret("autotask", &secret.to_string()).await;
    let mut first = fixture("autotask/time-entries.json");
    first.as_object_mut().expect("an object").remove("tasks");
    let mut second = first.clone();
    for entry in second["items"].as_array_mut().expect("a list") {
        entry["id"] = json!(entry["id"].as_u64().expect("a number") + 100);
    }
    let next = "/v1.0/TimeEntries/query/next?paging=%7B%22pageSize%22%3A500%7D";
    first["pageDetails"]["nextPageUrl"] = json!(format!("{}{next}", api.url()));
    api.answers("GET /v1.0/TimeEntries/query?search=", 200, first);
    api.answers(&format!("GET {next}"), 200, second);
    let tasks = json!({"items": [{"id": 7734, "projectID": 77}, {"id": 1, "projectID": 9}]});
    api.answers("POST /v1.0/Tasks/query", 200, tasks);
    world.pull.sources().await.expect("a run");
    let entries = entries(&world.take().await);
    let ids: Vec<_> = entries.iter().map(|entry| entry.reference.id()).collect();
    assert_eq!(ids, ["501", "502", "503", "601", "602", "603"]);
    let project = Reference::new("autotask", "acme", "project", "77");
    let of_tasks = entries
        .iter()
        .filter(|entry| entry.project == Some(project.clone()));
    assert_eq!(of_tasks.count(), 4, "a ticket's has none");
    let asked = api.state().asked.clone();
    let search = asked[0].0.split_once("search=").expect("a search").1;
    let either = [
        "lastModifiedDateTime",
        "billingApprovalDateTime",
        "2026-11-22T00%3A00%3A00Z",
    ];
    assert!(either.iter().all(|word| search.contains(word)), "{search}");
    let body: Value = serde_json::from_str(&asked[1].1).expect("JSON");
    assert_eq!(body["filter"][0]["value"], json!([7734]));
    assert!(
        world
            .questions_about("autotask", "acme", "time_entry")
            .await
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn harvests_projects_and_expenses_are_lists_of_their_own() {
    let world = World::open().await;
    for (list, file) in [("projects", "projects"), ("expenses", "expenses")] {
        let records = fixture(&format!("harvest/{file}.json"))[list].clone();
        let records = records.as_array().expect("a list").clone();
        world
            .vendor
            .state()
            .further
            .insert(list.to_owned(), records);
    }
    world.add([501], crate::world::at(-20));
    world.pull.sources().await.expect("a run");
    let named = |reading: Reading| match reading {
        Reading::Event(event) => {
            format!("{} {}", event.reference().entity(), event.reference().id())
        }
        other => panic!("{other:?}"),
    };
    let taken = world.take().await;
    let read: Vec<String> = taken.iter().flat_map(readings).map(named).collect();
    let expected = ["time_entry 501", "project 14307913", "expense 15297032"];
    assert_eq!(read, expected);
    for list in ["time_entry", "project", "expense"] {
        let questions = world.questions_about("harvest", "4711", list).await;
        assert!(questions.is_empty(), "{questions:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_fails_keeps_no_other_list_of_its_source_from_being_read() {
    let api = Api::open("clientid", "our-client").await;
    let world = World::of("psa", "connectwise", "Cobalt", api.url()).await;
    let secret = json!({"company_id": "Cobalt", "public_key": "p", "private_key": "q",
        "client_id": "our-client"});
    world.put_secret("connectwise", &secret.to_string()).await;
    let project = json!({"id": 77, "name": "Data platform", "customFields": [],
        "_info": {"lastUpdated": "2026-11-22T10:00:00Z", "updatedBy": "BArchitect"}});
    api.answers(
        "GET /time/entries",
        400,
        json!({"code": "InvalidCondition"}),
    );
    api.answers("GET /project/projects", 200, json!([project]));
    world.pull.sources().await.expect("a run");
    let taken = world.take().await;
    let of_project = |reading: Reading| match reading {
        Reading::Event(Event::Project(project)) => project.reference.id().to_owned(),
        other => panic!("{other:?}"),
    };
    let projects: Vec<String> = taken.iter().flat_map(readings).map(of_project).collect();
    assert_eq!(projects, ["77"]);
    let about = async |list| world.questions_about("connectwise", "Cobalt", list).await;
    let (time, projects) = (about("time_entry").await, about("project").await);
    assert_eq!(time.len(), 1);
    assert_eq!(time[0].items, ["it refused the request (HTTP 400)"]);
    assert!(projects.is_empty(), "each list has its own questions");
    // Each goes on from where it was itself.
    api.answers("GET /time/entries", 200, json!([]));
    world.pass(60);
    world.pull.sources().await.expect("a run");
    let asked = api.state().asked.clone();
    let since = |path: &str, time: &str| {
        let is_so = |(asked, _): &&(String, String)| asked.contains(path) && asked.contains(time);
        asked.iter().filter(is_so).count()
    };
    assert_eq!(since("/time/entries", "2026-11-22T00%3A00%3A00Z"), 2);
    assert_eq!(since("/project/projects", "2026-11-22T09%3A55%3A00Z"), 1);
    assert!(about("time_entry").await.is_empty(), "it closes itself");
}

/// A firm with Pipedrive, which answers nothing yet.
pub async fn pipedrive() -> (Api, World) {
    let api = Api::open("x-api-token", "token").await;
    let world = World::of("crm", "pipedrive", "123", api.url()).await;
    let access = json!({"headers": {"x-api-token": "token"}, "places": {"company": "firm"}});
    let secret = json!({ "api": access });
    world.put_secret("pipedrive", &secret.to_string()).await;
    (api, world)
}

#[test]
fn pipedrives_deals_are_hints_that_are_fetched_with_all_that_belongs_to_them() {
    on_a_large_stack(async || {
        let (api, world) = pipedrive().await;
        let parts = fixture("pipedrive/answers.json");
        let row = parts["deal"]["data"].clone();
        let mut last = row.clone();
        last["id"] = json!(98);
        let page = |row: Value, next: Value| json!({"success": true, "data": [row], "additional_data": {"next_cursor": next}});
        let begins = "GET /api/v2/deals?updated_since=2026-11-22T00%3A00%3A00Z&limit=500";
        api.answers(
            &format!("{begins}&cursor=mark"),
            200,
            page(last, Value::Null),
        );
        api.answers(begins, 200, page(row, json!("mark")));
        api.answers(
            "GET /api/v2/deals/99/products",
            200,
            parts["products"].clone(),
        );
        api.answers("GET /api/v2/deals/99", 200, parts["deal"].clone());
        api.answers(
            "GET /api/v2/organizations/31",
            200,
            parts["organization"].clone(),
        );
        api.answers("GET /api/v2/persons/41", 200, parts["person"].clone());
        world.pull.sources().await.expect("a run");
        let taken = world.take().await;
        let hint = |reading: Reading| match reading {
            Reading::Fetch(fetch) => fetch.reference.id().to_owned(),
            other => panic!("{other:?}"),
        };
        let hints: Vec<String> = taken.iter().flat_map(readings).map(hint).collect();
        assert_eq!(hints, ["99", "98"]);
        validate_all(&world, &taken).await;
        let deal = Reference::new("pipedrive", "123", "deal", "99");
        let ledger = Ledger::new(&world.connection, &world.ledger);
        let exceptions = Exceptions::new(&world.connection, &world.exceptions);
        let is_known = !ledger.versions(&deal).await.expect("versions").is_empty()
            || !exceptions.of(&deal).await.expect("exceptions").is_empty();
        assert!(is_known, "it was judged");
        assert_eq!(api.count("GET /api/v2/persons/41"), 1);
        assert_eq!(api.count("GET /api/v2/deals/98"), 2, "it is gone meanwhile");
        assert!(
            world
                .questions_about("pipedrive", "123", "deal")
                .await
                .is_empty()
        );
    });
}
