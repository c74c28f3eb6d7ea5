//! What HubSpot says of the account itself: its id, its pipelines, its properties.
//!
//! <https://developers.hubspot.com/docs/api-reference/latest/account/account-information/guide>,
//! <https://developers.hubspot.com/docs/api-reference/latest/crm/pipelines/guide>,
//! <https://developers.hubspot.com/docs/api-reference/latest/crm/properties/guide>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::hubspot_state::{Kind, State};

/// The stages that a new account has, and how likely a deal in them is won.
const STAGES: [(&str, &str, &str); 7] = [
    ("appointmentscheduled", "Appointment scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified to buy", "0.4"),
    ("presentationscheduled", "Presentation scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision maker bought-in", "0.8"),
    ("contractsent", "Contract sent", "0.9"),
    ("closedwon", "Closed won", "1.0"),
    ("closedlost", "Closed lost", "0.0"),
];

/// The answer to a question about the account; none when it is about something else.
pub(super) fn answer(state: &State, path: &[&str]) -> Option<Value> {
    match path {
        ["account-info", "2026-03", "details"] => Some(json!({
            "portalId": state.portal,
            "accountType": "STANDARD",
            "timeZone": "US/Eastern",
            "companyCurrency": "USD",
            "additionalCurrencies": [],
            "utcOffset": "-05:00",
            "utcOffsetMilliseconds": -18_000_000,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        })),
        ["crm", "v3", "pipelines", "deals"] => Some(json!({ "results": [{
            "id": "default",
            "label": "Sales Pipeline",
            "displayOrder": 0,
            "archived": false,
            "stages": STAGES.map(stage),
        }] })),
        ["crm", "v3", "properties", "deals"] => {
            let properties = properties(state);
            let results = properties.iter().map(|name| {
                json!({ "name": name, "label": name, "type": "string", "fieldType": "text", "groupName": "dealinformation" })
            });
            Some(json!({ "results": results.collect::<Vec<_>>() }))
        }
        _ => None,
    }
}

fn stage((id, label, probability): (&str, &str, &str)) -> Value {
    let is_closed = ["1.0", "0.0"].contains(&probability).to_string();
    json!({
        "id": id,
        "label": label,
        "archived": false,
        "metadata": { "isClosed": is_closed, "probability": probability },
    })
}

/// The names of the properties that deals have.
fn properties(state: &State) -> BTreeSet<&str> {
    let deals = state
        .objects
        .iter()
        .filter(|((kind, _), _)| *kind == Kind::Deals);
    deals
        .flat_map(|(_, deal)| deal.properties.keys().map(String::as_str))
        .collect()
}
