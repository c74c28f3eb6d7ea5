//! The milestones of a project (`project.milestone`), each billed by an order line of its own.

use domain::Reference;
use domain::command::Milestone;
use domain::{DecimalText, command::CreateProject};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::json;

use crate::answer::OrFalse;
use crate::differences::Differences;
use crate::load::Row;
use crate::{Context, Odoo, OdooError};

const MODEL: &str = "project.milestone";

const COLUMNS: [&str; 6] = [
    "id",
    "name",
    "project_id/.id",
    "sale_line_id/id",
    "quantity_percentage",
    "deadline",
];

#[derive(Deserialize)]
struct Found {
    id: i64,
    project_id: OrFalse<i64>,
    sale_line_id: OrFalse<i64>,
    quantity_percentage: DecimalText,
    deadline: OrFalse<Date>,
    is_reached: bool,
}

const FIELDS: [&str; 5] = [
    "project_id",
    "sale_line_id",
    "quantity_percentage",
    "deadline",
    "is_reached",
];

/// Makes the milestones that are not there, moves those whose day is another now, and compares all
/// of them with what was sold. A reached one keeps its day.
pub(crate) async fn follow(
    odoo: &Odoo,
    context: &Context,
    project_id: i64,
    project: &CreateProject,
) -> Result<(), OdooError> {
    let milestones = &project.milestones;
    if milestones.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row> = milestones.iter().map(|one| row(one, project_id)).collect();
    let ids = odoo.load(context, MODEL, &COLUMNS, &rows).await?;
    for (milestone, found) in read(odoo, context, &ids, milestones).await? {
        if found.deadline.0 != Some(milestone.due) && !found.is_reached {
            let day = json!({"deadline": milestone.due.to_string()});
            odoo.write(context, MODEL, &[found.id], day).await?;
        }
    }
    let mut differences = Differences::default();
    for (milestone, found) in read(odoo, context, &ids, milestones).await? {
        let what = format!("the milestone {:?}", milestone.name);
        let of = |field: &str| format!("{what}: {field}");
        let project = found.project_id.0;
        differences.expect(&of("project"), &Some(project_id), &project);
        let line = odoo.resolve(context, &milestone.line.external_id()).await?;
        let found_line = found.sale_line_id.0;
        differences.expect(&of("order line"), &Some(line), &found_line);
        let whole = found.quantity_percentage.0;
        differences.expect_number(&of("part of its line"), Decimal::ONE, whole);
        if !found.is_reached {
            let day = found.deadline.0;
            differences.expect(&of("day"), &Some(milestone.due), &day);
        }
    }
    differences.finish()
}

fn row(milestone: &Milestone, project_id: i64) -> Row {
    vec![
        milestone.reference().external_id(),
        milestone.name.clone(),
        project_id.to_string(),
        milestone.line.external_id(),
        // All of its line: Odoo keeps two decimals of a quantity, so parts of a line lose money.
        Decimal::ONE.to_string(),
        milestone.due.to_string(),
    ]
}

/// Each milestone with what Odoo has of it, in their order.
async fn read<'a>(
    odoo: &Odoo,
    context: &Context,
    ids: &[i64],
    milestones: &'a [Milestone],
) -> Result<Vec<(&'a Milestone, Found)>, OdooError> {
    let mut found: Vec<Found> = odoo.read(context, MODEL, ids, &FIELDS).await?;
    found.sort_by_key(|found| ids.iter().position(|id| *id == found.id));
    match found.len() == milestones.len() {
        true => Ok(milestones.iter().zip(found).collect()),
        false => Err(OdooError::differs("a milestone was deleted in Odoo")),
    }
}

/// The milestone of an order line is reached: that is what makes its line delivered in Odoo.
pub(crate) async fn reach(
    odoo: &Odoo,
    context: &Context,
    line: &Reference,
) -> Result<(), OdooError> {
    #[derive(Deserialize)]
    struct Milestone {
        is_reached: bool,
    }
    let name = line.sibling("milestone").external_id();
    let id = odoo.resolve(context, &name).await?;
    let found: Milestone = odoo.read_one(context, MODEL, id, &["is_reached"]).await?;
    match found.is_reached {
        true => Ok(()),
        false => {
            let reached = json!({"is_reached": true});
            odoo.write(context, MODEL, &[id], reached).await
        }
    }
}
