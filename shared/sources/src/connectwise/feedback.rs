//! Writing on a project in ConnectWise: custom fields, by the captions that people see.
//!
//! A record is changed by a list of operations (`PATCH`):
//! <https://developer.connectwise.com/Products/ConnectWise_PSA/Developer_Guide#PATCH>. Custom fields are
//! one array, so the project is read first, and all of them go back: whether the vendor keeps those that
//! are left out is not written anywhere.

use std::collections::BTreeMap;

use domain::Reference;
use serde_json::value::{RawValue, to_raw_value};

use crate::api::ApiRequest;
use crate::json::{Object, Unreadable};

/// What follows from a project as it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// It has the values already.
    Nothing,
    /// This request writes them. Writing them twice changes nothing.
    Write(ApiRequest),
    /// It has no custom fields with these captions.
    NoFields(Vec<String>),
}

/// The request that reads a project.
pub fn look(project: &Reference) -> ApiRequest {
    ApiRequest {
        method: "GET",
        path_and_query: path(project),
        body: None,
    }
}

/// How these values come onto a project which is `found` like this.
///
/// # Errors
/// When the answer is not a project.
pub fn change(
    project: &Reference,
    found: &str,
    values: &BTreeMap<String, String>,
) -> Result<Change, Unreadable> {
    let found = Object::parse(found)?;
    let mut missing: Vec<&String> = values.keys().collect();
    let (mut fields, mut differs) = (Vec::new(), false);
    for raw in found.elements("customFields")? {
        let field = Object::parse(raw)?;
        let caption = field.optional_text("caption")?.unwrap_or_default();
        let Some(value) = values.get(&caption) else {
            fields.push(RawValue::from_string(raw.to_owned()).map_err(|_| wrong())?);
            continue;
        };
        missing.retain(|other| **other != caption);
        differs |= field.optional_id("value")?.as_ref() != Some(value);
        let mut ours: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(raw).map_err(|_| wrong())?;
        let text = to_raw_value(value).map_err(|_| wrong())?;
        ours.insert("value".to_owned(), text);
        fields.push(to_raw_value(&ours).map_err(|_| wrong())?);
    }
    if !missing.is_empty() {
        return Ok(Change::NoFields(missing.into_iter().cloned().collect()));
    }
    if !differs {
        return Ok(Change::Nothing);
    }
    let fields = serde_json::to_string(&fields).map_err(|_| wrong())?;
    Ok(Change::Write(ApiRequest {
        method: "PATCH",
        path_and_query: path(project),
        body: Some(format!(
            r#"[{{"op":"replace","path":"customFields","value":{fields}}}]"#
        )),
    }))
}

fn wrong() -> Unreadable {
    crate::json::wrong("customFields", "a list of custom fields")
}

fn path(project: &Reference) -> String {
    format!(
        "/project/projects/{}",
        crate::hubspot::deal_fetch::escaped(project.id())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUND: &str = r#"{"id":77,"customFields":[{"id":11,"caption":"CRM deal id","type":"Text","value":"99"},
        {"id":12,"caption":"Odoo order","type":"Text","value":null},{"id":13,"caption":"Budget","type":"Number","value":1.10}]}"#;

    fn asked(values: &[(&str, &str)], found: &str) -> Change {
        let project = Reference::new("connectwise", "Cobalt", "project", "77");
        let values = values
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        change(&project, found, &values.collect()).unwrap()
    }

    #[test]
    fn only_the_named_fields_change_and_the_others_go_back_digit_by_digit() {
        let Change::Write(request) = asked(&[("Odoo order", "S00012")], FOUND) else {
            panic!("expected a request")
        };
        assert_eq!(request.method, "PATCH");
        assert_eq!(request.path_and_query, "/project/projects/77");
        let body = request.body.unwrap();
        assert!(body.starts_with(r#"[{"op":"replace","path":"customFields","value":[{"id":11,"#));
        assert!(body.contains(r#""value":1.10"#), "{body}");
        assert!(
            body.contains("S00012") && body.contains("CRM deal id"),
            "{body}"
        );
    }

    #[test]
    fn what_is_there_is_not_written_again_and_a_caption_that_is_not_is_told() {
        assert!(matches!(
            asked(&[("CRM deal id", "99")], FOUND),
            Change::Nothing
        ));
        let Change::NoFields(missing) = asked(&[("Odoo project", "4")], FOUND) else {
            panic!("expected a caption")
        };
        assert_eq!(missing, ["Odoo project"]);
    }
}
