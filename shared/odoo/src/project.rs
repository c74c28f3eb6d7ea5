//! The order's project with its analytic account (`project.project`).

use std::collections::BTreeMap;

use domain::command::{CreateProject, LinkProject};
use domain::record::Posted;
use domain::{DecimalText, Reference};
use serde::Deserialize;
use serde_json::json;

use crate::answer::OrFalse;
use crate::differences::Differences;
use crate::load::{Cells, flag};
use crate::{Context, Odoo, OdooError, earned, milestones, project_template};

pub(crate) const MODEL: &str = "project.project";

#[derive(Deserialize)]
struct Project {
    name: String,
    active: bool,
    company_id: OrFalse<i64>,
    partner_id: OrFalse<i64>,
    account_id: OrFalse<i64>,
    sale_line_id: OrFalse<i64>,
    allow_billable: bool,
    allow_timesheets: bool,
    allocated_hours: DecimalText,
}

#[derive(Deserialize)]
pub(crate) struct Order {
    pub(crate) name: String,
    state: String,
    project_id: OrFalse<i64>,
    pub(crate) order_line: Vec<i64>,
}

#[derive(Deserialize)]
struct Line {
    id: i64,
    display_type: OrFalse<String>,
    analytic_distribution: OrFalse<BTreeMap<String, DecimalText>>,
}

/// Creates the project and makes sure that the order and its lines lead to it and its account.
pub async fn create(
    odoo: &Odoo,
    reference: &Reference,
    project: &CreateProject,
) -> Result<Posted, OdooError> {
    let context = Context::of(&project.company);
    let (order_id, order) = confirmed_order(odoo, &context, project).await?;
    only_ours(odoo, &context, reference, &order).await?;
    let cells = cells(odoo, &context, reference, project).await?;
    let id = odoo
        .load_one(&context, MODEL, &cells.fields, &[cells.row])
        .await?;
    if let Some(template) = &project.template {
        project_template::tasks(odoo, &context, reference, id, template).await?;
    }
    // The order leads to the project from its first posting on; before, no PSA can have closed it.
    let is_new = order.project_id.0 != Some(id);
    let account = check(odoo, &context, id, project, is_new).await?;
    connect(odoo, &context, id, account, order_id).await?;
    earned::follow(odoo, &context, account, &[], project).await?;
    milestones::follow(odoo, &context, id, project).await?;
    Ok(posted(id, project.name.clone()))
}

/// The order of a project, with its id. A project on a draft's line confirms the order behind our back.
pub(crate) async fn confirmed_order(
    odoo: &Odoo,
    context: &Context,
    project: &CreateProject,
) -> Result<(i64, Order), OdooError> {
    let id = odoo.resolve(context, &project.order.external_id()).await?;
    let order = read_order(odoo, context, id).await?;
    match order.state.as_str() {
        "sale" => Ok((id, order)),
        other => Err(OdooError::differs(format!(
            "the order {} is in state {other:?}, expected a confirmed order",
            order.name
        ))),
    }
}

/// An order that has a project of somebody else's gets no second one.
async fn only_ours(
    odoo: &Odoo,
    context: &Context,
    reference: &Reference,
    order: &Order,
) -> Result<(), OdooError> {
    let Some(there) = order.project_id.0 else {
        return Ok(());
    };
    match odoo.look_up(context, &reference.external_id()).await? == Some(there) {
        true => Ok(()),
        false => Err(OdooError::differs(format!(
            "the order {} has the project {there} in Odoo already, which Tenon has not made",
            order.name
        ))),
    }
}

async fn cells(
    odoo: &Odoo,
    context: &Context,
    reference: &Reference,
    project: &CreateProject,
) -> Result<Cells, OdooError> {
    let mut cells = Cells::default();
    cells.set("id", reference.external_id());
    cells.set("name", &project.name);
    cells.set("company_id/.id", project.company.id.to_string());
    cells.set("partner_id/id", project.customer.external_id());
    cells.set("allow_billable", flag(true));
    cells.set("allow_timesheets", flag(true));
    cells.set("privacy_visibility", "employees");
    cells.set("reinvoiced_sale_order_id/id", project.order.external_id());
    if let Some(line) = &project.default_line {
        cells.set("sale_line_id/id", line.external_id());
    }
    if !project.milestones.is_empty() {
        cells.set("allow_milestones", flag(true));
    }
    if let Some(hours) = project.budget_hours {
        cells.set("allocated_hours", hours.to_string());
    }
    if let Some(template) = &project.template {
        // Without stages of its own a project's tasks stand in none.
        let stages = project_template::stages(odoo, context, template).await?;
        cells.set("type_ids/.id", stages);
    }
    Ok(cells)
}

pub(crate) fn posted(id: i64, name: String) -> Posted {
    Posted {
        model: MODEL.to_owned(),
        id,
        others: Vec::new(),
        name: Some(name),
        customer: domain::customer::Noted::default(),
    }
}

async fn read_order(odoo: &Odoo, context: &Context, id: i64) -> Result<Order, OdooError> {
    let fields = ["name", "state", "project_id", "order_line"];
    odoo.read_one(context, "sale.order", id, &fields).await
}

async fn read_project(odoo: &Odoo, context: &Context, id: i64) -> Result<Project, OdooError> {
    let fields = [
        "name",
        "active",
        "company_id",
        "partner_id",
        "account_id",
        "sale_line_id",
        "allow_billable",
        "allow_timesheets",
        "allocated_hours",
    ];
    odoo.read_one(context, MODEL, id, &fields).await
}

/// The project's analytic account. Whether it takes time is compared while it is new: later, a PSA may
/// have closed it.
pub(crate) async fn check(
    odoo: &Odoo,
    context: &Context,
    id: i64,
    project: &CreateProject,
    is_new: bool,
) -> Result<i64, OdooError> {
    let found = read_project(odoo, context, id).await?;
    let customer = odoo
        .resolve(context, &project.customer.external_id())
        .await?;
    let mut differences = Differences::default();
    if !found.active {
        differences.add("the project is archived in Odoo");
    }
    let company = found.company_id.0;
    differences.expect("the project's company", &Some(project.company.id), &company);
    let partner = found.partner_id.0;
    differences.expect("the project's customer", &Some(customer), &partner);
    differences.expect("the project is billable", &true, &found.allow_billable);
    if is_new {
        differences.expect("the project takes time", &true, &found.allow_timesheets);
    }
    if let Some(line) = &project.default_line {
        let line = odoo.resolve(context, &line.external_id()).await?;
        let found_line = found.sale_line_id.0;
        differences.expect("the project's order line", &Some(line), &found_line);
    }
    if let Some(hours) = project.budget_hours {
        let planned = found.allocated_hours.0;
        differences.expect_number("the project's planned hours", hours, planned);
    }
    if found.account_id.0.is_none() {
        differences.add("the project has no analytic account");
    }
    differences.finish()?;
    (found.account_id.0).ok_or_else(|| OdooError::differs("the project has no analytic account"))
}

/// Odoo links the order to its project and fills the lines' distribution by itself; whatever it
/// left out is written here, and nothing that is there is overwritten.
pub(crate) async fn connect(
    odoo: &Odoo,
    context: &Context,
    id: i64,
    account: i64,
    order_id: i64,
) -> Result<(), OdooError> {
    let before = read_order(odoo, context, order_id).await?;
    if before.project_id.0.is_none() {
        let values = json!({"project_id": id});
        odoo.write(context, "sale.order", &[order_id], values)
            .await?;
    }
    let without = lines_without_account(odoo, context, &before.order_line).await?;
    if !without.is_empty() {
        let mut distribution = serde_json::Map::new();
        distribution.insert(account.to_string(), json!(100));
        let values = json!({"analytic_distribution": distribution});
        odoo.write(context, "sale.order.line", &without, values)
            .await?;
    }
    let after = read_order(odoo, context, order_id).await?;
    let left = lines_without_account(odoo, context, &after.order_line).await?;
    let mut differences = Differences::default();
    let linked = after.project_id.0;
    differences.expect("the order's project", &Some(id), &linked);
    if !left.is_empty() {
        differences.add(format!(
            "{} order lines have no analytic account",
            left.len()
        ));
    }
    differences.finish()
}

async fn lines_without_account(
    odoo: &Odoo,
    context: &Context,
    ids: &[i64],
) -> Result<Vec<i64>, OdooError> {
    let fields = ["display_type", "analytic_distribution"];
    let lines: Vec<Line> = odoo.read(context, "sale.order.line", ids, &fields).await?;
    Ok((lines.into_iter())
        .filter(|line| line.display_type.0.is_none() && line.analytic_distribution.0.is_none())
        .map(|line| line.id)
        .collect())
}

/// A project that a PSA project shall stand for exists and is not archived.
pub async fn verify(
    odoo: &Odoo,
    project_id: i64,
    project: &LinkProject,
) -> Result<Posted, OdooError> {
    let context = Context::of(&project.company);
    let found = read_project(odoo, &context, project_id).await?;
    if !found.active {
        return Err(OdooError::differs("the project is archived in Odoo"));
    }
    Ok(posted(project_id, found.name))
}
