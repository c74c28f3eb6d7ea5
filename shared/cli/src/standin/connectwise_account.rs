//! What ConnectWise PSA says of the company itself: its members, its roles, its own fields, the states
//! of projects.
//!
//! <https://developer.connectwise.com/Products/ConnectWise_PSA/REST>

use serde_json::{Value, json};

/// Identifier, first and last name.
const MEMBERS: [(&str, &str, &str); 3] = [
    ("AConsultant", "Alice", "Consultant"),
    ("BArchitect", "Bob", "Architect"),
    ("Integrator", "Tenon", "Integration"),
];

/// The answer to a question about the company; none when it is about something else.
pub(super) fn answer(path: &str) -> Option<Value> {
    let named = |names: &[&str]| {
        let records = names.iter().zip(1_u32..);
        let records =
            records.map(|(name, id)| json!({ "id": id, "name": name, "inactiveFlag": false }));
        Value::Array(records.collect())
    };
    match path {
        "/system/members" => {
            let members = MEMBERS.iter().zip(1_u32..);
            let members = members.map(|((identifier, first, last), id)| {
                json!({ "id": id, "identifier": identifier, "firstName": first, "lastName": last, "inactiveFlag": false })
            });
            Some(Value::Array(members.collect()))
        }
        "/time/workRoles" => Some(named(&["Senior Consultant", "Architect"])),
        "/project/statuses" => Some(named(&["1. Open", "3. On Hold", "9. Closed"])),
        "/system/userDefinedFields" => Some(json!([
            { "id": 1, "podId": 59, "caption": "CRM deal id", "fieldTypeIdentifier": "Text" },
            { "id": 2, "podId": 59, "caption": "Odoo order", "fieldTypeIdentifier": "Text" },
        ])),
        _ => None,
    }
}
