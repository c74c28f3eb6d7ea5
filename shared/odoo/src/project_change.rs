//! A newer version of a contract on the project that is there.

use domain::command::CreateProject;
use domain::judge::Objection;
use domain::record::Posted;
use domain::{DecimalText, ExceptionClass, Reference};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::answer::{OrFalse, same};
use crate::project::{MODEL, check, create, posted};
use crate::project_adopt::adopt;
use crate::{Context, Odoo, OdooError, earned, milestones};

#[derive(Deserialize)]
struct Found {
    name: String,
    sale_line_id: OrFalse<i64>,
    allocated_hours: DecimalText,
}

/// The project as the newest version of its contract has it: created when it is not there, or found
/// where Odoo makes it; changed when it is. `earlier` are the versions that Odoo may have, newest first;
/// `there` is its id in Odoo, where that is known.
pub async fn follow(
    odoo: &Odoo,
    reference: &Reference,
    earlier: &[&CreateProject],
    there: Option<i64>,
    project: &CreateProject,
) -> Result<Posted, OdooError> {
    let of_another = |before: &&CreateProject| before.is_odoos() != project.is_odoos();
    if earlier.iter().any(of_another) {
        return Err(OdooError::Asked(Box::new(another_maker(project))));
    }
    if project.is_odoos() {
        return match there {
            Some(id) => change(odoo, id, earlier, project).await,
            None => adopt(odoo, earlier, project).await,
        };
    }
    let context = Context::of(&project.company);
    let existing = match earlier.is_empty() {
        true => None,
        false => odoo.look_up(&context, &reference.external_id()).await?,
    };
    match existing {
        Some(id) => change(odoo, id, earlier, project).await,
        None => create(odoo, reference, project).await,
    }
}

fn another_maker(project: &CreateProject) -> Objection {
    let (before, now) = match project.is_odoos() {
        true => ("tenon", "odoo"),
        false => ("odoo", "tenon"),
    };
    Objection {
        code: "project_maker_changed",
        class: ExceptionClass::BusinessRule,
        sentence: format!(
            "The book says now that the project of deal {} is made by {now}, and it was made by {before}",
            project.order.id()
        ),
        items: vec!["a confirmed order keeps its project (contracts.project_made_by)".to_owned()],
        fix: "Say in the book who made it, for this customer, and send the deal again".to_owned(),
        owner: "finance",
    }
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
