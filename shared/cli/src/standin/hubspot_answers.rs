//! What HubSpot's CRM API answers, in its shapes and limits.
//!
//! <https://developers.hubspot.com/docs/api-reference/crm-deals-v3/guide>,
//! <https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines>

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::hubspot_account;
use super::hubspot_search::search;
use super::hubspot_state::{Kind, Object, State};
use super::serve::{Answer, Question, unescaped};

/// Requests in ten seconds that a private app of a paying account has.
const RATE: u64 = 190;

/// How many records one batch read may name.
const BATCH: usize = 100;

/// What is answered to anything.
pub(super) fn answer(state: &mut State, question: &Question) -> Answer {
    if !question.uri.path().ends_with("/search") {
        state.requests += 1;
    }
    let (status, body) = match refused(state, question) {
        Some(refused) => refused,
        None => route(state, question),
    };
    let remaining = RATE - state.requests % RATE;
    let headers = vec![
        ("x-hubspot-ratelimit-max", RATE.to_string()),
        ("x-hubspot-ratelimit-remaining", remaining.to_string()),
        (
            "x-hubspot-ratelimit-interval-milliseconds",
            "10000".to_owned(),
        ),
        ("x-hubspot-ratelimit-daily", "625000".to_owned()),
        ("x-hubspot-ratelimit-daily-remaining", "624000".to_owned()),
    ];
    Answer {
        status,
        headers,
        body: body.to_string(),
    }
}

fn refused(state: &mut State, question: &Question) -> Option<(u16, Value)> {
    if state.busy_for > 0 {
        state.busy_for -= 1;
        let mut body = error(
            "RATE_LIMITS",
            "You have reached your ten_secondly_rolling limit.",
        );
        if let Some(body) = body.as_object_mut() {
            body.insert("errorType".to_owned(), json!("RATE_LIMIT"));
            body.insert("policyName".to_owned(), json!("TEN_SECONDLY_ROLLING"));
        }
        return Some((429, body));
    }
    let expected = format!("Bearer {}", state.token);
    if question.header("authorization") != Some(expected.as_str()) {
        let message =
            "Authentication credentials not found. This API supports OAuth 2.0 authentication.";
        return Some((401, error("INVALID_AUTHENTICATION", message)));
    }
    None
}

fn route(state: &mut State, question: &Question) -> (u16, Value) {
    let path: Vec<&str> = question.uri.path().split('/').skip(1).collect();
    match (&question.method, path.as_slice()) {
        (&Method::GET, ["crm", "v3", "objects", kind, id]) => match Kind::named(kind) {
            Some(kind) => get(state, question, kind, &unescaped(id)),
            None => not_found(),
        },
        (&Method::PATCH, ["crm", "v3", "objects", "deals", id]) => {
            patch(state, Kind::Deals, &unescaped(id), &question.body)
        }
        (&Method::PATCH, ["crm", "v3", "objects", "companies", id]) => {
            patch(state, Kind::Companies, &unescaped(id), &question.body)
        }
        (&Method::POST, ["crm", "v3", "objects", "deals", "search"]) => {
            let deal = |id: &str, object: &Object| shown(id, object, &[]);
            search(state, &question.body, deal).unwrap_or_else(|| invalid("Invalid input JSON"))
        }
        (&Method::POST, ["crm", "v3", "objects", kind, "batch", "read"]) => match Kind::named(kind)
        {
            Some(kind) => batch_read(state, kind, &question.body),
            None => not_found(),
        },
        (&Method::GET, path) => {
            let account = hubspot_account::answer(state, path);
            account.map_or_else(not_found, |body| (200, body))
        }
        _ => not_found(),
    }
}

fn error(category: &str, message: &str) -> Value {
    json!({
        "status": "error",
        "message": message,
        "correlationId": "aeb5f871-7f07-4993-9211-075dc63e7cbf",
        "category": category,
    })
}

fn not_found() -> (u16, Value) {
    (404, error("OBJECT_NOT_FOUND", "resource not found"))
}

fn invalid(message: &str) -> (u16, Value) {
    (400, error("VALIDATION_ERROR", message))
}

fn get(state: &State, question: &Question, kind: Kind, id: &str) -> (u16, Value) {
    let Some(object) = state.objects.get(&(kind, id.to_owned())) else {
        return not_found();
    };
    let asked = question.parameter("properties").unwrap_or_default();
    let mut body = shown(id, object, &asked.split(',').collect::<Vec<_>>());
    let associated = question.parameter("associations").unwrap_or_default();
    let lists: Map<String, Value> = associated
        .split(',')
        .filter_map(Kind::named)
        .filter_map(|wanted| associations(state, id, wanted))
        .collect();
    if let Some(body) = body.as_object_mut()
        && !lists.is_empty()
    {
        body.insert("associations".to_owned(), Value::Object(lists));
    }
    (200, body)
}

/// A list of associations; HubSpot leaves out what is empty, and names a company once for each of
/// its two types.
fn associations(state: &State, deal: &str, wanted: Kind) -> Option<(String, Value)> {
    let (name, types): (&str, &[&str]) = match wanted {
        Kind::Companies => (
            "companies",
            &["deal_to_company", "deal_to_company_unlabeled"],
        ),
        Kind::Contacts => ("contacts", &["deal_to_contact"]),
        Kind::LineItems => ("line items", &["deal_to_line_item"]),
        Kind::Deals => return None,
    };
    let of_kind = state.associations.get(deal)?.iter();
    let results: Vec<Value> = of_kind
        .filter(|(kind, _)| *kind == wanted)
        .flat_map(|(_, id)| {
            types
                .iter()
                .map(move |kind| json!({ "id": id, "type": kind }))
        })
        .collect();
    (!results.is_empty()).then(|| (name.to_owned(), json!({ "results": results })))
}

/// An object with the asked properties; what it does not have is null.
fn shown(id: &str, object: &Object, asked: &[&str]) -> Value {
    let mut properties = Map::new();
    for name in asked.iter().filter(|name| !name.is_empty()) {
        let value = object.properties.get(*name).cloned().flatten();
        properties.insert((*name).to_owned(), json!(value));
    }
    properties.insert("hs_object_id".to_owned(), json!(id));
    properties.insert(
        "createdate".to_owned(),
        json!(milliseconds(object.created_at)),
    );
    let updated = milliseconds(object.updated_at);
    properties.insert("hs_lastmodifieddate".to_owned(), json!(updated));
    json!({
        "id": id,
        "properties": properties,
        "createdAt": milliseconds(object.created_at),
        "updatedAt": updated,
        "archived": false,
    })
}

/// HubSpot writes instants with exactly three decimals.
fn milliseconds(instant: Timestamp) -> String {
    format!("{instant:.3}")
}

fn patch(state: &mut State, kind: Kind, id: &str, body: &[u8]) -> (u16, Value) {
    let Some(object) = state.objects.get(&(kind, id.to_owned())) else {
        return not_found();
    };
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(written) = body.get("properties").and_then(Value::as_object) else {
        return invalid("Invalid input JSON");
    };
    let mut changes = Vec::new();
    for (name, value) in written {
        let Some(value) = value.as_str() else {
            return invalid("Invalid input JSON: property values are strings");
        };
        if !object.properties.contains_key(name) {
            return invalid("Property values were not valid: PROPERTY_DOESNT_EXIST");
        }
        let now = object.properties.get(name).cloned().flatten();
        // An equal value is no change: no webhook, no new time.
        if now.unwrap_or_default() != value {
            changes.push((name.clone(), value.to_owned()));
        }
    }
    for (name, value) in &changes {
        state.write(kind, id, name, value);
    }
    if !changes.is_empty() {
        state.echo(kind, id, &changes);
    }
    let names: Vec<&str> = written.keys().map(String::as_str).collect();
    match state.objects.get(&(kind, id.to_owned())) {
        Some(object) => (200, shown(id, object, &names)),
        None => not_found(),
    }
}

fn batch_read(state: &State, kind: Kind, body: &[u8]) -> (u16, Value) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(inputs) = body.get("inputs").and_then(Value::as_array) else {
        return invalid("Invalid input JSON");
    };
    if inputs.is_empty() || inputs.len() > BATCH {
        return invalid("The number of inputs must be between 1 and 100");
    }
    let names = body.get("properties").and_then(Value::as_array);
    let names: Vec<&str> = names
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let ids = inputs.iter().filter_map(|input| input.get("id")?.as_str());
    let mut results = Vec::new();
    let mut missing = Vec::new();
    for id in ids {
        match state.objects.get(&(kind, id.to_owned())) {
            Some(object) => results.push(shown(id, object, &names)),
            None => missing.push(id),
        }
    }
    let at = milliseconds(state.now());
    let mut answer =
        json!({ "status": "COMPLETE", "results": results, "startedAt": at, "completedAt": at });
    if missing.is_empty() {
        return (200, answer);
    }
    if let Some(answer) = answer.as_object_mut() {
        let mut error = error("OBJECT_NOT_FOUND", "Could not get some objects");
        if let Some(error) = error.as_object_mut() {
            error.insert("context".to_owned(), json!({ "ids": missing }));
        }
        answer.insert("numErrors".to_owned(), json!(1));
        answer.insert("errors".to_owned(), json!([error]));
    }
    (207, answer)
}
