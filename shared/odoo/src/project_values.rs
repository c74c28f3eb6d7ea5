//! What a newer version of a contract writes on the project that is there.

use domain::DecimalText;
use domain::command::CreateProject;
use domain::record::Posted;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::answer::{OrFalse, same};
use crate::project::{MODEL, check, posted};
use crate::{Context, Odoo, OdooError, earned, milestones};

#[derive(Deserialize)]
struct Found {
    name: String,
    sale_line_id: OrFalse<i64>,
    allocated_hours: DecimalText,
}

/// Writes what the newest version says and nobody else has changed since. `earlier` are the versions
/// that Odoo may have, newest first.
pub(crate) async fn change(
    odoo: &Odoo,
    id: i64,
    earlier: &[&CreateProject],
    project: &CreateProject,
) -> Result<Posted, OdooError> {
    let context = Context::of(&project.company);
    let fields = ["name", "sale_line_id", "allocated_hours"];
    let found: Found = odoo.read_one(&context, MODEL, id, &fields).await?;
    let mut values = Map::new();
    let was_named = |before: &&CreateProject| before.name == found.name;
    if found.name != project.name && earlier.iter().any(was_named) {
        values.insert("name".to_owned(), json!(project.name));
    }
    let hours = found.allocated_hours.0;
    let planned = |project: &CreateProject| project.budget_hours.unwrap_or(Decimal::ZERO);
    let was_planned = |before: &&CreateProject| same(planned(before), hours);
    if !same(planned(project), hours) && earlier.iter().any(was_planned) {
        let hours = planned(project).to_string();
        values.insert("allocated_hours".to_owned(), json!(hours));
    }
    if let Some(line) = &project.default_line {
        // Posted time keeps its line: each of ours says that it was chosen.
        let line = odoo.resolve(&context, &line.external_id()).await?;
        if found.sale_line_id.0 != Some(line) {
            values.insert("sale_line_id".to_owned(), json!(line));
        }
    }
    if !values.is_empty() {
        odoo.write(&context, MODEL, &[id], Value::Object(values))
            .await?;
    }
    milestones::follow(odoo, &context, id, project).await?;
    let account = check(odoo, &context, id, project, false).await?;
    earned::follow(odoo, &context, account, earlier, project).await?;
    let after: Found = odoo.read_one(&context, MODEL, id, &fields).await?;
    Ok(posted(id, after.name))
}
