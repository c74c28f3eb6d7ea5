//! Projects and phases that are created in ConnectWise, and the questions that find them.
//!
//! What a project must have and what the answers look like:
//! <https://developer.connectwise.com/Products/ConnectWise_PSA/REST>

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::serve::Question;

/// What there is, by the name that callbacks have for its kind (and `phase`), and by id.
pub(super) type Records = BTreeMap<(String, u64), Kept>;

/// A record as the list shows it.
pub(super) struct Kept {
    pub(super) changed: Timestamp,
    /// Digits as they are: a number of ours would lose its last zero.
    pub(super) json: Box<RawValue>,
}

/// What a project cannot be without.
const OF_PROJECT: [&str; 6] = [
    "name",
    "company",
    "board",
    "billingMethod",
    "estimatedStart",
    "estimatedEnd",
];

/// What a phase cannot be without.
const OF_PHASE: [&str; 1] = ["description"];

/// The words that it takes as `billingMethod`.
const METHODS: [&str; 4] = ["ActualRates", "FixedFee", "NotToExceed", "OverrideRate"];

/// A record, field by field, with digits as they are.
type Fields = BTreeMap<String, Box<RawValue>>;

/// Reads what is to be created; an error's body when it lacks something, or names what is not there.
fn read(body: &[u8], required: &[&str], resource: &str) -> Result<Fields, String> {
    let refused = |said: Vec<(&str, &str)>| {
        let errors: Vec<Value> = said
            .iter()
            .map(|(field, code)| json!({"code": code, "message": format!("{field}: {code}"), "resource": resource, "field": field}))
            .collect();
        let message = format!("{resource} object is invalid");
        json!({"code": "InvalidObject", "message": message, "errors": errors}).to_string()
    };
    let Ok(fields) = serde_json::from_slice::<Fields>(body) else {
        return Err(refused(vec![("body", "InvalidObject")]));
    };
    let is_there = |field: &&&str| {
        let raw = fields.get(**field).map(|raw| raw.get());
        raw.is_some_and(|raw| !["null", "\"\"", "{}"].contains(&raw))
    };
    let mut said: Vec<(&str, &str)> = required
        .iter()
        .filter(|field| !is_there(field))
        .map(|field| (*field, "MissingRequiredField"))
        .collect();
    let method = fields
        .get("billingMethod")
        .map(|raw| raw.get().trim_matches('"'));
    if method.is_some_and(|method| !METHODS.contains(&method)) {
        said.push(("billingMethod", "InvalidField"));
    }
    match said.is_empty() {
        true => Ok(fields),
        false => Err(refused(said)),
    }
}

/// The custom fields of a new project: those that the others have, with the values that were sent. None
/// for one that there is not.
fn custom_fields(others: &[&str], sent: Option<&RawValue>) -> Option<Box<RawValue>> {
    let list = |json: &str| -> Vec<BTreeMap<String, Value>> {
        serde_json::from_str(json).unwrap_or_default()
    };
    let mut fields: BTreeMap<u64, BTreeMap<String, Value>> = BTreeMap::new();
    for other in others {
        let other: Fields = serde_json::from_str(other).unwrap_or_default();
        for mut field in other
            .get("customFields")
            .map_or_else(Vec::new, |raw| list(raw.get()))
        {
            field.remove("value");
            if let Some(id) = field.get("id").and_then(Value::as_u64) {
                fields.insert(id, field);
            }
        }
    }
    for field in sent.map_or_else(Vec::new, |raw| list(raw.get())) {
        let known = fields.get_mut(&field.get("id")?.as_u64()?)?;
        known.insert("value".to_owned(), field.get("value")?.clone());
    }
    to_raw_value(&fields.into_values().collect::<Vec<_>>()).ok()
}

/// The record as it is kept: with its id and when it was made.
fn made(mut fields: Fields, id: u64, at: Timestamp) -> Box<RawValue> {
    let info =
        json!({"lastUpdated": at, "updatedBy": "Tenon", "dateEntered": at, "enteredBy": "Tenon"});
    put(&mut fields, "id", &json!(id));
    put(&mut fields, "_info", &info);
    to_raw_value(&fields).unwrap_or_default()
}

/// Whether a record is what is asked for: `caption="…" AND value="…"` of its custom fields, or
/// `company/id=…`. None for a question that is not known here.
fn is_asked_for(record: &str, custom: Option<&str>, conditions: Option<&str>) -> Option<bool> {
    let record: Value = serde_json::from_str(record).ok()?;
    if let Some(custom) = custom {
        let (caption, value) = custom
            .strip_prefix("caption=\"")?
            .split_once("\" AND value=\"")?;
        let value = value.strip_suffix('"')?;
        let fields = record.get("customFields").and_then(Value::as_array);
        let has = |field: &Value| {
            field.get("caption").and_then(Value::as_str) == Some(caption)
                && field.get("value").and_then(Value::as_str) == Some(value)
        };
        return Some(fields.is_some_and(|fields| fields.iter().any(has)));
    }
    let id: u64 = conditions?.strip_prefix("company/id=")?.parse().ok()?;
    Some(record.pointer("/company/id").and_then(Value::as_u64) == Some(id))
}

/// Whether a question about projects names what they are, and not since when they were changed.
pub(super) fn finds(question: &Question) -> bool {
    let conditions = question.parameter("conditions");
    let of_company = conditions.is_some_and(|asked| asked.starts_with("company/"));
    of_company || question.parameter("customFieldConditions").is_some()
}

/// A new project, or a new phase of a project: status and body.
pub(super) fn create(
    records: &mut Records,
    body: &[u8],
    project: Option<u64>,
    at: Timestamp,
) -> (u16, String) {
    let kind = project.map_or("project", |_| "phase");
    let of_project = project.map(|id| ("project".to_owned(), id));
    if of_project.is_some_and(|key| !records.contains_key(&key)) {
        return (404, json!({ "code": "NotFound" }).to_string());
    }
    let required: &[&str] = match project {
        None => &OF_PROJECT,
        Some(_) => &OF_PHASE,
    };
    let mut fields = match read(body, required, kind) {
        Ok(fields) => fields,
        Err(refused) => return (400, refused),
    };
    match project {
        Some(project) => put(&mut fields, "projectId", &json!(project)),
        None => {
            let sent = fields.get("customFields").map(|sent| &**sent);
            let Some(custom) = custom_fields(&of_kind(records, kind), sent) else {
                let error = json!({ "code": "InvalidField", "field": "customFields" });
                let refused = json!({ "code": "InvalidObject", "errors": [error] });
                return (400, refused.to_string());
            };
            fields.insert("customFields".to_owned(), custom);
            if !fields.contains_key("status") {
                put(
                    &mut fields,
                    "status",
                    &json!({ "id": 1, "name": "1. Open" }),
                );
            }
        }
    }
    let ids = records.keys().filter(|(its, _)| its == kind);
    let id = ids.map(|(_, id)| id + 1).max().unwrap_or(1);
    let json = made(fields, id, at);
    let body = json.get().to_owned();
    let kept = Kept { changed: at, json };
    records.insert((kind.to_owned(), id), kept);
    (201, body)
}

/// The projects that are asked for by a field, or the phases of a project: status and body.
pub(super) fn find(records: &Records, question: &Question, project: Option<u64>) -> (u16, String) {
    let custom = question.parameter("customFieldConditions");
    let conditions = question.parameter("conditions");
    let mut found = Vec::new();
    for record in of_kind(records, project.map_or("project", |_| "phase")) {
        let asked = match project {
            Some(id) => is_of(record, id),
            None => is_asked_for(record, custom.as_deref(), conditions.as_deref()),
        };
        match asked {
            Some(true) => found.push(record),
            Some(false) => {}
            None => return (400, json!({ "code": "InvalidCondition" }).to_string()),
        }
    }
    (200, format!("[{}]", found.join(",")))
}

/// The records of a kind, by their ids.
fn of_kind<'a>(records: &'a Records, kind: &str) -> Vec<&'a str> {
    let of_kind = records.iter().filter(|((its, _), _)| its == kind);
    of_kind.map(|(_, kept)| kept.json.get()).collect()
}

/// Whether a phase is one of a project's.
fn is_of(phase: &str, project: u64) -> Option<bool> {
    let phase: Value = serde_json::from_str(phase).ok()?;
    Some(phase.get("projectId").and_then(Value::as_u64) == Some(project))
}

fn put(fields: &mut Fields, name: &str, value: &Value) {
    if let Ok(raw) = to_raw_value(value) {
        fields.insert(name.to_owned(), raw);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_refused_field_by_field_and_found_by_the_deal_that_it_names() {
        let mut records = Records::new();
        let at: Timestamp = "2026-11-16T15:00:00Z".parse().unwrap();
        let other = r#"{"id":77,"customFields":[{"id":11,"caption":"CRM deal id","value":"5"}]}"#;
        let json = RawValue::from_string(other.to_owned()).unwrap();
        records.insert(("project".to_owned(), 77), Kept { changed: at, json });
        let lacking = br#"{"name":"P","company":{"id":250},"board":{},"billingMethod":"Hours","estimatedStart":"2026-11-16T00:00:00Z"}"#;
        let (status, refused) = create(&mut records, lacking, None, at);
        assert_eq!(status, 400);
        for words in [
            "\"field\":\"board\"",
            "\"field\":\"estimatedEnd\"",
            "\"field\":\"billingMethod\"",
        ] {
            assert!(refused.contains(words), "{refused}");
        }
        assert!(!refused.contains("\"field\":\"company\""), "{refused}");
        let whole = |field: u64| {
            format!(
                r#"{{"name":"P","company":{{"id":250}},"board":{{"id":3}},"billingMethod":"FixedFee","estimatedStart":"2026-11-16T00:00:00Z","estimatedEnd":"2026-12-16T00:00:00Z","budgetHours":10.50,"customFields":[{{"id":{field},"value":"99"}}]}}"#
            )
        };
        assert_eq!(create(&mut records, whole(12).as_bytes(), None, at).0, 400);
        let (status, made) = create(&mut records, whole(11).as_bytes(), None, at);
        assert_eq!(status, 201);
        assert!(
            made.contains("\"id\":78") && made.contains("10.50") && made.contains("1. Open"),
            "{made}"
        );
        let asked = |record: &str, custom| is_asked_for(record, Some(custom), None);
        assert_eq!(
            asked(&made, "caption=\"CRM deal id\" AND value=\"99\""),
            Some(true)
        );
        assert_eq!(
            asked(other, "caption=\"CRM deal id\" AND value=\"99\""),
            Some(false)
        );
        assert_eq!(
            asked(other, "value=99"),
            None,
            "a question that is not known here"
        );
        assert_eq!(
            is_asked_for(&made, None, Some("company/id=250")),
            Some(true)
        );
    }

    #[test]
    fn a_phase_needs_a_project_and_a_description() {
        let mut records = Records::new();
        let at: Timestamp = "2026-11-16T15:00:00Z".parse().unwrap();
        let mut phase = |body: &str| create(&mut records, body.as_bytes(), Some(77), at).0;
        assert_eq!(phase(r#"{"description":"Design"}"#), 404);
        let json = RawValue::from_string(r#"{"id":77}"#.to_owned()).unwrap();
        records.insert(("project".to_owned(), 77), Kept { changed: at, json });
        let mut phase = |body: &str| create(&mut records, body.as_bytes(), Some(77), at).0;
        assert_eq!(phase(r#"{"notes":"Design"}"#), 400);
        assert_eq!(phase(r#"{"description":"Design"}"#), 201);
    }
}
