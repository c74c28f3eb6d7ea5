//! Messages as the vendors sign them, also the wrong ones.

use cli::standin::connectwise::{Action, Project};
use cli::standin::sign::{sign_connectwise, sign_hubspot};
use cli::standin::{Webhook, demo};
use cli::story::Firm;
use cli::story::day::now;
use cli::story::firm::{COMPANY, PUBLIC_BASE_URL, SECRETS_OF_THE_DEMO};
use serde_json::json;

/// Where HubSpot calls us.
pub fn hubspot_path() -> String {
    format!("/in/hubspot/{}", demo::PORTAL)
}

/// Where ConnectWise calls us.
pub fn connectwise_path() -> String {
    format!("/in/connectwise/{COMPANY}")
}

/// Signed for this path, with this secret, this long ago.
pub fn hubspot(secret: &str, path: &str, body: &str, age_ms: i64) -> Webhook {
    let url = format!("{PUBLIC_BASE_URL}{path}");
    let headers = sign_hubspot(secret, "POST", &url, body, now().as_millisecond() - age_ms);
    Webhook {
        headers,
        body: body.to_owned(),
    }
}

/// As HubSpot itself sends it, now.
pub fn good_hubspot(body: &str) -> Webhook {
    hubspot(SECRETS_OF_THE_DEMO[0], &hubspot_path(), body, 0)
}

/// As ConnectWise itself sends it.
pub fn connectwise(body: &str) -> Webhook {
    let headers = sign_connectwise(SECRETS_OF_THE_DEMO[2], body);
    Webhook {
        headers,
        body: body.to_owned(),
    }
}

/// A real event about a deal.
pub fn event() -> String {
    json!([{
        "eventId": 1, "subscriptionId": 2, "portalId": demo::PORTAL, "appId": 3,
        "occurredAt": now().as_millisecond(), "subscriptionType": "deal.creation",
        "attemptNumber": 0, "objectId": 99, "changeSource": "CRM_UI", "sourceId": "userId:7",
    }])
    .to_string()
}

/// A real callback about a project.
pub fn callback(firm: &Firm) -> Webhook {
    firm.connectwise
        .project(Action::Added, &Project::new(5, "Roadmap", None))
}
