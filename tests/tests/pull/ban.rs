//! A vendor that sends nothing for a while: what changed meanwhile is found by the next scheduled pull,
//! once, also when its webhook comes late after all.

use std::collections::BTreeMap;

use aws::{Exceptions, Ledger};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::delivery::{DELIVERY_VERSION, Delivery};
use domain::{Reference, State, Version};
use jiff::Timestamp;
use serde_json::{Value, json};
use tests::large_stack::on_a_large_stack;

use crate::api::Api;
use crate::lists::pipedrive;
use crate::validate_all;
use crate::world::{World, at};

fn delivery(source: &str, account: &str, body: &Value) -> Delivery {
    Delivery {
        v: DELIVERY_VERSION,
        id: "webhook".to_owned(),
        source: source.to_owned(),
        account: account.to_owned(),
        received_at: at(0),
        headers: BTreeMap::new(),
        body: BASE64_STANDARD.encode(body.to_string()),
    }
}

/// Every version that the ledger has of a fact, with its state and what brought it.
async fn versions(world: &World, fact: &Reference) -> Vec<(Version, State, String)> {
    let ledger = Ledger::new(&world.connection, &world.ledger);
    let versions = ledger.versions(fact).await.expect("versions");
    let seen = versions.into_iter();
    seen.map(|one| (one.version, one.state, one.correlation))
        .collect()
}

/// One minute of the schedule, up to the ledger: how many deliveries it brought.
async fn minute(world: &World) -> usize {
    world.pass(1);
    world.pull.sources().await.expect("a run");
    let pulled = world.take().await;
    validate_all(world, &pulled).await;
    pulled.len()
}

const DEALS: &str = "GET /api/v2/deals?updated_since=";

/// Pipedrive has deal 99 since then, alone and in its list.
fn deal_is(api: &Api, value: u32, changed: Timestamp) {
    let text = tests::file("shared/sources/fixtures/pipedrive/answers.json");
    let parts: Value = serde_json::from_str(&text).expect("JSON");
    let mut deal = parts["deal"].clone();
    deal["data"]["value"] = json!(value);
    deal["data"]["update_time"] = json!(changed);
    let list =
        json!({"success": true, "data": [deal["data"]], "additional_data": {"next_cursor": null}});
    api.answers(DEALS, 200, list);
    api.answers("GET /api/v2/deals/99", 200, deal);
    for (path, part) in [
        ("deals/99/products", "products"),
        ("organizations/31", "organization"),
        ("persons/41", "person"),
    ] {
        api.answers(&format!("GET /api/v2/{path}"), 200, parts[part].clone());
    }
}

fn deal_changed(at: Timestamp) -> Delivery {
    let text = tests::file("shared/sources/fixtures/pipedrive/deal-changed.json");
    let mut body: Value = serde_json::from_str(&text).expect("JSON");
    body["meta"]["company_id"] = json!("123");
    body["meta"]["timestamp"] = json!(at);
    delivery("pipedrive", "123", &body)
}

#[test]
fn a_change_during_pipedrives_ban_is_in_the_ledger_after_one_tick_and_once() {
    on_a_large_stack(async || {
        let (api, world) = pipedrive().await;
        deal_is(&api, 26_000, at(-10));
        minute(&world).await;
        validate_all(&world, &[deal_changed(at(-10))]).await;
        let deal = Reference::new("pipedrive", "123", "deal", "99");
        let before = versions(&world, &deal).await;
        assert_eq!(before.len(), 1, "{before:?}");
        assert_eq!(before[0].0, Version::at(at(-10)));
        // Ten first tries failed: for half an hour nothing is sent, and what happens is lost.
        deal_is(&api, 27_000, at(15));
        let lists = api.count(DEALS);
        for _ in 0..59 {
            assert_eq!(minute(&world).await, 0, "it is asked once an hour");
        }
        assert_eq!(api.count(DEALS), lists);
        minute(&world).await;
        assert_eq!(api.count(DEALS), lists + 1);
        let after = versions(&world, &deal).await;
        assert_eq!(after.len(), 2, "{after:?}");
        assert_eq!(after[0].0, Version::at(at(15)));
        assert_ne!(after[0].2, "webhook", "the pull has found it");
        // Its webhook after all, and once more.
        validate_all(&world, &[deal_changed(at(15)), deal_changed(at(15))]).await;
        assert_eq!(versions(&world, &deal).await, after);
        assert!(
            questions(&world, &deal)
                .await
                .iter()
                .all(|code| code != "version_conflict")
        );
    });
}

async fn questions(world: &World, fact: &Reference) -> Vec<String> {
    let exceptions = Exceptions::new(&world.connection, &world.exceptions);
    let open = exceptions.of(fact).await.expect("exceptions");
    open.into_iter().map(|one| one.code).collect()
}

/// A whole record in each message, and no webhook for it.
#[test]
fn a_change_of_which_no_webhook_told_is_in_the_ledger_after_one_tick_and_once() {
    on_a_large_stack(async || {
        let api = Api::open("clientid", "our-client").await;
        let world = World::of("psa", "connectwise", "Cobalt", api.url()).await;
        let secret = json!({"company_id": "Cobalt", "public_key": "p", "private_key": "q",
            "client_id": "our-client"});
        world.put_secret("connectwise", &secret.to_string()).await;
        api.answers("GET /project/projects", 200, json!([]));
        let entry = |hours: u32, changed: Timestamp| {
            json!({"id": 501, "member": {"identifier": "AConsultant"}, "status": "ApprovedByTierTwo",
                "workRole": {"name": "Senior Consultant"}, "timeStart": "2026-11-19T15:00:00Z",
                "actualHours": hours, "hoursBilled": hours, "agreementHours": 0, "billableOption": "Billable",
                "project": {"id": 77}, "_info": {"lastUpdated": changed}})
        };
        let webhook = |record: &Value| {
            let body = json!({"Action": "updated", "CompanyId": "Cobalt", "ID": 501, "Type": "time",
                "MessageId": "824d99d2-33c0-4c56-9ded-d99d895a90e3", "Entity": record.to_string()});
            delivery("connectwise", "Cobalt", &body)
        };
        let fact = Reference::new("connectwise", "Cobalt", "time_entry", "501");
        let (first, second) = (entry(7, at(-10)), entry(6, at(15)));
        api.answers("GET /time/entries", 200, json!([]));
        minute(&world).await;
        validate_all(&world, &[webhook(&first)]).await;
        api.answers("GET /time/entries", 200, json!([second]));
        for _ in 0..60 {
            minute(&world).await;
        }
        let after = versions(&world, &fact).await;
        let known: Vec<_> = after
            .iter()
            .map(|(version, state, _)| (*version, *state))
            .collect();
        let expected = [
            (Version::at(at(15)), State::Waiting),
            (Version::at(at(-10)), State::Superseded),
        ];
        assert_eq!(known, expected);
        // The webhook comes late; the genuine older one is sent again, as a replay would.
        validate_all(&world, &[webhook(&second), webhook(&first)]).await;
        assert_eq!(versions(&world, &fact).await, after);
        assert_eq!(questions(&world, &fact).await, [""; 0]);
    });
}
