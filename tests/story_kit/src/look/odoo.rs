//! What Odoo shows, asked by a person.

use std::collections::BTreeMap;

use super::compare::equal;
use super::differs;
use crate::format::Expect;
use crate::json::Json;
use crate::people::CallError;
use crate::stage::{Stage, StageError};
use crate::value::Value;

type Wanted = BTreeMap<String, Value>;

pub(super) async fn look(stage: &Stage, expect: &Expect) -> Result<Vec<String>, StageError> {
    let model = expect.odoo.as_deref().unwrap_or_default();
    let each = wanted(stage, &expect.fields).await?;
    let mut rows = Vec::new();
    for row in expect.rows.iter().flatten() {
        rows.push(wanted(stage, row).await?);
    }
    let found = search(stage, expect, model, rows.iter().chain([&each])).await?;
    let mut wrong = Vec::new();
    let expected = expect
        .count
        .or_else(|| expect.rows.as_ref().map(|rows| rows.len() as u64));
    match expected {
        Some(count) if count != found.len() as u64 => {
            let listed = found
                .iter()
                .map(|record| format!("\n    {record}"))
                .collect::<String>();
            wrong.push(differs(
                &format!("how many {model}"),
                &count,
                &format!("{}{listed}", found.len()),
            ));
        }
        None if found.is_empty() => wrong.push(format!("there is no such {model}")),
        Some(_) | None => {}
    }
    for record in &found {
        wrong.extend(differences(model, &each, record));
    }
    for (row, record) in rows.iter().zip(&found) {
        wrong.extend(differences(model, row, record));
    }
    Ok(wrong)
}

/// The records, in their order, with every field that is compared.
async fn search(
    stage: &Stage,
    expect: &Expect,
    model: &str,
    wanted: impl Iterator<Item = &Wanted>,
) -> Result<Vec<Value>, StageError> {
    let mut fields: Vec<&str> = wanted
        .flat_map(|row| row.keys().map(String::as_str))
        .collect();
    fields.push("display_name");
    fields.sort_unstable();
    fields.dedup();
    let domain = match &expect.domain {
        Some(domain) => stage.people.resolved(&domain.text()).await?,
        None => "[]".to_owned(),
    };
    let companies = match expect.company {
        Some(company) => format!("[{company}]"),
        None => stage.people.companies().await?,
    };
    let body = format!(
        "{{\"domain\": {domain}, \"fields\": {}, \"order\": {}, \"context\": {{\"allowed_company_ids\": {companies}}}}}",
        serde_json::json!(fields),
        serde_json::json!(expect.order.as_deref().unwrap_or("id")),
    );
    let who = expect.who.as_deref().unwrap_or("admin");
    let found = stage.people.call(who, model, "search_read", body).await?;
    Ok(found.list().unwrap_or_default().to_vec())
}

/// What a record must have, with names instead of ids resolved.
async fn wanted(stage: &Stage, fields: &BTreeMap<String, Json>) -> Result<Wanted, CallError> {
    let mut wanted = Wanted::new();
    for (name, value) in fields {
        let json = stage.people.resolved(&value.text()).await?;
        wanted.insert(name.clone(), Value::read(&json).unwrap_or(Value::Null));
    }
    Ok(wanted)
}

fn differences(model: &str, wanted: &Wanted, record: &Value) -> Vec<String> {
    let name = record.field("display_name").cloned().unwrap_or(Value::Null);
    let id = record.field("id").cloned().unwrap_or(Value::Null);
    let differing = wanted.iter().filter_map(|(field, expected)| {
        let found = record.field(field).unwrap_or(&Value::Null);
        let what = format!("{model} {id}, {name}: {field}");
        (!equal(expected, found)).then(|| differs(&what, expected, found))
    });
    differing.collect()
}
