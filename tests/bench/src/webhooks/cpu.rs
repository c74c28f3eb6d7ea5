//! Processor time of one webhook: the handler that ships, and beside it what cannot be left out.
//!
//! The handler keeps each webhook by one call of the SDK, whose own work (a request built, signed and
//! taken apart again) is no work of ours: it is measured alone, over the same AWS that answers at
//! once, and taken off.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use aws::Queue;
use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::delivery::{DELIVERY_VERSION, Delivery};
use intake::{Config, Intake};
use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::webhooks::at_once;
use crate::webhooks::webhook::{BASE_URL, CLIENT_SECRET, PORTAL, Webhook, url};

const QUEUE: &str = "https://sqs.eu-central-1.amazonaws.com/1/deliveries";

/// One round, per webhook.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    /// All that the handler does, with the SDK.
    pub handler: Duration,
    /// The SDK alone.
    pub sdk: Duration,
    /// HMAC and parsing into a type alone.
    pub reference: Duration,
    /// The body alone, out of the gateway's base64 and into the message for the queue.
    pub carried: Duration,
}

impl Round {
    /// What the handler does besides the SDK.
    pub fn own(&self) -> Duration {
        self.handler.saturating_sub(self.sdk)
    }
}

/// So many rounds with so many webhooks of each kind.
pub async fn measure(rounds: usize, webhooks: usize) -> Vec<Round> {
    aws::init_telemetry();
    let connection = at_once::connection();
    let intake = Intake::over(config(), &connection);
    let queue = Queue::new(&connection, QUEUE);
    let message = message();
    let mut measured = Vec::new();
    // The first one finds nothing warm and is left out.
    for _ in 0..=rounds {
        let sent: Vec<Webhook> = (0..webhooks).map(Webhook::new).collect();
        let requests: Vec<ApiGatewayProxyRequest> = sent.iter().map(request).collect();
        let begin = now();
        for webhook in &sent {
            black_box(proved_and_parsed(webhook));
        }
        let reference = now() - begin;
        let begin = now();
        for request in &requests {
            black_box(carried(request));
        }
        let carried = now() - begin;
        let begin = now();
        for request in &requests {
            let answer = intake.answer(request).await;
            assert_eq!(answer.status_code, 200, "a good webhook is kept");
        }
        let handler = now() - begin;
        let begin = now();
        for _ in 0..webhooks {
            queue.send(&message).await.expect("it is sent");
        }
        let sdk = now() - begin;
        let each = |time: Duration| time / u32::try_from(webhooks).expect("not so many");
        measured.push(Round {
            handler: each(handler),
            sdk: each(sdk),
            reference: each(reference),
            carried: each(carried),
        });
    }
    measured.split_off(1)
}

fn config() -> Config {
    Config {
        environment: "bench".to_owned(),
        deliveries_queue_url: QUEUE.to_owned(),
        keys_queue_url: QUEUE.to_owned(),
        public_base_url: Some(BASE_URL.to_owned()),
        sunset: aws::Sunset::default(),
    }
}

/// As the runtime hands it to the handler.
fn request(webhook: &Webhook) -> ApiGatewayProxyRequest {
    serde_json::from_value(webhook.event()).expect("the gateway's event")
}

/// What the handler sends for a webhook, as text already: writing it is the handler's work.
fn message() -> Box<RawValue> {
    to_raw_value(&delivery(Webhook::new(0).body.as_bytes())).expect("JSON")
}

fn delivery(body: &[u8]) -> Delivery {
    let sent = ("x-hubspot-request-timestamp", "1795348801000");
    Delivery {
        v: DELIVERY_VERSION,
        id: "5c3f9a10-2f6d-4a53-9c57-7a1c0b6f2d41".to_owned(),
        source: "hubspot".to_owned(),
        account: PORTAL.to_owned(),
        received_at: Timestamp::UNIX_EPOCH,
        headers: BTreeMap::from([(sent.0.to_owned(), sent.1.to_owned())]),
        body: BASE64_STANDARD.encode(body),
    }
}

/// The message for the queue, from what the gateway hands over.
fn carried(request: &ApiGatewayProxyRequest) -> String {
    let text = request.body.as_deref().unwrap_or_default();
    let body = BASE64_STANDARD.decode(text).expect("base64");
    serde_json::to_string(&delivery(&body)).expect("JSON")
}

/// One change, as HubSpot documents it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "it is only parsed")]
struct Change {
    event_id: u64,
    subscription_id: u64,
    portal_id: u64,
    app_id: u64,
    occurred_at: i64,
    subscription_type: String,
    attempt_number: u32,
    object_id: u64,
    property_name: String,
    property_value: String,
    change_source: String,
    source_id: String,
}

/// The least that has to be done with a webhook: its HMAC compared, its body parsed into a type.
fn proved_and_parsed(webhook: &Webhook) -> Vec<Change> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, CLIENT_SECRET.as_bytes());
    let signed = ["POST", &url(), &webhook.body, &webhook.sent_ms].concat();
    let given = BASE64_STANDARD.decode(&webhook.signature).expect("base64");
    hmac::verify(&key, signed.as_bytes(), &given).expect("the signature is good");
    serde_json::from_str(&webhook.body).expect("changes")
}

/// The processor time of this thread.
fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("after the beginning")
}
