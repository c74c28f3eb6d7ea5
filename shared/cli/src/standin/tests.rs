//! The stand-ins against the crate that reads the real vendors: two independent readings of the
//! same documentation have to meet.

use std::collections::BTreeMap;

use domain::NextStep;
use domain::book::Book;
use domain::event::{Approval, Deal, Event};
use domain::feedback::Feedback;
use rust_decimal::Decimal;
use sources::hubspot::deal_fetch::{DealFetch, FetchError, Fetching};
use sources::{
    ApiAnswer, ApiRequest, Message, Reading, Refusal, Request, SourceSecret, connectwise, hubspot,
    read, source, verify,
};

use super::connectwise::{Action, ConnectWise, HOST, Project, TimeEntry};
use super::hubspot::{HubSpot, Kind};
use super::{Webhook, demo, now};

const SECRET: &str = r#"{"client_secrets":["client secret"],"access_token":"token"}"#;
const URL: &str = "https://in.example.com/prod/hubspot/48807704";

fn book() -> Book {
    Book::parse(domain::book::DEMO).unwrap()
}

fn hubspot() -> HubSpot {
    let hubspot = HubSpot::new(demo::PORTAL, "token");
    demo::add_deal(&hubspot, "2026-11-22".parse().unwrap());
    hubspot
}

async fn send(base: &str, token: &str, request: &ApiRequest) -> ApiAnswer {
    let method = request.method.parse().unwrap();
    let url = format!("{base}{}", request.path_and_query);
    let sent = reqwest::Client::new()
        .request(method, url)
        .header("authorization", format!("Bearer {token}"))
        .body(request.body.clone().unwrap_or_default())
        .send()
        .await
        .unwrap();
    ApiAnswer {
        status: sent.status().as_u16(),
        body: sent.text().await.unwrap(),
    }
}

async fn fetch(base: &str, deal: &str) -> Result<Option<Deal>, FetchError> {
    let (mut fetch, mut requests) = DealFetch::start("48807704", deal, &book());
    loop {
        let mut answers = Vec::new();
        for request in &requests {
            answers.push(send(base, "token", request).await);
        }
        match fetch.next(answers)? {
            Fetching::Ask(next, more) => (fetch, requests) = (next, more),
            Fetching::Done(deal) => return Ok(Some(*deal)),
            Fetching::Gone => return Ok(None),
        }
    }
}

fn receive(
    name: &str,
    account: &str,
    secret: &str,
    webhook: &Webhook,
) -> Result<Vec<Reading>, Refusal> {
    let source = source(name).unwrap();
    let headers: BTreeMap<String, String> = webhook
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    let proofs = headers.iter().collect();
    let request = Request {
        account,
        method: "POST",
        public_url: URL,
        headers: &proofs,
        body: webhook.body.as_bytes(),
        now: now(),
    };
    let verified = verify(
        source,
        &request,
        &SourceSecret::parse(source, secret).unwrap(),
    )?;
    let message = Message {
        account,
        received_at: now(),
        headers: &headers,
        body: verified.body(),
    };
    Ok(read(source, &book(), &message).unwrap())
}

#[tokio::test]
async fn the_demos_deal_is_fetched_as_it_was_sold() {
    let hubspot = hubspot();
    let base = hubspot.serve().await.unwrap();
    let deal = fetch(&base, demo::DEAL).await.unwrap().unwrap();
    assert_eq!(deal.name, demo::DEAL_NAME);
    assert_eq!((&deal.legal_entity, &deal.purchase_order), (&None, &None));
    assert_eq!(deal.payment_terms.as_deref(), Some("Net 30"));
    let customer = deal.customer.unwrap();
    assert_eq!(customer.reference.id(), demo::COMPANY);
    assert_eq!(customer.country.as_deref(), Some("US"));
    assert_eq!(deal.billing_contact.unwrap().name.0, "Pat Payer");
    let due: Vec<Option<String>> = deal
        .lines
        .iter()
        .map(|l| l.due.map(|d| d.to_string()))
        .collect();
    let days = [
        None,
        None,
        Some("2026-11-01"),
        Some("2026-12-01"),
        Some("2027-01-01"),
    ];
    assert_eq!(due, days.map(|day| day.map(str::to_owned)));
    let sum: Decimal = deal
        .lines
        .iter()
        .map(|line| {
            let part = (Decimal::ONE_HUNDRED - line.discount_percent) / Decimal::ONE_HUNDRED;
            line.quantity * line.unit_price * part
        })
        .sum();
    assert_eq!(Some(sum), deal.amount);
    assert!(fetch(&base, "1").await.unwrap().is_none());
    assert_eq!(hubspot.requests(), 5);
}

#[tokio::test]
async fn a_change_is_told_signed_and_newer() {
    let hubspot = hubspot();
    let base = hubspot.serve().await.unwrap();
    let before = fetch(&base, demo::DEAL).await.unwrap().unwrap();
    for body in [
        hubspot.created(demo::DEAL),
        hubspot.set_property(demo::DEAL, "dealstage", "closedwon"),
    ] {
        let webhook = HubSpot::signed("client secret", URL, body);
        let readings = receive("hubspot", "48807704", SECRET, &webhook).unwrap();
        assert!(matches!(readings.as_slice(), [Reading::Fetch(_)]));
        let other = SECRET.replace("client secret", "another's");
        let refused = receive("hubspot", "48807704", &other, &webhook);
        assert_eq!(refused, Err(Refusal::BadSignature));
    }
    let after = fetch(&base, demo::DEAL).await.unwrap().unwrap();
    assert_eq!(after.stage, "closedwon");
    assert!(after.version > before.version);
}

#[tokio::test]
async fn what_we_write_comes_back_as_our_own_change_and_only_once() {
    let hubspot = hubspot();
    let base = hubspot.serve().await.unwrap();
    let feedback = Feedback {
        target: domain::Reference::new("hubspot", "48807704", "deal", demo::DEAL),
        properties: BTreeMap::from([
            (
                "odoo_invoice_number".to_owned(),
                "INV/2026/00001".to_owned(),
            ),
            ("odoo_invoice_status".to_owned(), "paid".to_owned()),
        ]),
        awaited: BTreeMap::new(),
    };
    let request = hubspot::feedback::request(&feedback);
    for _ in 0..2 {
        assert_eq!(send(&base, "token", &request).await.status, 200);
    }
    let paid = hubspot.deal_property(demo::DEAL, "odoo_invoice_status");
    assert_eq!(paid.as_deref(), Some("paid"));
    let echoes = hubspot.take_echoes();
    assert_eq!(echoes.len(), 1);
    for body in echoes {
        let webhook = HubSpot::signed("client secret", URL, body);
        let readings = receive("hubspot", "48807704", SECRET, &webhook).unwrap();
        assert_eq!(readings, [const { Reading::NotForUs("our own change") }; 2]);
    }
}

#[tokio::test]
async fn hubspots_limits_are_kept() {
    let hubspot = hubspot();
    let base = hubspot.serve().await.unwrap();
    let (_, requests) = DealFetch::start("48807704", demo::DEAL, &book());
    assert_eq!(send(&base, "other", &requests[0]).await.status, 401);
    hubspot.be_busy_for(1);
    let busy = fetch(&base, demo::DEAL).await.unwrap_err();
    assert_eq!(busy.next_step(), NextStep::Retry);
    assert!(fetch(&base, demo::DEAL).await.is_ok());

    let batch = |count: usize| {
        let inputs: Vec<_> = (0..count)
            .map(|id| serde_json::json!({ "id": id.to_string() }))
            .collect();
        ApiRequest {
            method: "POST",
            path_and_query: "/crm/v3/objects/line_items/batch/read".to_owned(),
            body: Some(serde_json::json!({ "inputs": inputs }).to_string()),
        }
    };
    assert_eq!(send(&base, "token", &batch(101)).await.status, 400);
    assert_eq!(send(&base, "token", &batch(100)).await.status, 207);
    let unknown = ApiRequest {
        method: "PATCH",
        path_and_query: format!("/crm/v3/objects/deals/{}", demo::DEAL),
        body: Some(r#"{"properties":{"no_such_property":"x"}}"#.to_owned()),
    };
    assert_eq!(send(&base, "token", &unknown).await.status, 400);

    hubspot.associate(demo::DEAL, Kind::LineItems, "1");
    let missing = fetch(&base, demo::DEAL).await.unwrap_err();
    assert_eq!(missing, FetchError::LinesMissing { asked: 6, given: 5 });
}

fn connectwise_secret(keys: &BTreeMap<String, String>) -> String {
    serde_json::json!({
        "company_id": "Cobalt", "public_key": "p", "private_key": "q",
        "client_id": "client id", "signing_keys": keys,
    })
    .to_string()
}

/// Fetches an unknown key as the rotation does, with the vendor's host mapped to the stand-in.
async fn fetch_key(base: &str, secret: &str, key_url: &str) -> String {
    let source = source("connectwise").unwrap();
    let Ok(SourceSecret::ConnectWise(secret)) = SourceSecret::parse(source, secret) else {
        panic!("the secret is not read");
    };
    let request = connectwise::key::request(source, "Cobalt", key_url, &secret)
        .ok()
        .unwrap();
    let url = request.url.replace(&format!("https://{HOST}"), base);
    let mut sent = reqwest::Client::new().get(url);
    for (name, value) in request.headers {
        sent = sent.header(name, value);
    }
    let sent = sent.send().await.unwrap();
    let answer = ApiAnswer {
        status: sent.status().as_u16(),
        body: sent.text().await.unwrap(),
    };
    connectwise::key::read(&answer).unwrap()
}

#[tokio::test]
async fn callbacks_are_trusted_after_their_key_was_fetched() {
    let connectwise = ConnectWise::new("Cobalt", "client id", "first key");
    let base = connectwise.serve().await.unwrap();
    let project = Project::new(412, "Data platform", Some(demo::DEAL));
    let mut keys = BTreeMap::new();
    for round in 1..=2 {
        let webhook = connectwise.project(Action::Added, &project);
        let secret = connectwise_secret(&keys);
        let refused = receive("connectwise", "Cobalt", &secret, &webhook);
        let key_url = connectwise.key_url();
        assert_eq!(
            refused,
            Err(Refusal::UnknownKey {
                key_url: key_url.clone()
            })
        );
        let key = fetch_key(&base, &secret, &key_url).await;
        keys.insert(key_url, key);
        let secret = connectwise_secret(&keys);
        let readings = receive("connectwise", "Cobalt", &secret, &webhook).unwrap();
        let [Reading::Event(Event::Project(read))] = readings.as_slice() else {
            panic!("{readings:?}");
        };
        assert_eq!(read.deal_id.as_deref(), Some(demo::DEAL));
        assert_eq!(connectwise.key_requests(), round);
        connectwise.sign_with("second key");
    }
}

#[test]
fn a_time_entry_travels_with_its_digits_and_its_states() {
    let connectwise = ConnectWise::new("Cobalt", "client id", "key");
    let keys = BTreeMap::from([(connectwise.key_url(), "key".to_owned())]);
    let secret = connectwise_secret(&keys);
    let project = Project::new(412, "Data platform", None);
    let day = "2026-11-19".parse().unwrap();
    let open = TimeEntry::new(1, &project, day, "AConsultant", "Senior Consultant", "7.50");
    let approved = TimeEntry {
        hours_billed: "7.00".to_owned(),
        ..open.in_status("ApprovedByTierTwo")
    };
    for (entry, approval, billable) in [
        (&open, Approval::Draft, "7.5"),
        (&approved, Approval::Approved, "7"),
    ] {
        let webhook = connectwise.time_entry(Action::Updated, entry);
        let readings = receive("connectwise", "Cobalt", &secret, &webhook).unwrap();
        let [Reading::Event(Event::TimeEntry(read))] = readings.as_slice() else {
            panic!("{readings:?}");
        };
        assert_eq!(read.approval, approval);
        assert_eq!(read.worked.to_string(), "7.5");
        assert_eq!(read.billable.to_string(), billable);
        assert_eq!(read.date, day);
    }
    let deleted = connectwise.time_entry_deleted(1);
    let readings = receive("connectwise", "Cobalt", &secret, &deleted).unwrap();
    assert!(matches!(
        readings.as_slice(),
        [Reading::Event(Event::Removed(_))]
    ));
}
