//! A webhook of 4 KB as HubSpot sends it, in the envelope in which the gateway hands it over.

use std::fmt::Write as _;

use aws::{Clock as _, SystemClock};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cli::standin::sign::sign_hubspot;
use serde_json::{Value, json};

/// What HubSpot signs with.
pub const CLIENT_SECRET: &str = "bench-client-secret-5d1b";
/// The secret of the source, as it is stored.
pub const SECRET: &str = r#"{"client_secrets":["bench-client-secret-5d1b"],"access_token":"-"}"#;
/// Its name.
pub const SECRET_NAME: &str = "tenon/bench/hubspot";
/// The account.
pub const PORTAL: &str = "48807704";
/// Where HubSpot calls us.
pub const BASE_URL: &str = "https://hooks.example.com";
/// As much as HubSpot sends at once from a firm that changes several deals.
pub const BYTES: usize = 4 * 1024;

/// As the gateway writes it; a body is put into it.
const GATEWAY: &str = include_str!("../../../../events/intake-webhook.json");

/// One webhook.
pub struct Webhook {
    /// As it was sent.
    pub body: String,
    /// The signature's header.
    pub signature: String,
    /// The time's header.
    pub sent_ms: String,
}

/// Our address, as HubSpot calls it.
pub fn url() -> String {
    format!("{BASE_URL}{}", path())
}

fn path() -> String {
    format!("/in/hubspot/{PORTAL}")
}

impl Webhook {
    /// The webhook of this number, signed now. No two say the same.
    pub fn new(number: usize) -> Self {
        let sent_ms = SystemClock.now().as_millisecond();
        let body = body(number, sent_ms);
        let headers = sign_hubspot(CLIENT_SECRET, "POST", &url(), &body, sent_ms);
        let signature = headers.into_iter().find(|(name, _)| name.ends_with("-v3"));
        Self {
            body,
            signature: signature.expect("a signature").1,
            sent_ms: sent_ms.to_string(),
        }
    }

    /// What the gateway calls the function with.
    pub fn event(&self) -> Value {
        let mut event: Value = serde_json::from_str(GATEWAY).expect("an event");
        event["path"] = json!(path());
        event["body"] = json!(BASE64_STANDARD.encode(&self.body));
        for (name, value) in [
            ("X-HubSpot-Signature-v3", &self.signature),
            ("X-HubSpot-Request-Timestamp", &self.sent_ms),
        ] {
            event["headers"][name] = json!(value);
            event["multiValueHeaders"][name] = json!([value]);
        }
        event
    }
}

fn body(number: usize, now_ms: i64) -> String {
    let mut body = String::from("[");
    for place in 0.. {
        let event = number * 100 + place;
        let separator = if place == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        write!(
            body,
            r#"{separator}{{"eventId":{event},"subscriptionId":3923622,"portalId":{PORTAL},"appId":16111050,"occurredAt":{now_ms},"subscriptionType":"deal.propertyChange","attemptNumber":0,"objectId":{},"propertyName":"dealstage","propertyValue":"closedwon","changeSource":"CRM_UI","sourceId":"userId:76023669"}}"#,
            16_024_871_101 + event,
        )
        .ok();
        if body.len() >= BYTES {
            break;
        }
    }
    body.push(']');
    body
}
