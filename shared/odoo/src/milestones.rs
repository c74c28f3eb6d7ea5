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
    name: String,
    project_id: OrFalse<i64>,
    sale_line_id: OrFalse<i64>,
    quantity_percentage: DecimalText,
    deadline: OrFalse<Date>,
    is_reached: bool,
}

const FIELDS: [&str; 6] = [
    "name",
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
    let ids = match project.is_odoos() {
        true => made_by_odoo(odoo, context, project_id, milestones).await?,
        false => {
            let rows: Vec<Row> = milestones.iter().map(|one| row(one, project_id)).collect();
            odoo.load(context, MODEL, &COLUMNS, &rows).await?
        }
    };
    for (milestone, found) in read(odoo, context, &ids, milestones).await? {
        // Odoo makes them without a day: one that has none was never ours to name.
        if project.is_odoos() && found.deadline.0.is_none() && found.name != milestone.name {
            let name = json!({"name": milestone.name});
            odoo.write(context, MODEL, &[found.id], name).await?;
        }
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

/// The milestones that Odoo made, one for each order line, in their order.
async fn made_by_odoo(
    odoo: &Odoo,
    context: &Context,
    project_id: i64,
    milestones: &[Milestone],
) -> Result<Vec<i64>, OdooError> {
    let mut ids = Vec::with_capacity(milestones.len());
    let mut differences = Differences::default();
    for milestone in milestones {
        let line = odoo.resolve(context, &milestone.line.external_id()).await?;
        let found = of_line(odoo, context, line, Some(project_id)).await?;
        match found.as_slice() {
            [one] => ids.push(*one),
            [] => differences.add(format!(
                "the milestone {:?}: Odoo has none for its order line",
                milestone.name
            )),
            several => differences.add(format!(
                "the milestone {:?}: Odoo has several for its order line, of which one may stay: {several:?}",
                milestone.name
            )),
        }
    }
    differences.finish()?;
    Ok(ids)
}

/// The milestones of an order line, of one project or of any.
async fn of_line(
    odoo: &Odoo,
    context: &Context,
    line: i64,
    project: Option<i64>,
) -> Result<Vec<i64>, OdooError> {
    let mut domain = vec![json!(["sale_line_id", "=", line])];
    domain.extend(project.map(|id| json!(["project_id", "=", id])));
    let arguments = json!({"domain": domain, "order": "id"});
    odoo.call(MODEL, "search", context, arguments).await
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
    let id = reached(odoo, context, line).await?;
    let found: Milestone = odoo.read_one(context, MODEL, id, &["is_reached"]).await?;
    match found.is_reached {
        true => Ok(()),
        false => {
            let reached = json!({"is_reached": true});
            odoo.write(context, MODEL, &[id], reached).await
        }
    }
}

/// The one milestone of an order line: under our name, or made by Odoo.
async fn reached(odoo: &Odoo, context: &Context, line: &Reference) -> Result<i64, OdooError> {
    let name = line.sibling("milestone").external_id();
    if let Some(ours) = odoo.look_up(context, &name).await? {
        return Ok(ours);
    }
    let line = odoo.resolve(context, &line.external_id()).await?;
    match of_line(odoo, context, line, None).await?.as_slice() {
        [one] => Ok(*one),
        found => Err(OdooError::differs(format!(
            "the order line has {} milestones in Odoo, expected one",
            found.len()
        ))),
    }
}
