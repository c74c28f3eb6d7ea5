//! Contracts of every kind: what becomes of them in Odoo, in a company with dollars and in one with
//! euros.

use std::collections::BTreeSet;

use domain::command::{
    Company, ConfirmOrder, CreateOrder, CreateProject, LineBilling, Milestone, OrderLine,
    PostInvoice,
};
use jiff::civil::date;
use odoo::{Context, OdooError, customer, invoice, order, project};
use serde_json::{Value, json};

use crate::support::{Deal, World, company, number, record, reference, wizard};

/// A line of one kind.
pub fn line(
    id: &str,
    product: &str,
    quantity: &str,
    price: &str,
    billing: LineBilling,
) -> OrderLine {
    OrderLine {
        reference: reference("line_item", id),
        service: product.to_owned(),
        product: format!("catalogue.{product}"),
        description: format!("{product} {id}"),
        quantity: number(quantity),
        unit_price: number(price),
        discount_percent: number("0"),
        billing,
        from: None,
        until: None,
        only: None,
        unit: None,
        tax: None,
    }
}

fn milestone(id: &str, month: i8, price: &str) -> OrderLine {
    let due = date(2026, month, 28);
    line(id, "milestone", "1", price, LineBilling::Milestone { due })
}

/// A contract in a company, in its currency.
pub fn contract(place: &Company, currency: &str, id: &str, lines: Vec<OrderLine>) -> Deal {
    let mut deal = Deal::new(id);
    let worth = |line: &OrderLine| line.quantity * line.unit_price;
    deal.order = CreateOrder {
        company: place.clone(),
        currency: currency.to_owned(),
        expected_untaxed: lines.iter().map(worth).sum(),
        lines,
        ..deal.order
    };
    deal
}

fn confirmed(deal: &Deal) -> ConfirmOrder {
    ConfirmOrder {
        company: deal.order.company.clone(),
        ..deal.confirm()
    }
}

/// Its project: milestones from its lines.
fn project_of(deal: &Deal, budget: &str) -> CreateProject {
    let milestone = |line: &OrderLine| match line.billing {
        LineBilling::Milestone { due } => Some(Milestone {
            line: line.reference.clone(),
            name: line.description.clone(),
            due,
        }),
        LineBilling::TimeAndMaterials
        | LineBilling::Instalment { .. }
        | LineBilling::Retainer { .. }
        | LineBilling::Recurring { .. } => None,
    };
    let takes_time = |line: &&OrderLine| line.takes_time();
    CreateProject {
        company: deal.order.company.clone(),
        default_line: (deal.order.lines.iter().find(takes_time)).map(|l| l.reference.clone()),
        milestones: deal.order.lines.iter().filter_map(milestone).collect(),
        budget_hours: Some(number(budget)),
        ..deal.project()
    }
}

/// The confirmed order and its project.
pub async fn stand_up(world: &World, deal: &Deal, project: &CreateProject) -> (i64, i64) {
    let master = &world.master;
    let mut customer = deal.customer();
    customer.company = deal.order.company.clone();
    customer::create(master, &deal.customer, &customer)
        .await
        .unwrap();
    let order = order::create(master, &deal.deal, &deal.order)
        .await
        .unwrap()
        .id;
    order::confirm(master, order, &confirmed(deal))
        .await
        .unwrap();
    let made = project::create(master, &deal.project, project)
        .await
        .unwrap();
    (order, made.id)
}

pub async fn read(
    world: &World,
    place: &Company,
    model: &str,
    ids: &Value,
    fields: &[&str],
) -> Vec<Value> {
    let context = Context::of(place);
    let arguments = json!({"ids": ids, "fields": fields, "load": null});
    let found: Value = world
        .admin
        .call(model, "read", &context, arguments)
        .await
        .unwrap();
    found.as_array().unwrap().clone()
}

#[tokio::test]
async fn a_fixed_fee_in_milestones_is_an_order_and_a_project_with_milestones() {
    let world = World::new();
    let euros = world.second_company().await;
    for (place, currency, id) in [(company(), "USD", "usd"), (euros, "EUR", "eur")] {
        let lines = (9..)
            .zip(["40000", "30000", "20000", "10000"])
            .map(|(month, price)| milestone(&format!("{id}/{month}"), month, price));
        let deal = contract(&place, currency, id, lines.collect());
        let plan = project_of(&deal, "320");
        let (order, project) = stand_up(&world, &deal, &plan).await;
        let sold = sold_in_milestones(&world, &place, order, project).await;
        let billed = milestones_of(&world, &place, project).await;
        assert_eq!(billed, sold, "one milestone for each line");
        // Once more, and nothing is there twice.
        assert_eq!(stand_up(&world, &deal, &plan).await, (order, project));
        assert_eq!(milestones_of(&world, &place, project).await.len(), 4);
    }
}

/// The lines of a confirmed order of 100,000, each delivered by its milestone.
async fn sold_in_milestones(
    world: &World,
    place: &Company,
    order: i64,
    project: i64,
) -> BTreeSet<i64> {
    let fields = [
        "state",
        "amount_untaxed",
        "currency_id",
        "company_id",
        "project_id",
        "order_line",
        "date_order",
    ];
    let found = read(world, place, "sale.order", &json!([order]), &fields)
        .await
        .remove(0);
    assert_eq!(found["state"], "sale");
    assert_eq!(found["amount_untaxed"].to_string(), "100000.0");
    assert_eq!(found["company_id"], place.id);
    assert_eq!(found["project_id"], project);
    assert_eq!(found["date_order"].as_str().unwrap()[..10], *"2026-09-15");
    let fields = ["product_uom_qty", "qty_delivered_method", "currency_id"];
    let sold = read(
        world,
        place,
        "sale.order.line",
        &found["order_line"],
        &fields,
    )
    .await;
    assert_eq!(sold.len(), 4);
    for line in &sold {
        assert_eq!(line["qty_delivered_method"], "milestones");
        assert_eq!(line["product_uom_qty"].to_string(), "1.0");
        assert_eq!(line["currency_id"], found["currency_id"]);
    }
    sold.iter()
        .map(|line| line["id"].as_i64().unwrap())
        .collect()
}

/// The order lines that a project's milestones deliver, each in full.
async fn milestones_of(world: &World, place: &Company, project: i64) -> BTreeSet<i64> {
    let fields = [
        "allocated_hours",
        "milestone_ids",
        "allow_milestones",
        "company_id",
    ];
    let found = read(world, place, "project.project", &json!([project]), &fields)
        .await
        .remove(0);
    assert_eq!(found["allocated_hours"].to_string(), "320.0");
    assert_eq!(found["company_id"], place.id);
    assert_eq!(found["allow_milestones"], true);
    let fields = ["sale_line_id", "quantity_percentage"];
    let milestones = &found["milestone_ids"];
    let milestones = read(world, place, "project.milestone", milestones, &fields).await;
    assert_eq!(milestones.len(), 4);
    let line = |milestone: &Value| {
        assert_eq!(milestone["quantity_percentage"], json!(1.0));
        milestone["sale_line_id"].as_i64().unwrap()
    };
    milestones.iter().map(line).collect()
}

#[tokio::test]
async fn a_billed_milestone_is_reached_and_odoo_finds_nothing_to_take_back() {
    let world = World::new();
    let lines = vec![
        milestone("ms/1", 9, "40000"),
        milestone("ms/2", 10, "60000"),
    ];
    let deal = contract(&company(), "USD", "ms", lines);
    let (order, _) = stand_up(&world, &deal, &project_of(&deal, "10")).await;
    let mut draft = Deal::new("ms").invoice("1", "40000");
    draft.lines.remove(0);
    draft.lines[0].line = deal.line(0).clone();
    draft.lines[0].unit_price = number("40000");
    bill(&world, "ms/1", draft, order).await;
    let ids = record(&world.admin, "sale.order", order, &["order_line"]).await;
    let fields = ["qty_delivered", "qty_invoiced"];
    let lines = read(
        &world,
        &company(),
        "sale.order.line",
        &ids["order_line"],
        &fields,
    )
    .await;
    let of = |index: usize| {
        (
            lines[index]["qty_delivered"].to_string(),
            lines[index]["qty_invoiced"].to_string(),
        )
    };
    assert_eq!(of(0), ("1.0".to_owned(), "1.0".to_owned()));
    assert_eq!(of(1), ("0.0".to_owned(), "0.0".to_owned()));
    let again = wizard(&world.billing, order).await;
    assert!(matches!(again, Err(OdooError::Refused { .. })), "{again:?}");
}

/// Draft, links and posting of an invoice without time.
pub async fn bill(world: &World, id: &str, draft: domain::command::DraftInvoice, order: i64) {
    let name = reference("invoice", id);
    let billing = &world.billing;
    let made = invoice::draft(billing, &name, &draft, order, &[])
        .await
        .unwrap()
        .id;
    // Once more, as after an answer that was lost.
    invoice::draft(billing, &name, &draft, order, &[])
        .await
        .unwrap();
    invoice::link(billing, &company(), made, &[]).await.unwrap();
    let post = PostInvoice {
        draft,
        invoice: name,
    };
    invoice::post(billing, &post, made, order).await.unwrap();
}

#[tokio::test]
async fn every_kind_of_line_stands_on_one_order_and_bills_in_its_own_way() {
    let world = World::new();
    let mut deal = contract(&company(), "USD", "mix", one_of_each());
    deal.order.salesperson = Some("base.user_admin".to_owned());
    let before = mails(&world).await;
    let (order, project) = stand_up(&world, &deal, &project_of(&deal, "60")).await;
    assert_eq!(mails(&world).await, before, "nobody was mailed");
    let fields = ["user_id", "order_line"];
    let found = record(&world.admin, "sale.order", order, &fields).await;
    assert_eq!(found["user_id"], 2);
    let (model, ids) = ("sale.order.line", &found["order_line"]);
    let sold = read(&world, &company(), model, ids, &["qty_delivered_method"]).await;
    let methods: Vec<&Value> = sold
        .iter()
        .map(|line| &line["qty_delivered_method"])
        .collect();
    let expected = ["timesheet", "manual", "milestones", "timesheet", "manual"];
    assert_eq!(methods, expected);

    // Hours on the retainer use it up.
    let mut entry = deal.entry(project, "r1", "5", "5");
    entry.line = deal.line(3).clone();
    world.log(&[entry]).await.remove(0).unwrap();
    let retainer = sold[3]["id"].as_i64().unwrap();
    let left = record(&world.admin, model, retainer, &["remaining_hours"]).await;
    assert_eq!(left["remaining_hours"].to_string(), "15.0");

    // The retainer and two months, one after the other.
    let bills = [
        ("1", 3, "20", "3000"),
        ("2", 4, "1", "900"),
        ("3", 4, "1", "900"),
    ];
    for (number_of, position, quantity, amount) in bills {
        let mut draft = Deal::new("mix").invoice("1", amount);
        draft.lines.remove(0);
        draft.lines[0].line = deal.line(position).clone();
        draft.lines[0].quantity = number(quantity);
        draft.lines[0].unit_price = deal.order.lines[position].unit_price;
        bill(&world, &format!("mix/{number_of}"), draft, order).await;
    }
    let month = sold[4]["id"].as_i64().unwrap();
    let fields = ["qty_delivered", "qty_invoiced"];
    let months = record(&world.admin, model, month, &fields).await;
    let months = fields.map(|field| months[field].to_string());
    assert_eq!(months, ["2.0", "2.0"]);
    let again = wizard(&world.billing, order).await;
    assert!(matches!(again, Err(OdooError::Refused { .. })), "{again:?}");
}

fn one_of_each() -> Vec<OrderLine> {
    let due = date(2026, 10, 1);
    let hours = LineBilling::TimeAndMaterials;
    let month = LineBilling::Recurring { from: due };
    vec![
        line("mix/1", "senior_consultant", "40", "180", hours),
        line(
            "mix/2",
            "fixed_fee",
            "1",
            "5000",
            LineBilling::Instalment { due },
        ),
        milestone("mix/3", 10, "7000"),
        line(
            "mix/4",
            "retainer",
            "20",
            "150",
            LineBilling::Retainer { due },
        ),
        line("mix/5", "managed_month", "12", "900", month),
    ]
}

async fn mails(world: &World) -> Value {
    let arguments = json!({"domain": []});
    crate::support::raw(&world.admin, "mail.mail", "search_count", arguments)
        .await
        .unwrap()
}
