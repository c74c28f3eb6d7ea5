//! Cost centres that earn an order line's price, and what a person makes of it.

use std::collections::BTreeMap;

use domain::command::{CreateProject, Earned};
use odoo::{OdooError, project_change};
use serde_json::{Value, json};

use crate::projects_by_odoo::{by_odoo, confirmed, makes, project_of};
use crate::support::{Deal, World, named_id, number, raw, record};

const ONE: &str = "tenon.earned_one";
const OTHER: &str = "tenon.earned_other";

/// Two cost centres, in a plan of their own or in that of the projects.
async fn centers(world: &World, plan: Option<&str>) -> (i64, i64) {
    let group = named_id(&world.admin, "analytic.group_analytic_accounting").await;
    let group = json!({"ids": [2], "vals": {"group_ids": [[4, group, 0]]}});
    raw(&world.admin, "res.users", "write", group)
        .await
        .unwrap();
    let plan = match plan {
        Some(plan) => plan.to_owned(),
        None => {
            let rows = json!({"fields": ["id", "name"], "data": [["tenon.earners", "Earners"]]});
            raw(&world.admin, "account.analytic.plan", "load", rows)
                .await
                .unwrap();
            "tenon.earners".to_owned()
        }
    };
    let rows = json!({"fields": ["id", "name", "plan_id/id"], "data": [[ONE, "One", plan], [OTHER, "Other", plan]]});
    let made = raw(&world.admin, "account.analytic.account", "load", rows)
        .await
        .unwrap();
    let id = |position: usize| made["ids"][position].as_i64().unwrap();
    (id(0), id(1))
}

fn with_shares(deal: &Deal, shares: &[(&str, &str)]) -> CreateProject {
    let shares = shares
        .iter()
        .map(|(account, share)| ((*account).to_owned(), number(share)));
    CreateProject {
        earned: vec![Earned {
            line: deal.line(0).clone(),
            shares: shares.collect::<BTreeMap<_, _>>(),
        }],
        ..deal.project()
    }
}

/// The distribution of the first line, with the project's account written as P.
async fn first_line(world: &World, order: i64, project: i64) -> Value {
    let of_project = record(&world.admin, "project.project", project, &["account_id"]).await;
    let account = of_project["account_id"].as_i64().unwrap().to_string();
    let found = record(&world.admin, "sale.order", order, &["order_line"]).await;
    let line = found["order_line"][0].as_i64().unwrap();
    let line = record(
        &world.admin,
        "sale.order.line",
        line,
        &["analytic_distribution"],
    )
    .await;
    let shares = line["analytic_distribution"].as_object().unwrap();
    let shares = shares.iter().map(|(accounts, share)| {
        let accounts = accounts.split(',');
        let accounts = accounts.map(|one| if one == account { "P" } else { one });
        let mut accounts: Vec<&str> = accounts.collect();
        accounts.sort_unstable();
        // Odoo answers what was written: 100 or 100.0.
        let share = share.to_string().trim_end_matches(".0").to_owned();
        (accounts.join(","), Value::String(share))
    });
    Value::Object(shares.collect())
}

async fn follow(
    world: &World,
    deal: &Deal,
    earlier: &[&CreateProject],
    now: &CreateProject,
) -> Result<i64, OdooError> {
    let followed = project_change::follow(&world.master, &deal.project, earlier, None, now).await;
    followed.map(|posted| posted.id)
}

#[tokio::test]
async fn what_earns_a_line_follows_the_book_and_a_persons_own_division_stays() {
    let world = World::new();
    let (one, other) = centers(&world, None).await;
    let deal = Deal::new("earned");
    let (_, order, project) = deal.stand_up(&world).await;
    let plain = deal.project();
    assert_eq!(
        first_line(&world, order, project).await,
        json!({"P": "100"})
    );

    let first = with_shares(&deal, &[(ONE, "33.33"), (OTHER, "66.67")]);
    follow(&world, &deal, &[&plain], &first).await.unwrap();
    let (mine, its) = (format!("{one},P"), format!("{other},P"));
    let divided = first_line(&world, order, project).await;
    assert_eq!(divided, json!({&mine: "33.33", &its: "66.67"}));

    let second = with_shares(&deal, &[(OTHER, "100")]);
    follow(&world, &deal, &[&first, &plain], &second)
        .await
        .unwrap();
    assert_eq!(
        first_line(&world, order, project).await,
        json!({&its: "100"})
    );

    // Somebody divides it otherwise: it is theirs from then on.
    let found = record(&world.admin, "sale.order", order, &["order_line"]).await;
    let theirs = json!({"ids": [found["order_line"][0]], "vals": {"analytic_distribution": {one.to_string(): 50}}});
    raw(&world.admin, "sale.order.line", "write", theirs)
        .await
        .unwrap();
    follow(&world, &deal, &[&second, &first, &plain], &plain)
        .await
        .unwrap();
    let stays = first_line(&world, order, project).await;
    assert_eq!(stays, json!({one.to_string(): "50"}));
}

#[tokio::test]
async fn a_cost_centre_in_the_plan_of_the_projects_or_of_nobody_is_refused() {
    let world = World::new();
    let deal = Deal::new("earned-wrong");
    let (_, order, project) = deal.stand_up(&world).await;
    let plain = deal.project();
    let now = with_shares(&deal, &[(ONE, "100")]);
    let nobody = follow(&world, &deal, &[&plain], &now).await.unwrap_err();
    assert!(nobody.to_string().contains(ONE), "{nobody}");
    centers(&world, Some("analytic.analytic_plan_projects")).await;
    let refused = follow(&world, &deal, &[&plain], &now).await.unwrap_err();
    let OdooError::Differs { differences } = &refused else {
        panic!("{refused:?}")
    };
    assert!(
        differences[0].contains("in the plan of the projects"),
        "{refused:?}"
    );
    assert_eq!(
        first_line(&world, order, project).await,
        json!({"P": "100"})
    );
}

#[tokio::test]
async fn what_earns_a_line_of_a_project_that_odoo_made_is_divided_the_same_way() {
    let world = World::new();
    let (one, _) = centers(&world, None).await;
    for product in ["senior_consultant", "milestone"] {
        makes(&world, product, "task_in_project").await;
    }
    let deal = by_odoo("earned-auto");
    let order = confirmed(&world, &deal).await;
    let plan = CreateProject {
        earned: with_shares(&deal, &[(ONE, "100")]).earned,
        ..project_of(&deal)
    };
    let made = follow(&world, &deal, &[], &plan).await.unwrap();
    let mine = format!("{one},P");
    let divided = first_line(&world, order, made).await;
    assert_eq!(divided, json!({&mine: "100"}));
}
