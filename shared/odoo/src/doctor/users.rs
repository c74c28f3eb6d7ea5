//! The service users: whose key it is, and what that user may do.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::finding::{Examination, Finding};
use super::needs::{Need, ServiceUser};
use super::server::words;
use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

/// Groups that let their members do everything.
const ADMINISTRATORS: [&str; 2] = ["base.group_system", "base.group_erp_manager"];
/// The language in which the flows ask, so that they understand what Odoo answers.
const LANGUAGE: &str = "en_US";

/// A user whose key works.
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) id: i64,
    /// Where it works by itself.
    pub(super) company: i64,
    /// Where it may work.
    pub(super) companies: Vec<i64>,
}

#[derive(Deserialize)]
struct Account {
    lang: OrFalse<String>,
    tz: OrFalse<String>,
    company_id: i64,
    company_ids: Vec<i64>,
}

/// Checks one user; nothing when its key does not work.
pub(super) async fn examine(
    odoo: &Odoo,
    needed: &ServiceUser,
    examination: &mut Examination,
) -> Option<Known> {
    let known = match account(odoo, needed).await {
        Ok((known, finding)) => {
            examination.add(finding);
            known
        }
        Err(error) => {
            examination.add(no_account(needed, &error));
            return None;
        }
    };
    for finding in [
        language(odoo, needed).await,
        administrator(odoo, needed, known.id).await,
    ] {
        examination.findings.extend(finding);
    }
    let problems = rights(odoo, needed, known.id).await;
    if problems.is_empty() {
        let models = needed.needs.len();
        let found = format!("may do all it must with {models} models, and no group is missing");
        examination.add(Finding::ok(check(needed, "rights"), found));
    }
    examination.findings.extend(problems);
    Some(known)
}

fn check(needed: &ServiceUser, what: &str) -> String {
    format!("{} {what}", needed.name)
}

/// Without names: only ids, and what dates and texts depend on.
async fn account(odoo: &Odoo, needed: &ServiceUser) -> Result<(Known, Finding), OdooError> {
    let nowhere = Context::companies(&[]);
    let context: Map<String, Value> = odoo
        .call("res.users", "context_get", &nowhere, json!({}))
        .await?;
    let id = context.get("uid").and_then(Value::as_i64);
    let id = id.ok_or_else(|| OdooError::differs("Odoo does not say whose key it is"))?;
    let fields = ["lang", "tz", "company_id", "company_ids"];
    let found: Account = odoo.read_one(&nowhere, "res.users", id, &fields).await?;
    let or_none = |value: &OrFalse<String>| value.0.clone().unwrap_or_else(|| "none".to_owned());
    let text = format!(
        "user {id}, language {}, zone {}, company {} of {:?}",
        or_none(&found.lang),
        or_none(&found.tz),
        found.company_id,
        found.company_ids
    );
    let known = Known {
        name: needed.name,
        id,
        company: found.company_id,
        companies: found.company_ids,
    };
    Ok((known, Finding::ok(check(needed, "key"), text)))
}

fn no_account(needed: &ServiceUser, error: &OdooError) -> Finding {
    let fix = match error {
        OdooError::KeyRefused | OdooError::NotAllowed { .. } => format!(
            "make an API key for a user that does {}, in Odoo under Preferences, Security",
            needed.does
        ),
        OdooError::Unreachable(_)
        | OdooError::NoAnswer { .. }
        | OdooError::Busy { .. }
        | OdooError::Refused { .. }
        | OdooError::TooLarge
        | OdooError::Defect { .. }
        | OdooError::Differs { .. }
        | OdooError::Asked(_)
        | OdooError::NotNow(_)
        | OdooError::OutOfTime
        | OdooError::Unreadable { .. } => "try again, and look into Odoo's log".to_owned(),
    };
    Finding::failure(check(needed, "key"), words(error), fix)
}

/// Asked as one of them: a language is installed for all or for none.
async fn language(odoo: &Odoo, needed: &ServiceUser) -> Option<Finding> {
    let nowhere = Context::companies(&[]).with("lang", Value::Null);
    let arguments = json!({"domain": [["code", "=", LANGUAGE]]});
    let found: Result<u64, OdooError> = odoo
        .call("res.lang", "search_count", &nowhere, arguments)
        .await;
    let missing = matches!(found, Ok(0)).then(|| {
        let found = format!("the language {LANGUAGE} is not active");
        let fix = "activate English (US) under Settings, Languages; users may keep theirs";
        Finding::failure(check(needed, "language"), found, fix)
    });
    missing.or_else(|| failed(check(needed, "language"), found.err()))
}

async fn administrator(odoo: &Odoo, needed: &ServiceUser, id: i64) -> Option<Finding> {
    for group in ADMINISTRATORS {
        match has_group(odoo, id, group).await {
            Ok(true) => {
                let groups = needed.groups.join(", ");
                return Some(Finding::warning(
                    check(needed, "rights"),
                    format!("is an administrator ({group}): a lost key would open everything"),
                    format!("use a user of its own with the groups {groups}"),
                ));
            }
            Ok(false) => {}
            Err(error) => return failed(check(needed, "rights"), Some(error)),
        }
    }
    None
}

async fn has_group(odoo: &Odoo, id: i64, group: &str) -> Result<bool, OdooError> {
    let arguments = json!({"ids": [id], "group_ext_id": group});
    let nowhere = Context::companies(&[]);
    odoo.call("res.users", "has_group", &nowhere, arguments)
        .await
}

/// Everything that this user must be able to do and cannot.
async fn rights(odoo: &Odoo, needed: &ServiceUser, id: i64) -> Vec<Finding> {
    let mut problems = Vec::new();
    for need in needed.needs {
        problems.extend(model(odoo, needed, need).await);
    }
    for sight in needed.sees {
        match has_group(odoo, id, sight.group).await {
            Ok(true) => {}
            Ok(false) => problems.push(Finding::failure(
                check(needed, "rights"),
                format!("is not in the group {}: {}", sight.group, sight.without),
                grant(needed),
            )),
            Err(error) => problems.extend(failed(check(needed, "rights"), Some(error))),
        }
    }
    problems
}

/// What is wrong with one model for this user.
async fn model(odoo: &Odoo, needed: &ServiceUser, need: &Need) -> Vec<Finding> {
    let Need { model, module, .. } = need;
    let nowhere = Context::companies(&[]);
    let arguments = json!({"allfields": need.fields, "attributes": ["type"]});
    let seen: Result<Map<String, Value>, OdooError> =
        odoo.call(model, "fields_get", &nowhere, arguments).await;
    let seen = match seen {
        Ok(seen) => seen,
        Err(OdooError::Refused { .. }) => {
            return vec![Finding::failure(
                check(needed, "modules"),
                format!("Odoo has no model {model}"),
                format!("install the module {module}"),
            )];
        }
        Err(error) => {
            return failed(check(needed, "modules"), Some(error))
                .into_iter()
                .collect();
        }
    };
    let mut problems = Vec::new();
    for operation in need.operations {
        let arguments = json!({"operation": operation});
        let may: Result<bool, OdooError> =
            odoo.call(model, "has_access", &nowhere, arguments).await;
        match may {
            Ok(true) => {}
            Ok(false) => problems.push(Finding::failure(
                check(needed, "rights"),
                format!("may not {operation} {model}"),
                grant(needed),
            )),
            Err(error) => problems.extend(failed(check(needed, "rights"), Some(error))),
        }
    }
    let hidden = need
        .fields
        .iter()
        .filter(|field| !seen.contains_key(**field));
    let hidden: Vec<&str> = hidden.copied().collect();
    // A user that may not read the model sees none of its fields either.
    if !hidden.is_empty() && problems.is_empty() {
        problems.push(Finding::failure(
            check(needed, "modules"),
            format!("does not see {} of {model}", hidden.join(", ")),
            format!("install the module {module}, or {}", grant(needed)),
        ));
    }
    problems
}

fn grant(needed: &ServiceUser) -> String {
    format!("give the user the groups {}", needed.groups.join(", "))
}

/// A question that Odoo did not answer.
pub(super) fn failed(check: String, error: Option<OdooError>) -> Option<Finding> {
    let error = error?;
    let fix = "try again, and look into Odoo's log";
    Some(Finding::failure(check, words(&error), fix))
}

/// One user for everything is possible, and worth a word.
pub(super) fn are_different(known: &[Known], examination: &mut Examination) {
    for (position, user) in known.iter().enumerate() {
        let earlier = known
            .iter()
            .take(position)
            .find(|other| other.id == user.id);
        if let Some(other) = earlier {
            examination.add(Finding::warning(
                "users",
                format!(
                    "the keys {} and {} are of one user, {}",
                    other.name, user.name, user.id
                ),
                "use a user for each: Odoo then shows who did what, and a lost key opens less",
            ));
        }
    }
}
