//! The search of HubSpot's CRM API, as far as it is used: deals by when they were changed and by id.
//!
//! <https://developers.hubspot.com/docs/api-reference/search/guide>

use serde_json::{Value, json};

use super::hubspot_state::{Kind, Object, State};

/// The most results of one page.
const PAGE: usize = 200;

/// The deals that pass every filter, by id; none when the body is no search.
pub(super) fn search(
    state: &State,
    body: &[u8],
    shown: impl Fn(&str, &Object) -> Value,
) -> Option<(u16, Value)> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let filters = body.pointer("/filterGroups/0/filters")?.as_array()?;
    let limit = body.get("limit").and_then(Value::as_u64).unwrap_or(10);
    let limit = usize::try_from(limit).ok().filter(|limit| *limit <= PAGE)?;
    let mut found: Vec<(u64, &str, &Object)> = Vec::new();
    for ((kind, id), object) in &state.objects {
        let number: u64 = id.parse().ok()?;
        if *kind != Kind::Deals {
            continue;
        }
        let passes: Option<Vec<bool>> = (filters.iter())
            .map(|filter| passes(filter, number, object))
            .collect();
        if passes?.into_iter().all(|passes| passes) {
            found.push((number, id, object));
        }
    }
    found.sort_by_key(|(number, _, _)| *number);
    let total = found.len();
    let page = found.iter().take(limit);
    let results: Vec<Value> = page.map(|(_, id, object)| shown(id, object)).collect();
    Some((200, json!({ "total": total, "results": results })))
}

/// Whether a deal passes a filter; none for a filter that is not there.
fn passes(filter: &Value, id: u64, object: &Object) -> Option<bool> {
    let text = |name: &str| filter.get(name).and_then(Value::as_str);
    let value = text("value")?;
    match (text("propertyName")?, text("operator")?) {
        ("hs_lastmodifieddate", "GTE") => {
            Some(object.updated_at.as_millisecond() >= value.parse().ok()?)
        }
        ("hs_object_id", "GT") => Some(id > value.parse().ok()?),
        _ => None,
    }
}
