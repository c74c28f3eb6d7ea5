//! The lists of the demo's CRM and PSA, asked for as their vendors want it.

use std::collections::BTreeMap;

use cli::standin::connectwise::{ConnectWise, Project, TimeEntry};
use cli::standin::hubspot::{HubSpot, Kind};
use domain::Reference;
use domain::book::Book;
use domain::delivery::Delivery;
use domain::event::Event;
use serde_json::json;
use sources::{Message, Reading};

use crate::world::{BOOK, World};

/// What validate would read in a delivery.
fn readings(delivery: &Delivery) -> Vec<Reading> {
    use base64::Engine as _;
    let body = base64::prelude::BASE64_STANDARD.decode(&delivery.body);
    let headers: &BTreeMap<String, String> = &delivery.headers;
    let message = Message {
        account: &delivery.account,
        received_at: delivery.received_at,
        headers,
        body: &body.expect("base64"),
    };
    let source = sources::source(&delivery.source).expect("a source");
    let book = Book::parse(BOOK).expect("a book");
    sources::read(source, &book, &message).expect("it is read")
}

#[tokio::test(flavor = "multi_thread")]
async fn deals_projects_and_time_of_which_no_webhook_told_are_found() {
    let hubspot = HubSpot::new(48_807_704, "invented-access-token");
    let connectwise = ConnectWise::new("Cobalt", "invented-client-id", "invented-key");
    let urls = (
        hubspot.serve().await.expect("a port"),
        connectwise.serve().await.expect("a port"),
    );
    let world = World::demo(&urls.0, &urls.1).await;
    let secret = json!({"client_secrets": ["s"], "access_token": "invented-access-token"});
    world.put_secret("hubspot", &secret.to_string()).await;
    let secret = json!({
        "company_id": "Cobalt", "public_key": "p", "private_key": "q", "client_id": "invented-client-id",
    });
    world.put_secret("connectwise", &secret.to_string()).await;
    for deal in 1..=205 {
        hubspot.put(
            Kind::Deals,
            &deal.to_string(),
            &[("dealname", Some("Acme"))],
        );
    }
    let project = Project::new(77, "Acme data platform", None);
    connectwise.keep_project(&project);
    let day = jiff::civil::date(2026, 11, 20);
    for id in 501..=760 {
        let entry = TimeEntry::new(
            id,
            &project,
            day,
            "AConsultant",
            "Senior Consultant",
            "8.00",
        );
        connectwise.keep(&entry);
    }
    world.pull.sources().await.expect("a run");
    let (mut deals, mut entries, mut projects) = (Vec::new(), Vec::new(), Vec::new());
    for reading in world.take().await.iter().flat_map(readings) {
        match reading {
            Reading::Fetch(fetch) => deals.push(fetch.reference),
            Reading::Event(Event::TimeEntry(entry)) => entries.push(entry.reference),
            Reading::Event(Event::Project(project)) => projects.push(project.reference),
            other => panic!("{other:?}"),
        }
    }
    let named = |system, account, entity, ids: std::ops::RangeInclusive<u64>| {
        let one = |id: u64| Reference::new(system, account, entity, id.to_string());
        let mut all: Vec<Reference> = ids.map(one).collect();
        all.sort_by_key(ToString::to_string);
        all
    };
    deals.sort_by_key(ToString::to_string);
    entries.sort_by_key(ToString::to_string);
    assert_eq!(projects, named("connectwise", "Cobalt", "project", 77..=77));
    assert_eq!(deals, named("hubspot", "48807704", "deal", 1..=205));
    assert_eq!(
        entries,
        named("connectwise", "Cobalt", "time_entry", 501..=760)
    );
}
