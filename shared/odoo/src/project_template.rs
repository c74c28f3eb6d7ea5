//! What a new project takes over from a project that people keep as a template: its stages, and its
//! tasks with their planned hours. Each task is made once, under a name of its own; sub-tasks stay
//! behind.

use domain::{DecimalText, Reference};
use serde::Deserialize;
use serde_json::json;

use crate::answer::OrFalse;
use crate::load::Row;
use crate::{Context, Odoo, OdooError};

const TASK: &str = "project.task";

const COLUMNS: [&str; 6] = [
    "id",
    "project_id/.id",
    "name",
    "stage_id/.id",
    "allocated_hours",
    "sequence",
];

#[derive(Deserialize)]
struct Task {
    id: i64,
    name: String,
    stage_id: OrFalse<i64>,
    allocated_hours: DecimalText,
    sequence: i64,
}

/// The stages of the template, as a cell for `type_ids/.id`.
pub(crate) async fn stages(
    odoo: &Odoo,
    context: &Context,
    template: &str,
) -> Result<String, OdooError> {
    #[derive(Deserialize)]
    struct Template {
        type_ids: Vec<i64>,
    }
    let id = odoo.resolve(context, template).await?;
    let found: Template = odoo
        .read_one(context, "project.project", id, &["type_ids"])
        .await?;
    let stages: Vec<String> = found.type_ids.iter().map(i64::to_string).collect();
    Ok(stages.join(","))
}

/// Makes the template's tasks in the new project.
pub(crate) async fn tasks(
    odoo: &Odoo,
    context: &Context,
    project: &Reference,
    project_id: i64,
    template: &str,
) -> Result<(), OdooError> {
    let template = odoo.resolve(context, template).await?;
    let arguments = json!({
        "domain": [["project_id", "=", template], ["parent_id", "=", false]],
        "fields": ["name", "stage_id", "allocated_hours", "sequence"],
        "order": "sequence, id", "load": null,
    });
    let tasks: Vec<Task> = odoo.call(TASK, "search_read", context, arguments).await?;
    if tasks.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row> = tasks
        .iter()
        .map(|task| row(task, project, project_id))
        .collect();
    let made = odoo.load(context, TASK, &COLUMNS, &rows).await?;
    match made.len() == tasks.len() {
        true => Ok(()),
        false => Err(OdooError::differs(
            "not every task of the template was made",
        )),
    }
}

fn row(task: &Task, project: &Reference, project_id: i64) -> Row {
    let name = Reference::new(
        project.system(),
        project.account(),
        "project_task",
        format!("{}/{}", project.id(), task.id),
    );
    vec![
        name.external_id(),
        project_id.to_string(),
        task.name.clone(),
        crate::load::link(task.stage_id.0),
        task.allocated_hours.0.to_string(),
        task.sequence.to_string(),
    ]
}
