//! What is asked before something is agreed, and what a project begins with.

use domain::command::{ConfirmOrder, CreditCheck, LineBilling};
use jiff::civil::date;
use odoo::{OdooError, customer, order};
use serde_json::{Value, json};

use crate::contracts::{bill, contract, line, read, stand_up};
use crate::support::{Deal, World, company, record};

#[tokio::test]
async fn a_product_that_bills_in_another_way_is_reported_before_anything_is_confirmed() {
    let world = World::new();
    let due = date(2026, 10, 1);
    let lines = vec![line(
        "pol/1",
        "senior_consultant",
        "1",
        "5000",
        LineBilling::Instalment { due },
    )];
    let deal = contract(&company(), "USD", "pol", lines);
    customer::create(&world.master, &deal.customer, &deal.customer())
        .await
        .unwrap();
    let refused = order::create(&world.master, &deal.deal, &deal.order)
        .await
        .unwrap_err();
    let said = refused.to_string();
    assert!(
        said.contains("invoicing policy is \"delivered_timesheet\", expected \"delivered_manual\""),
        "{said}"
    );
}

#[tokio::test]
async fn a_customer_on_credit_hold_gets_no_new_contract_and_work_that_is_done_is_billed() {
    let world = World::new();
    let mut deal = Deal::new("hold");
    deal.order.purchase_order = String::new();
    let (customer, order, _) = deal.stand_up(&world).await;
    let tag = json!({"vals_list": {"name": "Credit hold"}});
    let tag = crate::support::raw(&world.admin, "res.partner.category", "create", tag)
        .await
        .unwrap();
    let set = |tags: Value| json!({"ids": [customer], "vals": {"category_id": [[6, 0, tags]]}});
    crate::support::raw(&world.admin, "res.partner", "write", set(tag))
        .await
        .unwrap();

    let mut next = Deal::new("hold-2");
    next.customer = deal.customer.clone();
    let made = order::create(&world.master, &next.deal, &next.order)
        .await
        .unwrap()
        .id;
    let check = CreditCheck {
        customer: deal.customer.clone(),
        tag: "Credit hold".to_owned(),
    };
    let confirm = ConfirmOrder {
        credit: Some(check),
        ..next.confirm()
    };
    let Err(OdooError::Asked(question)) = order::confirm(&world.master, made, &confirm).await
    else {
        panic!("expected a question");
    };
    assert_eq!((question.code, question.owner), ("credit_hold", "finance"));
    let state = record(&world.admin, "sale.order", made, &["state"]).await;
    assert_eq!(state["state"], "draft");

    let mut draft = deal.invoice("1", "5000");
    draft.lines.remove(0);
    bill(&world, "hold/1", draft, order).await;

    crate::support::raw(&world.admin, "res.partner", "write", set(json!([])))
        .await
        .unwrap();
    order::confirm(&world.master, made, &confirm).await.unwrap();
    let state = record(
        &world.admin,
        "sale.order",
        made,
        &["state", "client_order_ref"],
    )
    .await;
    assert_eq!(state["state"], "sale");
}

#[tokio::test]
async fn a_new_project_gets_stages_and_tasks_of_its_template_once() {
    let world = World::new();
    let admin = &world.admin;
    let make = |model: &'static str, values: Value| async move {
        let made = crate::support::raw(admin, model, "create", json!({"vals_list": values})).await;
        made.unwrap()[0].as_i64().unwrap()
    };
    let stage = make("project.task.type", json!({"name": "Design"})).await;
    let load = json!({"fields": ["id", "name", "type_ids/.id"], "data": [["firm.template", "Template", stage.to_string()]]});
    let loaded = crate::support::raw(admin, "project.project", "load", load)
        .await
        .unwrap();
    let template = loaded["ids"][0].as_i64().unwrap();
    let task = json!({"name": "Kick-off", "project_id": template, "stage_id": stage, "allocated_hours": 6});
    make("project.task", task).await;

    let deal = Deal::new("tpl");
    let mut plan = deal.project();
    plan.template = Some("firm.template".to_owned());
    let (_, first) = stand_up(&world, &deal, &plan).await;
    let (_, second) = stand_up(&world, &deal, &plan).await;
    assert_eq!(first, second);
    let found = record(admin, "project.project", first, &["type_ids", "task_ids"]).await;
    assert_eq!(found["type_ids"], json!([stage]));
    let tasks = read(
        &world,
        &company(),
        "project.task",
        &found["task_ids"],
        &["name", "allocated_hours", "stage_id"],
    )
    .await;
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0]["name"], "Kick-off");
    assert_eq!(tasks[0]["allocated_hours"].to_string(), "6.0");
    assert_eq!(tasks[0]["stage_id"], stage);
}
