//! Intake's handler in an account in memory, called as the gateway calls it.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::FixedClock;
use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::http::{HeaderName, HeaderValue};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cli::standin::sign::{sign_connectwise, sign_hubspot};
use domain::delivery::Delivery;
use fuzz::account::Account;
use intake::{Config, Intake};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// What HubSpot signs with: now, and before.
pub const SECRETS: [&str; 2] = ["client-secret-of-now", "client-secret-before"];
/// What ConnectWise signs with.
pub const SIGNING_KEY: &str = "5f1d9a7c-signing-key";
/// Where it says to have it from.
pub const KEY_URL: &str =
    "https://sandbox-na.myconnectwise.net/v1/callbackkey/index.rails?companyName=Cobalt&id=1";
/// The account at HubSpot.
pub const PORTAL: &str = "48807704";
const BASE_URL: &str = "https://hooks.example.com";

/// An instance of the function.
pub struct Door {
    /// AWS.
    pub account: Account,
    /// What time it is.
    pub clock: Arc<FixedClock>,
    intake: Intake,
}

/// What a request came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: i64,
    /// The word in the answer.
    pub word: String,
    /// The bodies that were kept.
    pub kept: Vec<Vec<u8>>,
}

/// When everything here is signed.
pub fn signed_at() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// The secrets as they are stored.
pub fn stored() -> BTreeMap<String, String> {
    let hubspot = json!({"client_secrets": SECRETS, "access_token": "access-token"});
    let connectwise = json!({
        "company_id": "Cobalt", "public_key": "p", "private_key": "q", "client_id": "c",
        "signing_keys": {KEY_URL: SIGNING_KEY},
    });
    let name = |source: &str| format!("tenon/test/{source}");
    BTreeMap::from([
        (name("hubspot"), hubspot.to_string()),
        (name("connectwise"), connectwise.to_string()),
    ])
}

impl Door {
    /// With everything in its place.
    pub fn open() -> Self {
        Self::with(stored())
    }

    /// With these secrets.
    pub fn with(secrets: BTreeMap<String, String>) -> Self {
        let account = Account::with(secrets);
        let clock = Arc::new(FixedClock::at(signed_at()));
        let config = Config {
            environment: "test".to_owned(),
            deliveries_queue_url: "http://account/1/deliveries".to_owned(),
            keys_queue_url: "http://account/1/keys".to_owned(),
            public_base_url: Some(BASE_URL.to_owned()),
            sunset: aws::Sunset::default(),
        };
        let intake = Intake::over(config, &account.connection(clock.clone()));
        Self {
            account,
            clock,
            intake,
        }
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// Calls the function: its answer, and how many messages it sent.
    pub async fn answer(
        &self,
        request: &ApiGatewayProxyRequest,
    ) -> (ApiGatewayProxyResponse, usize) {
        let answer = self.intake.answer(request).await;
        (answer, self.account.taken().len())
    }

    /// Calls the function: what came of it.
    pub async fn call(&self, request: &ApiGatewayProxyRequest) -> Answered {
        let answer = self.intake.answer(request).await;
        let sent = self.account.taken();
        let deliveries = sent.iter().filter(|(queue, _)| queue == "deliveries");
        let body = |message: &str| {
            let delivery: Delivery = serde_json::from_str(message).unwrap();
            BASE64_STANDARD.decode(delivery.body).unwrap()
        };
        Answered {
            status: answer.status_code,
            word: word(&answer),
            kept: deliveries.map(|(_, message)| body(message)).collect(),
        }
    }
}

fn word(answer: &ApiGatewayProxyResponse) -> String {
    let Some(Body::Text(text)) = &answer.body else {
        return String::new();
    };
    let parsed: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    parsed["status"].as_str().unwrap_or_default().to_owned()
}

/// Refused with this status and word, and nothing was kept.
pub fn refused(status: i64, word: &str) -> Answered {
    Answered {
        status,
        word: word.to_owned(),
        kept: Vec::new(),
    }
}

/// Kept to the byte.
pub fn kept(body: &[u8]) -> Answered {
    Answered {
        status: 200,
        word: "kept".to_owned(),
        kept: vec![body.to_vec()],
    }
}

/// Anything POSTed to a path, as the gateway writes it.
pub fn posted(path: &str, headers: &[(&str, &str)], body: &[u8]) -> ApiGatewayProxyRequest {
    let mut request = ApiGatewayProxyRequest::default();
    request.path = Some(path.to_owned());
    request.http_method = "POST".parse().unwrap();
    request.body = Some(BASE64_STANDARD.encode(body));
    request.is_base64_encoded = true;
    for (name, value) in headers {
        let (name, value) = (name.parse::<HeaderName>(), HeaderValue::from_str(value));
        request
            .multi_value_headers
            .append(name.unwrap(), value.unwrap());
    }
    request
}

/// As HubSpot sends it, for this account and with this secret.
pub fn hubspot_with(account: &str, secret: &str, body: &str) -> ApiGatewayProxyRequest {
    let path = format!("/in/hubspot/{account}");
    let url = format!("{BASE_URL}{path}");
    let headers = sign_hubspot(secret, "POST", &url, body, signed_at().as_millisecond());
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    posted(&path, &headers, body.as_bytes())
}

/// As HubSpot sends it.
pub fn hubspot(body: &str) -> ApiGatewayProxyRequest {
    hubspot_with(PORTAL, SECRETS[0], body)
}

/// As ConnectWise sends it.
pub fn connectwise(body: &str) -> ApiGatewayProxyRequest {
    let headers = sign_connectwise(SIGNING_KEY, body);
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    posted("/in/connectwise/Cobalt", &headers, body.as_bytes())
}

/// One change of a deal.
pub fn change() -> String {
    json!([{
        "eventId": 1, "subscriptionId": 2, "portalId": 48_807_704, "appId": 3, "attemptNumber": 0,
        "occurredAt": signed_at().as_millisecond(), "subscriptionType": "deal.creation", "objectId": 99,
    }])
    .to_string()
}
