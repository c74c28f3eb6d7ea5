//! Who makes an order's project: Odoo, when the order is confirmed, as its products say; or Tenon after
//! it. An order on which both would is refused before anything is confirmed or added: Odoo makes a
//! project for every new line whose product says so, whoever made the one that is there.
//! <https://github.com/odoo/odoo/blob/19.0/addons/sale_project/models/sale_order_line.py>

use std::collections::BTreeSet;

use domain::ExceptionClass;
use domain::book::ProjectMaker;
use domain::command::CreateOrder;
use domain::judge::Objection;
use serde::Deserialize;

use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

/// What a product does on a confirmed order.
#[derive(Debug, Clone, Deserialize)]
struct Making {
    display_name: String,
    r#type: String,
    service_policy: OrFalse<String>,
    service_tracking: OrFalse<String>,
    project_template_id: OrFalse<i64>,
}

const FIELDS: [&str; 5] = [
    "display_name",
    "type",
    "service_policy",
    "service_tracking",
    "project_template_id",
];

#[derive(Deserialize)]
struct Order {
    name: String,
    order_line: Vec<i64>,
}

#[derive(Deserialize)]
struct Line {
    display_type: OrFalse<String>,
    product_id: OrFalse<i64>,
}

/// Asks a person when the products of a contract do not go with who makes its project. Where the book
/// says nothing, nothing is asked of Odoo.
pub(crate) async fn sold(
    odoo: &Odoo,
    context: &Context,
    order: &CreateOrder,
) -> Result<(), OdooError> {
    let Some(maker) = order.project_made_by else {
        return Ok(());
    };
    let mut ids = BTreeSet::new();
    for line in &order.lines {
        ids.insert(odoo.resolve(context, &line.product).await?);
    }
    agree(odoo, context, maker, &order.origin, ids).await
}

/// The same of an order as it stands in Odoo, just before it is confirmed.
pub(crate) async fn ordered(
    odoo: &Odoo,
    context: &Context,
    maker: Option<ProjectMaker>,
    order_id: i64,
) -> Result<(), OdooError> {
    let Some(maker) = maker else {
        return Ok(());
    };
    let order: Order = odoo
        .read_one(context, "sale.order", order_id, &["name", "order_line"])
        .await?;
    let fields = ["display_type", "product_id"];
    let lines: Vec<Line> = odoo
        .read(context, "sale.order.line", &order.order_line, &fields)
        .await?;
    let ids = (lines.into_iter())
        .filter(|line| line.display_type.0.is_none())
        .filter_map(|line| line.product_id.0);
    let what = format!("order {}", order.name);
    agree(odoo, context, maker, &what, ids.collect()).await
}

async fn agree(
    odoo: &Odoo,
    context: &Context,
    maker: ProjectMaker,
    what: &str,
    products: BTreeSet<i64>,
) -> Result<(), OdooError> {
    let ids: Vec<i64> = products.into_iter().collect();
    let mut products: Vec<Making> = odoo.read(context, "product.product", &ids, &FIELDS).await?;
    // Goods that people put on an order have nothing to do with its project.
    products.retain(|product| product.r#type == "service");
    let items = disagreements(maker, &products);
    match items.is_empty() {
        true => Ok(()),
        false => Err(OdooError::Asked(Box::new(mixed(maker, what, items)))),
    }
}

/// Everything that does not go with who makes the project.
fn disagreements(maker: ProjectMaker, products: &[Making]) -> Vec<String> {
    let wrong = |product: &Making| {
        let wrong = product.wrong(maker)?;
        Some(format!("product {}: {wrong}", product.display_name))
    };
    let mut items: Vec<String> = products.iter().filter_map(wrong).collect();
    if maker == ProjectMaker::Odoo && items.is_empty() {
        let makers = products.iter().filter(|product| product.makes_project());
        let templates: BTreeSet<Option<i64>> = makers
            .map(|product| product.project_template_id.0)
            .collect();
        match templates.len() {
            0 => items.push("no product of it creates a project".to_owned()),
            1 => {}
            many => items.push(format!(
                "its products have {many} different project templates: Odoo would make {many} projects"
            )),
        }
    }
    items
}

impl Making {
    /// Whether Odoo makes a project of the order for it, or a task in it.
    fn makes_project(&self) -> bool {
        let tracking = self.service_tracking.0.as_deref();
        matches!(tracking, Some("task_in_project" | "project_only"))
    }

    fn wrong(&self, maker: ProjectMaker) -> Option<String> {
        let policy = self.service_policy.0.as_deref();
        wrong(maker, policy, self.service_tracking.0.as_deref())
    }
}

/// What of a product does not go with who makes the project: its words in Odoo, and those that are
/// needed. `policy` and `tracking` are its `service_policy` and `service_tracking`.
pub(crate) fn wrong(
    maker: ProjectMaker,
    policy: Option<&str>,
    tracking: Option<&str>,
) -> Option<String> {
    let tracking = tracking.unwrap_or("no");
    // Time and milestones are of a project; an instalment or a month needs none.
    let needs_project = policy != Some("delivered_manual");
    let needed = match maker {
        ProjectMaker::Tenon if tracking != "no" => "Nothing",
        ProjectMaker::Odoo if tracking == "task_global_project" => "Project & Task or Project",
        ProjectMaker::Odoo if tracking == "no" && needs_project => "Project & Task or Project",
        ProjectMaker::Tenon | ProjectMaker::Odoo => return None,
    };
    let is = match tracking {
        "no" => "Nothing",
        "task_global_project" => "Task (in a project that is there)",
        "task_in_project" => "Project & Task",
        "project_only" => "Project",
        other => other,
    };
    Some(format!("Create on Order is {is}, needed is {needed}"))
}

fn mixed(maker: ProjectMaker, what: &str, items: Vec<String>) -> Objection {
    Objection {
        code: "project_mixed",
        class: ExceptionClass::BusinessRule,
        sentence: format!(
            "The products of {what} do not go with who makes its project: contracts.project_made_by \
             is {:?}",
            maker.name()
        ),
        items,
        fix: "Correct the products in Odoo (Create on Order), then: tenon retry".to_owned(),
        owner: "finance",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(policy: &str, tracking: &str, template: Option<i64>) -> Making {
        Making {
            display_name: format!("{policy} {tracking}"),
            r#type: "service".to_owned(),
            service_policy: OrFalse(Some(policy.to_owned())),
            service_tracking: OrFalse(Some(tracking.to_owned())),
            project_template_id: OrFalse(template),
        }
    }

    #[test]
    fn products_that_would_mix_who_makes_the_project_are_named() {
        let hours = |tracking| product("delivered_timesheet", tracking, None);
        let fee = |tracking| product("delivered_manual", tracking, None);
        let ask = |maker, products: &[Making]| disagreements(maker, products).join("; ");
        let (tenon, odoo) = (ProjectMaker::Tenon, ProjectMaker::Odoo);
        assert_eq!(ask(tenon, &[hours("no"), fee("no")]), "");
        let said = ask(tenon, &[hours("no"), fee("task_in_project")]);
        assert_eq!(
            said,
            "product delivered_manual task_in_project: Create on Order is Project & Task, needed is Nothing"
        );
        assert_eq!(ask(odoo, &[hours("task_in_project"), fee("no")]), "");
        assert_eq!(
            ask(odoo, &[hours("project_only"), hours("task_in_project")]),
            ""
        );
        let said = ask(
            odoo,
            &[
                hours("task_in_project"),
                product("delivered_milestones", "no", None),
            ],
        );
        assert!(
            said.ends_with("is Nothing, needed is Project & Task or Project"),
            "{said}"
        );
        let said = ask(odoo, &[hours("task_global_project")]);
        assert!(said.contains("Task (in a project that is there)"), "{said}");
        assert_eq!(
            ask(odoo, &[fee("no")]),
            "no product of it creates a project"
        );
    }

    #[test]
    fn one_order_has_one_project_template() {
        let of = |template| product("delivered_timesheet", "task_in_project", template);
        let ask = |products: &[Making]| disagreements(ProjectMaker::Odoo, products);
        assert!(ask(&[of(Some(4)), of(Some(4))]).is_empty());
        let said = ask(&[of(Some(4)), of(None)]).join("; ");
        assert!(said.contains("2 different project templates"), "{said}");
    }
}
