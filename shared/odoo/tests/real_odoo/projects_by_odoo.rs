//! Projects that Odoo makes when it confirms an order: found, taken over and followed, and never made
//! beside one of ours.

use domain::book::ProjectMaker;
use domain::command::{CreateProject, LineBilling, Milestone};
use domain::policy::TimePolicies;
use domain::record::Posted;
use jiff::civil::date;
use odoo::time::{self, TimeChange, TimeRow};
use odoo::{OdooError, customer, order, order_change, project, project_adopt, project_change};
use serde_json::{Value, json};

use crate::contracts::{contract, line, read};
use crate::support::{Deal, World, company, memory, named_id, number, raw, record};

/// A product makes this on an order from now on.
pub async fn makes(world: &World, product: &str, tracking: &str) {
    let id = named_id(&world.admin, &format!("catalogue.{product}")).await;
    let set = json!({"ids": [id], "vals": {"service_tracking": tracking}});
    raw(&world.admin, "product.product", "write", set)
        .await
        .unwrap();
}

/// A contract with hours and a milestone, whose project Odoo makes.
pub fn by_odoo(id: &str) -> Deal {
    let due = date(2026, 11, 30);
    let hours = LineBilling::TimeAndMaterials;
    let lines = vec![
        line(
            &format!("{id}/1"),
            "milestone",
            "1",
            "7000",
            LineBilling::Milestone { due },
        ),
        line(&format!("{id}/2"), "senior_consultant", "40", "180", hours),
    ];
    let mut deal = contract(&company(), "USD", id, lines);
    deal.order.project_made_by = Some(ProjectMaker::Odoo);
    deal
}

pub fn project_of(deal: &Deal) -> CreateProject {
    let milestone = Milestone {
        line: deal.line(0).clone(),
        name: deal.order.lines[0].description.clone(),
        due: date(2026, 11, 30),
    };
    CreateProject {
        default_line: Some(deal.line(1).clone()),
        milestones: vec![milestone],
        budget_hours: Some(number("55")),
        ..deal.project()
    }
}

/// The confirmed order, without its project.
pub async fn confirmed(world: &World, deal: &Deal) -> i64 {
    let master = &world.master;
    customer::create(master, &deal.customer, &deal.customer())
        .await
        .unwrap();
    let order = order::create(master, &deal.deal, &deal.order)
        .await
        .unwrap();
    order::confirm(master, order.id, &deal.confirm())
        .await
        .unwrap();
    order.id
}

async fn projects(world: &World) -> Value {
    let all = json!({"domain": [["sale_line_id", "!=", false]]});
    raw(&world.admin, "project.project", "search", all)
        .await
        .unwrap()
}

fn question<T: std::fmt::Debug>(outcome: Result<T, OdooError>) -> (&'static str, String) {
    match outcome {
        Err(OdooError::Asked(question)) => (question.code, question.items.join("; ")),
        other => panic!("expected a question, found {other:?}"),
    }
}

#[tokio::test]
async fn what_odoo_made_is_found_once_and_has_what_the_deal_says() {
    let world = World::new();
    makes(&world, "senior_consultant", "task_in_project").await;
    makes(&world, "milestone", "task_in_project").await;
    let deal = by_odoo("auto");
    let order = confirmed(&world, &deal).await;
    let made = projects(&world).await;
    assert_eq!(made.as_array().unwrap().len(), 1);
    let plan = project_of(&deal);
    let follow = async |plan: &CreateProject, earlier: &[&CreateProject], there| {
        project_change::follow(&world.master, &deal.project, earlier, there, plan).await
    };
    let posted = follow(&plan, &[], None).await.unwrap();
    assert_eq!(json!([posted.id]), made);
    assert_eq!(posted.name.as_deref(), Some("Delivery auto"));
    // Once more, as after an answer that was lost, and as after the ledger was.
    assert_eq!(follow(&plan, &[], None).await.unwrap(), posted);
    assert_eq!(follow(&plan, &[&plan], None).await.unwrap(), posted);
    let fields = [
        "name",
        "allocated_hours",
        "sale_line_id",
        "company_id",
        "milestone_ids",
        "task_ids",
    ];
    let found = record(&world.admin, "project.project", posted.id, &fields).await;
    assert_eq!(found["name"], "Delivery auto");
    assert_eq!(found["allocated_hours"].to_string(), "55.0");
    assert_eq!(found["company_id"], 1);
    assert_eq!(found["task_ids"].as_array().unwrap().len(), 2);
    let lines = record(
        &world.admin,
        "sale.order",
        order,
        &["order_line", "project_id"],
    )
    .await;
    assert_eq!(lines["project_id"], posted.id);
    assert_eq!(found["sale_line_id"], lines["order_line"][1]);
    let fields = ["deadline", "sale_line_id"];
    let milestones = read(
        &world,
        &company(),
        "project.milestone",
        &found["milestone_ids"],
        &fields,
    )
    .await;
    assert_eq!(milestones.len(), 1);
    assert_eq!(milestones[0]["deadline"], "2026-11-30");
    assert_eq!(milestones[0]["sale_line_id"], lines["order_line"][0]);
}

#[tokio::test]
async fn what_odoo_made_follows_its_deal_and_gets_no_second_one_beside_it() {
    let world = World::new();
    makes(&world, "senior_consultant", "task_in_project").await;
    makes(&world, "milestone", "task_in_project").await;
    let deal = by_odoo("later");
    confirmed(&world, &deal).await;
    let made = projects(&world).await;
    let plan = project_of(&deal);
    let follow = async |plan: &CreateProject, earlier: &[&CreateProject], there| {
        project_change::follow(&world.master, &deal.project, earlier, there, plan).await
    };
    let posted = follow(&plan, &[], None).await.unwrap();

    // A newer version changes it; what a person named stays.
    let set = json!({"ids": [posted.id], "vals": {"name": "What finance calls it"}});
    raw(&world.admin, "project.project", "write", set)
        .await
        .unwrap();
    let newer = CreateProject {
        budget_hours: Some(number("60")),
        name: "Renamed".to_owned(),
        ..plan.clone()
    };
    let changed = follow(&newer, &[&plan], Some(posted.id)).await.unwrap();
    assert_eq!(changed.name.as_deref(), Some("What finance calls it"));
    let found = record(
        &world.admin,
        "project.project",
        posted.id,
        &["allocated_hours"],
    )
    .await;
    assert_eq!(found["allocated_hours"].to_string(), "60.0");
    assert!(
        project_adopt::is_there(&world.master, &company(), posted.id)
            .await
            .unwrap()
    );

    let another = project_adopt::is_there(&world.master, &company(), posted.id + 1_000).await;
    assert!(!another.unwrap());

    // Who makes it is not changed any more, and no second one is made.
    let ours = CreateProject {
        made_by: None,
        ..newer.clone()
    };
    let (code, _) = question(follow(&ours, &[&newer], Some(posted.id)).await);
    assert_eq!(code, "project_maker_changed");
    let refused = project::create(&world.master, &deal.project, &ours)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("in Odoo already"), "{refused}");
    assert_eq!(projects(&world).await, made);
}

#[tokio::test]
async fn products_that_would_mix_stop_an_order_before_it_is_confirmed() {
    let world = World::new();
    let deal = by_odoo("mix");
    customer::create(&world.master, &deal.customer, &deal.customer())
        .await
        .unwrap();
    let create = async |deal: &Deal| order::create(&world.master, &deal.deal, &deal.order).await;
    let (code, items) = question(create(&deal).await);
    assert_eq!(code, "project_mixed");
    assert!(
        items.contains("Milestone") && items.contains("Senior Consultant"),
        "{items}"
    );

    let mut ours = by_odoo("ours");
    ours.order.project_made_by = Some(ProjectMaker::Tenon);
    let draft = create(&ours).await.unwrap().id;
    // Somebody changes the product while the order is a draft.
    makes(&world, "milestone", "project_only").await;
    let (code, items) = question(order::confirm(&world.master, draft, &ours.confirm()).await);
    assert_eq!(code, "project_mixed");
    assert!(
        items.contains("Create on Order is Project, needed is Nothing"),
        "{items}"
    );
    let state = record(&world.admin, "sale.order", draft, &["state"]).await;
    assert_eq!(state["state"], "draft");
    assert_eq!(projects(&world).await, json!([]));
}

#[tokio::test]
async fn a_line_more_is_added_only_if_it_goes_into_the_same_project() {
    let world = World::new();
    makes(&world, "senior_consultant", "task_in_project").await;
    makes(&world, "milestone", "task_in_project").await;
    let deal = by_odoo("more");
    let order = confirmed(&world, &deal).await;
    let mut after = deal.order.clone();
    after.lines.push(line(
        "more/3",
        "architect",
        "10",
        "200",
        LineBilling::TimeAndMaterials,
    ));
    after.expected_untaxed += number("2000");
    let follow = async || {
        let master = &world.master;
        order_change::follow(master, &deal.deal, &[&deal.order], &after).await
    };
    let (code, items) = question(follow().await);
    assert_eq!(code, "project_mixed");
    assert!(
        items.contains("Architect") && !items.contains("Senior"),
        "{items}"
    );
    makes(&world, "architect", "task_in_project").await;
    follow().await.unwrap();
    follow().await.unwrap();
    let lines = record(&world.admin, "sale.order", order, &["order_line"]).await;
    let fields = ["project_id", "task_id"];
    let lines = read(
        &world,
        &company(),
        "sale.order.line",
        &lines["order_line"],
        &fields,
    )
    .await;
    assert_eq!(lines.len(), 3);
    assert!(
        lines
            .iter()
            .all(|line| line["project_id"] == lines[0]["project_id"])
    );
    assert!(
        lines.iter().all(|line| line["task_id"].is_i64()),
        "{lines:?}"
    );
    assert_eq!(projects(&world).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_order_without_a_project_or_with_two_is_a_question_that_names_them() {
    let world = World::new();
    // Confirmed before the book said that Odoo makes it.
    let deal = Deal::new("none");
    let mut plan = deal.project();
    confirmed(&world, &deal).await;
    plan.made_by = Some(ProjectMaker::Odoo);
    let adopt = async |deal: &Deal, plan: &CreateProject| {
        project_change::follow(&world.master, &deal.project, &[], None, plan).await
    };
    let (code, _) = question(adopt(&deal, &plan).await);
    assert_eq!(code, "project_not_made");

    for product in ["senior_consultant", "milestone"] {
        makes(&world, product, "task_in_project").await;
    }
    let deal = by_odoo("two");
    let order = confirmed(&world, &deal).await;
    let other = json!({"vals_list": {"name": "Another one"}});
    let other = raw(&world.admin, "project.project", "create", other)
        .await
        .unwrap();
    let lines = record(&world.admin, "sale.order", order, &["order_line"]).await;
    let set = json!({"ids": [lines["order_line"][1]], "vals": {"project_id": other[0]}});
    raw(&world.admin, "sale.order.line", "write", set)
        .await
        .unwrap();
    let (code, items) = question(adopt(&deal, &project_of(&deal)).await);
    assert_eq!(code, "several_projects");
    assert!(items.contains("Another one"), "{items}");
}

/// The task of each line of an entry.
async fn tasks(world: &World, posted: &Posted) -> Vec<Value> {
    let mut found = Vec::new();
    for id in std::iter::once(&posted.id).chain(&posted.others) {
        let line = record(&world.admin, "account.analytic.line", *id, &["task_id"]).await;
        found.push(line["task_id"].clone());
    }
    found
}

/// A newer version of an entry is posted.
async fn changed(world: &World, posted: &Posted, before: &TimeRow, after: &TimeRow) -> Posted {
    let change = TimeChange {
        before: vec![before.clone()],
        after: after.clone(),
        posted: posted.clone(),
        policies: TimePolicies::default(),
    };
    let changed = time::change(&world.work, &memory(), &company(), &[change]).await;
    changed.into_iter().next().unwrap().unwrap()
}

#[tokio::test]
async fn hours_go_on_the_task_of_their_order_line_and_move_with_it() {
    let world = World::new();
    for product in ["senior_consultant", "architect", "milestone"] {
        makes(&world, product, "task_in_project").await;
    }
    let mut deal = by_odoo("task");
    let hours = LineBilling::TimeAndMaterials;
    let architect = line("task/3", "architect", "10", "200", hours);
    deal.order.lines.push(architect);
    deal.order.expected_untaxed += number("2000");
    let order = confirmed(&world, &deal).await;
    let plan = project_of(&deal);
    let project = project_change::follow(&world.master, &deal.project, &[], None, &plan).await;
    let project = project.unwrap().id;
    let ids = record(&world.admin, "sale.order", order, &["order_line"]).await;
    let (model, ids) = ("sale.order.line", &ids["order_line"]);
    let lines = read(&world, &company(), model, ids, &["task_id"]).await;
    let mut before = deal.entry(project, "t1", "5", "3");
    before.line = deal.line(1).clone();
    let posted = world.log(&[before.clone()]).await.remove(0).unwrap();
    let [consultant, architect] = [1, 2].map(|at| lines[at]["task_id"].clone());
    assert!(consultant.is_i64() && architect.is_i64(), "{lines:?}");
    assert_eq!(
        tasks(&world, &posted).await,
        [consultant.clone(), consultant.clone()]
    );

    // A person moves the hours; more hours leave them there.
    let other = json!({"vals_list": {"name": "Another task", "project_id": project}});
    let other = raw(&world.admin, "project.task", "create", other)
        .await
        .unwrap()[0]
        .clone();
    let moved = json!({"ids": [posted.id], "vals": {"task_id": other}});
    raw(&world.admin, "account.analytic.line", "write", moved)
        .await
        .unwrap();
    let mut more = before.clone();
    (more.time.worked, more.time.billable) = (number("6"), number("4"));
    assert_eq!(changed(&world, &posted, &before, &more).await, posted);
    assert_eq!(tasks(&world, &posted).await, [other, consultant]);

    // Another price takes all of the entry to its own task.
    let dearer = TimeRow {
        line: deal.line(2).clone(),
        ..more.clone()
    };
    assert_eq!(changed(&world, &posted, &more, &dearer).await, posted);
    assert_eq!(tasks(&world, &posted).await, [architect.clone(), architect]);
}
