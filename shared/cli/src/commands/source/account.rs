//! Whose message a file is, when nobody says. It is a guess for somebody who looks at a file: what
//! is kept has its account from the secret that proved it.

use serde_json::Value;
use sources::Source;

use crate::aws_api::xml;

/// What an account is called when neither the file nor anybody says.
const UNKNOWN: &str = "account";

/// What Salesforce, the only source that sends XML, calls an account.
const ORGANIZATION: &str = "OrganizationId";

/// The account at its place in the source's messages, or else wherever a field is named like that
/// place: answers of an API keep the name and not the place.
pub fn guess(source: &Source, body: &[u8]) -> String {
    let anywhere = || {
        let text = std::str::from_utf8(body).ok()?;
        if text.trim_start().starts_with('<') {
            let organization = xml::first_text(text, ORGANIZATION);
            return (!organization.is_empty()).then_some(organization);
        }
        let place = source.facts.message.tenant.as_ref()?;
        let name = place.rsplit('/').next()?;
        first_named(&serde_json::from_str(text).ok()?, name)
    };
    source
        .account_of(body)
        .or_else(anywhere)
        .unwrap_or_else(|| UNKNOWN.to_owned())
}

/// The first text or number of this name, however deep.
fn first_named(value: &Value, name: &str) -> Option<String> {
    match value {
        Value::Object(fields) => {
            let here = fields.get(name).and_then(|found| match found {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
            });
            here.or_else(|| fields.values().find_map(|within| first_named(within, name)))
        }
        Value::Array(elements) => elements.iter().find_map(|one| first_named(one, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
