//! The intake function, called as the gateway calls it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use aws::Clock;
use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::http::{HeaderName, HeaderValue};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::delivery::Delivery;
use intake::{Config, Intake};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use sources::Source;
use sources::facts::proof::{Part, Proof, Scheme};
use tokio::runtime::Runtime;

use crate::account::Account;
use crate::input::Input;
use crate::proof;
use crate::target::Target;
use crate::targets::verify;

/// The gateway of the events below.
const BASE_URL: &str = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/v1";
const DOMAIN: &str = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";
/// Events as the gateway writes them, with the secrets that signed them.
const EVENTS: [(&str, &str, &str); 2] = [
    (
        "hubspot",
        "demo-hubspot-client-secret-1d5b",
        include_str!("../../../../events/intake-webhook.json"),
    ),
    (
        "connectwise",
        "5f1d9a7c-signing-key",
        include_str!("../../../../events/intake-webhook-connectwise.json"),
    ),
];

/// The function in an account in memory.
pub struct Edge {
    runtime: Runtime,
    account: Account,
    clock: Arc<Moved>,
    intake: Intake,
}

/// Stands where it was put.
struct Moved(Mutex<Timestamp>);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The events, and every example whose proof does not cover an address other than ours.
pub fn samples() -> Vec<Input> {
    let own = EVENTS
        .iter()
        .map(|(source, secret, event)| of_event(source, secret, event));
    let examples = verify::samples().into_iter().filter(|sample| {
        let source = sources::source(sample.source());
        let scheme = source.and_then(|source| scheme_of(source, sample));
        scheme.is_some_and(|scheme| !scheme.only_if_chosen && !signs_address(scheme))
            && !["hubspot", "connectwise"].contains(&sample.source())
    });
    let examples = examples.map(|sample| Input {
        target: Target::Edge,
        ..sample
    });
    own.chain(examples).collect()
}

fn signs_address(scheme: &Scheme) -> bool {
    let address = |part: &Part| matches!(part, Part::Url { .. });
    matches!(&scheme.by, Proof::Signature(facts) if facts.parts.iter().any(address))
}

/// The scheme that a sample's name says.
fn scheme_of<'a>(source: &'a Source, sample: &Input) -> Option<&'a Scheme> {
    source.facts.scheme(sample.sample.split(' ').nth(1)?)
}

fn of_event(source: &str, secret: &str, event: &str) -> Input {
    let event: Value = serde_json::from_str(event).expect("an event");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let headers = event["headers"].as_object().into_iter().flatten();
    let scheme = &sources::source(source)
        .expect("it is described")
        .facts
        .verify[0]
        .scheme;
    let path = text(&event["path"]);
    Input {
        target: Target::Edge,
        sample: format!("{source} {scheme} event"),
        method: "POST".to_owned(),
        account: path.rsplit('/').next().unwrap_or_default().to_owned(),
        url: format!("{BASE_URL}{path}"),
        headers: headers
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
        body: BASE64_STANDARD
            .decode(text(&event["body"]))
            .expect("base64"),
        now: "2026-11-22T12:00:02Z".parse().expect("an instant"),
        secrets: vec![secret.to_owned()],
        flag_lies: false,
    }
}

/// The documents that the secret store holds.
fn secrets() -> BTreeMap<String, String> {
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key_url = String::new();
    for sample in samples() {
        let body: Value = serde_json::from_slice(&sample.body).unwrap_or_default();
        if let Some(url) = body["Metadata"]["key_url"].as_str() {
            key_url = url.to_owned();
        }
        let of_source = texts.entry(sample.source().to_owned()).or_default();
        of_source.extend(sample.secrets);
    }
    let document = |(source, texts): (String, BTreeSet<String>)| {
        let document = match source.as_str() {
            "hubspot" => json!({"client_secrets": texts, "access_token": "t"}),
            "connectwise" => json!({
                "company_id": "Cobalt", "public_key": "p", "private_key": "q", "client_id": "c",
                "signing_keys": {&key_url: texts.first()},
            }),
            _ => json!({"signing_secrets": texts}),
        };
        (format!("tenon/fuzz/{source}"), document.to_string())
    };
    texts.into_iter().map(document).collect()
}

impl Edge {
    /// Starts it.
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let runtime = runtime.expect("a runtime");
        let account = Account::with(secrets());
        let clock = Arc::new(Moved(Mutex::new(Timestamp::UNIX_EPOCH)));
        let config = Config {
            environment: "fuzz".to_owned(),
            deliveries_queue_url: "http://account/1/deliveries".to_owned(),
            keys_queue_url: "http://account/1/keys".to_owned(),
            public_base_url: None,
            sunset: aws::Sunset::default(),
        };
        let intake = Intake::over(config, &account.connection(clock.clone()));
        Self {
            runtime,
            account,
            clock,
            intake,
        }
    }

    /// What is kept is what was proved, to the byte; everything else is refused, and nothing is sent.
    pub fn check(&self, input: &Input, sample: &Input) -> Result<(), String> {
        *self.clock.0.lock().unwrap_or_else(PoisonError::into_inner) = input.now;
        let answer = self.runtime.block_on(self.intake.answer(&request(input)));
        let sent = self.account.taken();
        let (keys, kept): (Vec<_>, Vec<_>) =
            sent.into_iter().partition(|(queue, _)| queue == "keys");
        if keys
            .iter()
            .any(|(_, message)| !message.contains(".myconnectwise.net"))
        {
            return Err("a key is asked for at an address that is nobody's".to_owned());
        }
        let source = sources::source(sample.source()).ok_or("the source is not described")?;
        match kept.as_slice() {
            [] => is_refused(source, &answer),
            [(_, message)] => kept_right(source, &answer, message, input, sample),
            _ => Err("kept twice".to_owned()),
        }
    }
}

fn is_refused(source: &Source, answer: &ApiGatewayProxyResponse) -> Result<(), String> {
    let busy = i64::from(source.busy_status());
    match answer.status_code {
        400..=499 => Ok(()),
        status if status == busy => Ok(()),
        status => Err(format!("nothing is kept, and the answer is {status}")),
    }
}

fn kept_right(
    source: &Source,
    answer: &ApiGatewayProxyResponse,
    message: &str,
    input: &Input,
    sample: &Input,
) -> Result<(), String> {
    if answer.status_code != i64::from(source.accepted_status()) {
        return Err(format!("kept, and the answer is {}", answer.status_code));
    }
    let delivery: Delivery = serde_json::from_str(message).map_err(|_| "not a delivery")?;
    let seen = as_seen(input);
    let body = BASE64_STANDARD
        .decode(&delivery.body)
        .map_err(|_| "damaged")?;
    if body != seen.body || delivery.account != seen.account || delivery.source != source.name() {
        return Err("another message was kept than came".to_owned());
    }
    let proofs = |(name, value): (&String, &String)| {
        let secret = sample
            .secrets
            .iter()
            .any(|secret| value.contains(secret.as_str()));
        secret || name.contains("signature")
    };
    if delivery.headers.iter().any(proofs) {
        return Err("a proof was kept with the message".to_owned());
    }
    let scheme = scheme_of(source, sample).ok_or("there is no such scheme")?;
    let signed = Input {
        url: as_seen(sample).url,
        ..sample.clone()
    };
    // The function has secrets of its own, whatever became of those of the input.
    let seen = Input {
        secrets: sample.secrets.clone(),
        ..seen
    };
    proof::holds(source, scheme, &seen, &signed)
}

/// The input as the function sees it: at an address of the gateway, its body decoded.
fn as_seen(input: &Input) -> Input {
    let (_, query) = input.url.split_once('?').unwrap_or_default();
    let mark = if query.is_empty() { "" } else { "?" };
    let (text, is_encoded) = body_of(input);
    let decoded = BASE64_STANDARD.decode(&text).unwrap_or_default();
    let headers = input.headers.iter();
    Input {
        headers: headers
            .filter(|header| as_header(header).is_some())
            .cloned()
            .collect(),
        url: format!("{BASE_URL}{}{mark}{query}", path(input)),
        body: if is_encoded {
            decoded
        } else {
            text.into_bytes()
        },
        ..input.clone()
    }
}

fn path(input: &Input) -> String {
    format!("/in/{}/{}", input.source(), input.account)
}

/// The body as the gateway writes it, and what it says about that.
fn body_of(input: &Input) -> (String, bool) {
    match input.flag_lies {
        false => (BASE64_STANDARD.encode(&input.body), true),
        true if input.body.len().is_multiple_of(2) => (BASE64_STANDARD.encode(&input.body), false),
        true => (String::from_utf8_lossy(&input.body).into_owned(), true),
    }
}

/// What is no header never comes through the gateway.
fn as_header((name, value): &(String, String)) -> Option<(HeaderName, HeaderValue)> {
    Some((name.parse().ok()?, HeaderValue::from_str(value).ok()?))
}

fn request(input: &Input) -> ApiGatewayProxyRequest {
    let mut request = ApiGatewayProxyRequest::default();
    request.path = Some(path(input));
    request.http_method = input.method.parse().unwrap_or_default();
    request.request_context.domain_name = Some(DOMAIN.to_owned());
    request.request_context.stage = Some("v1".to_owned());
    for (name, value) in input.headers.iter().filter_map(as_header) {
        request.multi_value_headers.append(name, value);
    }
    let (_, query) = input.url.split_once('?').unwrap_or_default();
    let mut parameters: HashMap<String, Vec<String>> = HashMap::new();
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
        parameters.entry(name.to_owned()).or_default().push(value);
    }
    request.multi_value_query_string_parameters = parameters.into();
    let (body, is_encoded) = body_of(input);
    request.body = Some(body);
    request.is_base64_encoded = is_encoded;
    request
}
