//! A contract that changes after it was confirmed.

use domain::book::WhenLocked;
use domain::command::{CreateOrder, OrderLine, PostInvoice};
use jiff::civil::date;
use odoo::{OdooError, delivered, invoice, order, order_change, project_change};
use serde_json::{Value, json};

use crate::support::{Deal, World, company, number, raw, record, reference};

/// A confirmed contract with 8 billable hours on its first line, which are billed.
async fn billed(world: &World, id: &str) -> (Deal, i64, i64) {
    let deal = Deal::new(id);
    let (_, order, project) = deal.stand_up(world).await;
    let logged = world
        .log(&[deal.entry(project, &format!("{id}-1"), "8", "8")])
        .await;
    let entries = [logged[0].as_ref().unwrap().id];
    let bill = reference("invoice", &format!("{id}/1"));
    let draft = deal.invoice("8", "6296.00");
    let billing = &world.billing;
    let made = invoice::draft(billing, &bill, &draft, order, &entries)
        .await
        .unwrap()
        .id;
    invoice::link(billing, &company(), made, &entries)
        .await
        .unwrap();
    let post = PostInvoice {
        draft,
        invoice: bill,
    };
    invoice::post(billing, &post, made, order).await.unwrap();
    (deal, order, project)
}

/// The same contract with 40 hours more at another price, from 15 March.
fn with_change_request(deal: &Deal) -> CreateOrder {
    let mut after = deal.order.clone();
    after.lines.push(OrderLine {
        reference: reference("line_item", &format!("{}/cr", deal.deal.id())),
        description: "Change request 1".to_owned(),
        quantity: number("40"),
        unit_price: number("170"),
        discount_percent: number("0"),
        from: Some(date(2027, 3, 15)),
        ..after.lines[0].clone()
    });
    after.expected_untaxed += number("6800");
    after
}

async fn follow(world: &World, deal: &Deal, after: &CreateOrder) -> Result<i64, OdooError> {
    let followed = order_change::follow(&world.master, &deal.deal, &[&deal.order], after).await;
    followed.map(|posted| posted.id)
}

async fn lines(world: &World, order: i64) -> Vec<Value> {
    let found = record(&world.admin, "sale.order", order, &["order_line"]).await;
    let fields = [
        "name",
        "product_uom_qty",
        "price_unit",
        "qty_delivered",
        "qty_invoiced",
        "analytic_distribution",
    ];
    let arguments = json!({"ids": found["order_line"], "fields": fields, "load": null});
    let found = raw(&world.admin, "sale.order.line", "read", arguments)
        .await
        .unwrap();
    found.as_array().unwrap().clone()
}

fn asked(outcome: Result<i64, OdooError>) -> (&'static str, String) {
    let Err(OdooError::Asked(question)) = outcome else {
        panic!("expected a question: {outcome:?}");
    };
    (question.code, question.items.join("\n"))
}

#[tokio::test]
async fn a_change_request_is_a_new_line_and_what_was_billed_stays_as_it_was() {
    let world = World::new();
    let (deal, order, project) = billed(&world, "cr").await;
    let before = lines(&world, order).await;
    let after = with_change_request(&deal);
    assert_eq!(follow(&world, &deal, &after).await.unwrap(), order);
    let changed = lines(&world, order).await;
    assert_eq!(
        changed[..3],
        before[..],
        "the lines that were there are untouched"
    );
    assert_eq!(changed.len(), 4);
    assert_eq!(changed[3]["name"], "Change request 1 (from 2027-03-15)");
    assert_eq!(changed[3]["price_unit"].to_string(), "170.0");
    assert_eq!(
        changed[3]["analytic_distribution"],
        before[0]["analytic_distribution"]
    );

    // Once more, as after an answer that was lost.
    follow(&world, &deal, &after).await.unwrap();
    assert_eq!(lines(&world, order).await.len(), 4);

    // Work before the day is on the old line, and work from it on is on the new one.
    let mut rows = Vec::new();
    for (id, day) in [("cr-2", date(2027, 3, 14)), ("cr-3", date(2027, 3, 15))] {
        let mut row = deal.entry(project, id, "2", "2");
        row.time.date = day;
        row.line = after.line_for(&row.time).unwrap().reference.clone();
        rows.push(row);
    }
    for logged in world.log(&rows).await {
        logged.unwrap();
    }
    let hours = delivered::of(&world.work, &company(), order, &after)
        .await
        .unwrap();
    let of = |position: usize| {
        let line = &after.lines[position].reference;
        hours.iter().find(|(of, _)| of == line).unwrap().1
    };
    assert_eq!((of(0), of(3)), (number("10"), number("2")));
}

#[tokio::test]
async fn less_is_sold_down_to_what_is_delivered_and_no_price_is_rewritten() {
    let world = World::new();
    let (deal, order, _) = billed(&world, "less").await;
    let untouched = lines(&world, order).await;

    let mut after = deal.order.clone();
    after.lines[0].quantity = number("7");
    let (code, items) = asked(follow(&world, &deal, &after).await);
    assert_eq!(code, "change_not_possible");
    assert!(
        items.contains("7 is less than what is delivered or billed already (8)"),
        "{items}"
    );

    let mut after = deal.order.clone();
    after.lines[0].unit_price = number("150");
    let (code, items) = asked(follow(&world, &deal, &after).await);
    assert_eq!(code, "terms_drift");
    assert!(
        items.contains("150 less 10 % on the deal, 180 less 10 % on the order"),
        "{items}"
    );
    assert_eq!(
        lines(&world, order).await,
        untouched,
        "a question writes nothing"
    );

    let mut after = deal.order.clone();
    after.lines[0].quantity = number("8");
    after.lines.remove(1);
    after.expected_untaxed = number("6296.00");
    follow(&world, &deal, &after).await.unwrap();
    let changed = lines(&world, order).await;
    let quantities: Vec<String> = changed
        .iter()
        .map(|line| line["product_uom_qty"].to_string())
        .collect();
    assert_eq!(quantities, ["8.0", "0.0", "1.0"]);
}

#[tokio::test]
async fn a_term_that_a_person_changed_in_odoo_is_drift_with_both_values() {
    let world = World::new();
    let (deal, order, _) = billed(&world, "drift").await;
    let values =
        json!({"ids": [order], "vals": {"client_order_ref": "PO-by-hand", "payment_term_id": 1}});
    raw(&world.admin, "sale.order", "write", values)
        .await
        .unwrap();
    let (code, items) = asked(follow(&world, &deal, &with_change_request(&deal)).await);
    assert_eq!(code, "terms_drift");
    assert!(
        items.contains("purchase order: PO-drift on the deal, PO-by-hand on the order"),
        "{items}"
    );
    assert!(
        items.contains("payment terms: account.account_payment_term_30days on the deal"),
        "{items}"
    );
    assert_eq!(lines(&world, order).await.len(), 3);
}

#[tokio::test]
async fn a_locked_order_is_a_question_or_is_unlocked_and_locked_again() {
    let world = World::new();
    let (deal, order, _) = billed(&world, "lock").await;
    let lock = json!({"ids": [order]});
    raw(&world.admin, "sale.order", "action_lock", lock)
        .await
        .unwrap();
    let mut after = with_change_request(&deal);
    assert_eq!(asked(follow(&world, &deal, &after).await).0, "order_locked");
    assert_eq!(lines(&world, order).await.len(), 3);
    after.when_locked = WhenLocked::Unlock;
    after.lines[1].quantity = number("21");
    after.expected_untaxed += number("220.50");
    follow(&world, &deal, &after).await.unwrap();
    assert_eq!(lines(&world, order).await.len(), 4);
    let found = record(&world.admin, "sale.order", order, &["locked"]).await;
    assert_eq!(found["locked"], true);
}

#[tokio::test]
async fn a_draft_follows_its_deal_and_a_lost_one_is_cancelled_by_odoos_method() {
    let world = World::new();
    let deal = Deal::new("draft");
    let master = &world.master;
    odoo::customer::create(master, &deal.customer, &deal.customer())
        .await
        .unwrap();
    let order = order::create(master, &deal.deal, &deal.order)
        .await
        .unwrap()
        .id;
    let mut after = deal.order.clone();
    after.lines[0].unit_price = number("150");
    after.purchase_order = "PO-new".to_owned();
    after.expected_untaxed = number("14810.00");
    follow(&world, &deal, &after).await.unwrap();
    let found = record(
        &world.admin,
        "sale.order",
        order,
        &["client_order_ref", "state"],
    )
    .await;
    assert_eq!(
        (found["client_order_ref"].clone(), found["state"].clone()),
        (json!("PO-new"), json!("draft"))
    );

    let lost = domain::command::CancelOrder {
        company: company(),
        order: deal.deal.clone(),
    };
    order::cancel(master, order, &lost).await.unwrap();
    order::cancel(master, order, &lost).await.unwrap();
    let found = record(&world.admin, "sale.order", order, &["state"]).await;
    assert_eq!(found["state"], "cancel");

    let (_, confirmed, _) = Deal::new("kept").stand_up(&world).await;
    let refused = order::cancel(master, confirmed, &lost).await.unwrap_err();
    assert!(refused.to_string().contains("decide in Odoo"), "{refused}");
}

#[tokio::test]
async fn a_project_follows_its_deal_where_nobody_else_changed_it() {
    let world = World::new();
    let deal = Deal::new("prj");
    let mut before = deal.project();
    before.budget_hours = Some(number("60"));
    let (_, _, first) = deal.stand_up(&world).await;
    let plan = json!({"ids": [first], "vals": {"allocated_hours": 60}});
    raw(&world.admin, "project.project", "write", plan)
        .await
        .unwrap();
    let mut after = before.clone();
    after.budget_hours = Some(number("100"));
    after.name = "Delivery renamed".to_owned();
    let followed =
        project_change::follow(&world.master, &deal.project, &[&before], None, &after).await;
    assert_eq!(followed.unwrap().id, first);
    let fields = ["name", "allocated_hours"];
    let found = record(&world.admin, "project.project", first, &fields).await;
    assert_eq!(found["name"], "Delivery renamed");
    assert_eq!(found["allocated_hours"].to_string(), "100.0");

    let by_hand = json!({"ids": [first], "vals": {"name": "By hand"}});
    raw(&world.admin, "project.project", "write", by_hand)
        .await
        .unwrap();
    let mut again = after.clone();
    again.name = "Delivery once more".to_owned();
    project_change::follow(&world.master, &deal.project, &[&after], None, &again)
        .await
        .unwrap();
    let found = record(&world.admin, "project.project", first, &fields).await;
    assert_eq!(found["name"], "By hand");
}
