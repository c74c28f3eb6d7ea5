//! A project that Odoo made when the order was confirmed. It has no external id of ours: the lines of the
//! order lead to it, and from then on its database id, which the ledger keeps, is what names it.

use std::collections::BTreeSet;

use domain::ExceptionClass;
use domain::command::{Company, CreateProject};
use domain::judge::Objection;
use domain::record::Posted;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::answer::OrFalse;
use crate::project::{MODEL, Order, check, confirmed_order, connect, posted};
use crate::project_values::change;
use crate::{Context, Odoo, OdooError, earned, milestones};

#[derive(Deserialize)]
struct Line {
    project_id: OrFalse<i64>,
}

#[derive(Deserialize)]
struct Named {
    id: i64,
    name: String,
    company_id: OrFalse<i64>,
}

/// Makes the project that Odoo made the contract's. `earlier` are the versions that may have done so,
/// newest first. What the deal and the book own is written once, while the project still has the name
/// that Odoo gave it; later it is changed like any other.
pub(crate) async fn adopt(
    odoo: &Odoo,
    earlier: &[&CreateProject],
    project: &CreateProject,
) -> Result<Posted, OdooError> {
    let context = Context::of(&project.company);
    let (order_id, order) = confirmed_order(odoo, &context, project).await?;
    let made = made(odoo, &context, order_id, &order).await?;
    // Odoo calls it after the order's number, whatever comes behind that.
    if !made.name.contains(&order.name) {
        let posted = change(odoo, made.id, earlier, project).await?;
        let account = check(odoo, &context, made.id, project, false).await?;
        connect(odoo, &context, made.id, account, order_id).await?;
        return Ok(posted);
    }
    milestones::follow(odoo, &context, made.id, project).await?;
    own(odoo, &context, &made, project).await?;
    let account = check(odoo, &context, made.id, project, true).await?;
    connect(odoo, &context, made.id, account, order_id).await?;
    earned::follow(odoo, &context, account, &[], project).await?;
    Ok(posted(made.id, project.name.clone()))
}

/// What the deal and the book own, in one write: the name is the sign that it was done.
async fn own(
    odoo: &Odoo,
    context: &Context,
    made: &Named,
    project: &CreateProject,
) -> Result<(), OdooError> {
    let mut values = Map::new();
    values.insert("name".to_owned(), json!(project.name));
    if let Some(hours) = project.budget_hours {
        values.insert("allocated_hours".to_owned(), json!(hours.to_string()));
    }
    if let Some(line) = &project.default_line {
        let line = odoo.resolve(context, &line.external_id()).await?;
        values.insert("sale_line_id".to_owned(), json!(line));
    }
    // It has the company of its template, which often has none.
    if made.company_id.0.is_none() {
        values.insert("company_id".to_owned(), json!(project.company.id));
    }
    odoo.write(context, MODEL, &[made.id], Value::Object(values))
        .await
}

/// The one project to which the lines of the order lead; where none does, the one that people made for
/// the order.
async fn made(
    odoo: &Odoo,
    context: &Context,
    order_id: i64,
    order: &Order,
) -> Result<Named, OdooError> {
    #[derive(Deserialize)]
    struct Projects {
        project_ids: Vec<i64>,
    }
    let lines: Vec<Line> = odoo
        .read(
            context,
            "sale.order.line",
            &order.order_line,
            &["project_id"],
        )
        .await?;
    let of_lines = lines.iter().filter_map(|line| line.project_id.0);
    let mut ids: BTreeSet<i64> = of_lines.collect();
    if ids.is_empty() {
        let fields = ["project_ids"];
        let found: Projects = odoo
            .read_one(context, "sale.order", order_id, &fields)
            .await?;
        ids.extend(found.project_ids);
    }
    let ids: Vec<i64> = ids.into_iter().collect();
    let mut found: Vec<Named> = odoo
        .read(context, MODEL, &ids, &["name", "company_id"])
        .await?;
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(asked(none(&order.name))),
        (Some(last), false) => {
            found.push(last);
            Err(asked(several(&order.name, &found)))
        }
    }
}

fn asked(objection: Objection) -> OdooError {
    OdooError::Asked(Box::new(objection))
}

fn none(order: &str) -> Objection {
    Objection {
        code: "project_not_made",
        class: ExceptionClass::BusinessRule,
        sentence: format!("Odoo has made no project for the order {order}"),
        items: vec![
            "the book says that Odoo makes it (contracts.project_made_by)".to_owned(),
            "no line of the order leads to a project, and neither does the order".to_owned(),
        ],
        fix: "Create the project from the order in Odoo, then: tenon retry".to_owned(),
        owner: "delivery",
    }
}

fn several(order: &str, found: &[Named]) -> Objection {
    let named = |project: &Named| format!("project {} in Odoo: {}", project.id, project.name);
    Objection {
        code: "several_projects",
        class: ExceptionClass::BusinessRule,
        sentence: format!(
            "The lines of the order {order} lead to {} projects in Odoo",
            found.len()
        ),
        items: found.iter().map(named).collect(),
        fix: "Let all lines of the order lead to one project in Odoo, then: tenon retry".to_owned(),
        owner: "delivery",
    }
}

/// Whether a project is still there, archived or not.
pub async fn is_there(odoo: &Odoo, company: &Company, id: i64) -> Result<bool, OdooError> {
    let context = Context::of(company).with("active_test", json!(false));
    let arguments = json!({"domain": [["id", "=", id]]});
    let found: u64 = odoo
        .call(MODEL, "search_count", &context, arguments)
        .await?;
    Ok(found > 0)
}
