//! A project in ConnectWise and its phases: how they are looked for, and how they are created.
//!
//! ConnectWise has no idempotency key: two equal requests make two projects. So a project carries the
//! deal's id in a custom field from its first moment on, and a phase the milestone's id in its notes,
//! and both are looked for before they are created. What a project must have (`name`, `company`,
//! `board`, `billingMethod`, `estimatedStart`, `estimatedEnd`) and a phase (`description`), and that
//! lists are filtered by custom fields (`customFieldConditions`), is in the vendor's description:
//! <https://developer.connectwise.com/Products/ConnectWise_PSA/REST>,
//! <https://developer.connectwise.com/Products/ConnectWise_PSA/Developer_Guide>

use domain::Reference;
use domain::book::{PsaBillingMethod, PsaCreate};
use domain::command::{CreatePsaProject, Milestone};
use jiff::civil::Date;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::api::ApiRequest;
use crate::hubspot::deal_fetch::escaped;
use crate::json::{self, Object, Unreadable};

/// As many as one page may have.
const MOST: u32 = 1000;

/// A project that was found.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundProject {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The deal that it names.
    pub deal_id: Option<String>,
}

/// A phase that was found.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundPhase {
    /// Its id.
    pub id: String,
    description: String,
    notes: String,
}

/// The projects that carry a deal's id in the custom field with this caption.
pub fn projects_of(deal: &Reference, caption: &str) -> ApiRequest {
    let asked = format!("caption=\"{caption}\" AND value=\"{}\"", deal.id());
    get(format!(
        "/project/projects?customFieldConditions={}&orderBy={}&pageSize={MOST}",
        escaped(&asked),
        escaped("id asc")
    ))
}

/// The newest projects of a customer.
pub fn projects_for(company: &str) -> ApiRequest {
    get(format!(
        "/project/projects?conditions={}&orderBy={}&pageSize={MOST}",
        escaped(&format!("company/id={company}")),
        escaped("id desc")
    ))
}

/// The phases of a project.
pub fn phases_of(project: &str) -> ApiRequest {
    get(format!("{}?pageSize={MOST}", phases_path(project)))
}

/// Creates a project for a customer, from a day to a day.
pub fn create(
    plan: &CreatePsaProject,
    how: &PsaCreate,
    company: u64,
    (start, end): (Date, Date),
) -> ApiRequest {
    let method = how.billing_method.unwrap_or(match plan.takes_time {
        true => PsaBillingMethod::ActualRates,
        false => PsaBillingMethod::FixedFee,
    });
    let mut project = Map::new();
    let mut put = |field: &str, value: Value| project.insert(field.to_owned(), value);
    put("name", json!(plan.name));
    put("company", json!({ "id": company }));
    put("board", json!({ "id": how.board }));
    put("billingMethod", json!(method.word()));
    put("estimatedStart", json!(beginning(start)));
    put("estimatedEnd", json!(beginning(end)));
    put("description", json!(plan.scope.join("\n")));
    for (field, id) in [
        ("status", how.status),
        ("location", how.location),
        ("department", how.department),
    ] {
        if let Some(id) = id {
            put(field, json!({ "id": id }));
        }
    }
    if !plan.purchase_order.is_empty() {
        put("customerPO", json!(plan.purchase_order));
    }
    put(
        "customFields",
        json!([{ "id": how.deal_field_id, "value": plan.deal.id() }]),
    );
    let mut body = Value::Object(project).to_string();
    if let Some(hours) = plan.hours {
        // Digits as they are: a number of JSON's own would be a float.
        body.insert_str(1, &format!("\"budgetHours\":{hours},"));
    }
    post("/project/projects".to_owned(), body)
}

/// Creates the phase of a milestone. Its description is the name that the order line and Odoo's
/// milestone have too.
pub fn create_phase(project: &str, deal: &Reference, milestone: &Milestone) -> ApiRequest {
    let phase = json!({
        "description": milestone.name,
        "notes": mark(deal, milestone),
        "deadlineDate": beginning(milestone.due),
        "markAsMilestoneFlag": true,
    });
    post(phases_path(project), phase.to_string())
}

/// Reads a list of projects.
///
/// # Errors
/// When the answer is none.
pub fn found_projects(body: &str, caption: &str) -> Result<Vec<FoundProject>, Unreadable> {
    let read = |raw: &RawValue| found_project(raw.get(), caption);
    json::array(body)?.into_iter().map(read).collect()
}

/// Reads a project.
///
/// # Errors
/// When it is none.
pub fn found_project(body: &str, caption: &str) -> Result<FoundProject, Unreadable> {
    let project = Object::parse(body)?;
    let mut deal_id = None;
    for field in project.objects("customFields")? {
        if field.optional_text("caption")?.as_deref() == Some(caption) {
            deal_id = field.optional_id("value")?;
        }
    }
    Ok(FoundProject {
        id: project.id("id")?,
        name: project.text("name")?,
        deal_id: deal_id.map(|id| id.trim().to_owned()),
    })
}

/// Reads a list of phases.
///
/// # Errors
/// When the answer is none.
pub fn found_phases(body: &str) -> Result<Vec<FoundPhase>, Unreadable> {
    let read = |raw: &RawValue| found_phase(raw.get());
    json::array(body)?.into_iter().map(read).collect()
}

/// Reads a phase.
///
/// # Errors
/// When it is none.
pub fn found_phase(body: &str) -> Result<FoundPhase, Unreadable> {
    let phase = Object::parse(body)?;
    Ok(FoundPhase {
        id: phase.id("id")?,
        description: phase.text("description")?,
        notes: phase.optional_text("notes")?.unwrap_or_default(),
    })
}

/// The phase of a milestone: the one whose notes name it; else one of its name that names no other
/// milestone, as a person would have made it.
pub fn phase_of<'a>(
    phases: &'a [FoundPhase],
    deal: &Reference,
    milestone: &Milestone,
) -> Option<&'a FoundPhase> {
    let mark = mark(deal, milestone);
    let marked = phases.iter().find(|phase| phase.notes.contains(&mark));
    marked.or_else(|| {
        let is_its_own = |phase: &&FoundPhase| {
            phase.description == milestone.name && !phase.notes.contains("Milestone ")
        };
        phases.iter().find(is_its_own)
    })
}

/// What ConnectWise objects to, each as a field and a code: its sentences may quote what was sent.
pub fn objections(body: &str) -> Vec<String> {
    let word = |object: &Object<'_>, field: &str| {
        let word = object.optional_text(field).ok().flatten()?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
        (word.len() <= 60 && !word.is_empty() && word.bytes().all(plain)).then_some(word)
    };
    let Ok(answer) = Object::parse(body) else {
        return Vec::new();
    };
    let errors = answer.objects("errors").unwrap_or_default();
    let said = errors.iter().filter_map(|error| {
        let code = word(error, "code");
        match (word(error, "field"), code) {
            (Some(field), Some(code)) => Some(format!("{field}: {code}")),
            (Some(field), None) => Some(field),
            (None, code) => code,
        }
    });
    let said: Vec<String> = said.collect();
    match said.is_empty() {
        true => word(&answer, "code").into_iter().collect(),
        false => said,
    }
}

/// What tells the phase of a milestone from all others.
fn mark(deal: &Reference, milestone: &Milestone) -> String {
    let (line, deal) = (milestone.line.id(), deal.id());
    format!("Milestone {line} of deal {deal}.")
}

/// A day as ConnectWise takes it: it has only instants.
fn beginning(day: Date) -> String {
    format!("{day}T00:00:00Z")
}

fn phases_path(project: &str) -> String {
    format!("/project/projects/{}/phases", escaped(project))
}

fn get(path_and_query: String) -> ApiRequest {
    ApiRequest {
        method: "GET",
        path_and_query,
        body: None,
    }
}

fn post(path_and_query: String, body: String) -> ApiRequest {
    ApiRequest {
        method: "POST",
        path_and_query,
        body: Some(body),
    }
}

#[cfg(test)]
mod tests {
    use domain::command::Company;
    use jiff::civil::date;
    use rust_decimal::dec;

    use super::*;

    fn plan() -> CreatePsaProject {
        let deal = Reference::new("hubspot", "1", "deal", "99");
        CreatePsaProject {
            company: Company {
                id: 1,
                zone: "UTC".to_owned(),
            },
            source: "connectwise".to_owned(),
            account: "Cobalt".to_owned(),
            customer: deal.sibling("company"),
            name: "Data platform".to_owned(),
            purchase_order: "PO-1".to_owned(),
            scope: vec!["100 x Consulting".to_owned(), "1 x Design".to_owned()],
            takes_time: true,
            hours: Some(dec!(100.50)),
            starts_on: None,
            ends_on: None,
            milestones: vec![milestone("7", "Design accepted")],
            deal,
        }
    }

    fn milestone(id: &str, name: &str) -> Milestone {
        Milestone {
            line: Reference::new("hubspot", "1", "line_item", id),
            name: name.to_owned(),
            due: date(2026, 12, 1),
        }
    }

    fn how() -> PsaCreate {
        PsaCreate {
            board: 3,
            deal_field_id: 11,
            status: Some(1),
            location: None,
            department: Some(5),
            billing_method: None,
            entities: std::collections::BTreeSet::new(),
            days: 90,
        }
    }

    #[test]
    fn a_project_has_everything_that_connectwise_asks_for_and_the_deals_id() {
        let days = (date(2026, 11, 16), date(2027, 1, 31));
        let request = create(&plan(), &how(), 250, days);
        assert_eq!(
            (request.method, request.path_and_query.as_str()),
            ("POST", "/project/projects")
        );
        let text = request.body.unwrap();
        assert!(text.contains("\"budgetHours\":100.50,"), "{text}");
        let body: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(body["company"], json!({"id": 250}));
        assert_eq!(body["board"], json!({"id": 3}));
        assert_eq!(body["department"], json!({"id": 5}));
        assert_eq!(body.get("location"), None);
        assert_eq!(body["billingMethod"], "ActualRates");
        assert_eq!(body["estimatedStart"], "2026-11-16T00:00:00Z");
        assert_eq!(body["estimatedEnd"], "2027-01-31T00:00:00Z");
        assert_eq!(body["description"], "100 x Consulting\n1 x Design");
        assert_eq!(body["customFields"], json!([{"id": 11, "value": "99"}]));
        let mut fixed = plan();
        fixed.takes_time = false;
        let fixed = create(&fixed, &how(), 250, days).body.unwrap();
        assert!(fixed.contains("\"billingMethod\":\"FixedFee\""), "{fixed}");
    }

    #[test]
    fn a_project_is_looked_for_by_the_field_that_keeps_the_deals_id() {
        let path = projects_of(&plan().deal, "CRM deal id").path_and_query;
        assert!(
            path.starts_with(
                "/project/projects?customFieldConditions=caption%3D%22CRM%20deal%20id%22"
            ),
            "{path}"
        );
        let body = r#"[{"id":90,"name":"P","customFields":[{"id":11,"caption":"CRM deal id","value":" 99 "},{"id":12,"caption":"Other"}]},{"id":91,"name":"Q"}]"#;
        let found = found_projects(body, "CRM deal id").unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|p| (p.id.as_str(), p.deal_id.as_deref()))
            .collect();
        assert_eq!(found, [("90", Some("99")), ("91", None)]);
        assert!(found_projects("{}", "x").is_err());
    }

    #[test]
    fn the_phase_of_a_milestone_is_known_by_its_notes_else_by_its_name() {
        let plan = plan();
        let (design, twin) = (milestone("7", "Design"), milestone("8", "Design"));
        let request = create_phase("90", &plan.deal, &design);
        assert_eq!(request.path_and_query, "/project/projects/90/phases");
        let mut made: Value = serde_json::from_str(&request.body.unwrap()).unwrap();
        assert_eq!(made["description"], "Design");
        made["id"] = json!(501);
        let of = |phases: Value, milestone: &Milestone| {
            let phases = found_phases(&phases.to_string()).unwrap();
            phase_of(&phases, &plan.deal, milestone).map(|phase| phase.id.clone())
        };
        let by_hand = json!({"id": 502, "description": "Design"});
        assert_eq!(of(json!([by_hand, made]), &design).as_deref(), Some("501"));
        assert_eq!(of(json!([made]), &twin), None, "it is another one's");
        assert_eq!(of(json!([made, by_hand]), &twin).as_deref(), Some("502"));
    }

    #[test]
    fn what_connectwise_objects_to_is_told_by_field_and_never_in_its_sentences() {
        let body = r#"{"code":"InvalidObject","message":"Bob is wrong","errors":[
            {"code":"MissingRequiredField","message":"Bob","field":"estimatedEnd"},{"code":"Bob said no","field":"board/id"}]}"#;
        assert_eq!(
            objections(body),
            ["estimatedEnd: MissingRequiredField", "board/id"]
        );
        assert_eq!(objections(r#"{"code":"InvalidObject"}"#), ["InvalidObject"]);
        assert!(objections("<html>").is_empty());
    }
}
