//! Cases at the edge of a flow.

use domain::command::{InvoiceLine, PostInvoice};
use odoo::{OdooError, customer, invoice, order, project};
use serde_json::json;

use crate::support::{Deal, World, company, number, raw, record, reference};

#[tokio::test]
async fn four_workers_make_one_order_and_one_invoice() {
    let world = World::new();
    let deal = Deal::new("race");
    let master = &world.master;
    customer::create(master, &deal.customer, &deal.customer())
        .await
        .unwrap();
    let make = || order::create(master, &deal.deal, &deal.order);
    let (a, b, c, d) = tokio::join!(make(), make(), make(), make());
    let orders: Vec<_> = [a, b, c, d].map(Result::unwrap).into();
    assert!(orders.iter().all(|order| *order == orders[0]), "{orders:?}");

    let (_, order, project) = deal.stand_up(&world).await;
    let rows = [deal.entry(project, "1", "8", "8")];
    let logged = world.log(&rows).await;
    let entries = [logged[0].as_ref().unwrap().id];
    let bill = reference("invoice", "race/1");
    let draft = deal.invoice("8", "6296.00");
    let make = || invoice::draft(&world.billing, &bill, &draft, order, &entries);
    let (a, b, c, d) = tokio::join!(make(), make(), make(), make());
    let drafts: Vec<_> = [a, b, c, d].map(Result::unwrap).into();
    assert!(drafts.iter().all(|draft| *draft == drafts[0]), "{drafts:?}");
    let found = record(&world.admin, "sale.order", order, &["invoice_ids"]).await;
    assert_eq!(found["invoice_ids"], json!([drafts[0].id]));
}

#[tokio::test]
async fn amounts_with_odd_cents_are_verified() {
    let world = World::new();
    let mut deal = Deal::new("odd");
    // Lines of 1.2543: the seeded company rounds the sum, the sources round each line.
    for line in [0, 1] {
        deal.order.lines[line].quantity = number("1.11");
        deal.order.lines[line].unit_price = number("1.13");
        deal.order.lines[line].discount_percent = number("0");
    }
    deal.order.lines[2].unit_price = number("99.37");
    deal.order.expected_untaxed = number("101.87");
    let (_, order, project) = deal.stand_up(&world).await;
    let mut rows = [
        deal.entry(project, "1", "1.11", "1.11"),
        deal.entry(project, "2", "1.11", "1.11"),
    ];
    rows[1].line = deal.line(1).clone();
    let logged = world.log(&rows).await;
    let entries: Vec<i64> = (logged.into_iter())
        .map(|posted| posted.unwrap().id)
        .collect();
    let bill = reference("invoice", "odd/1");
    let mut draft = deal.invoice("1.11", "101.87");
    draft.lines.push(InvoiceLine {
        line: deal.line(1).clone(),
        ..draft.lines[0].clone()
    });
    let made = invoice::draft(&world.billing, &bill, &draft, order, &entries)
        .await
        .unwrap();
    let fields = ["amount_untaxed", "amount_tax"];
    let found = record(&world.admin, "account.move", made.id, &fields).await;
    assert_eq!(found["amount_untaxed"].to_string(), "101.88");
    assert_eq!(found["amount_tax"].to_string(), "15.28");

    draft.expected_untaxed = number("101.86");
    let wrong = invoice::draft(&world.billing, &bill, &draft, order, &entries).await;
    let wrong = wrong.unwrap_err().to_string();
    assert!(
        wrong.contains("the untaxed amount is 101.88, expected 101.86"),
        "{wrong}"
    );
}

#[tokio::test]
async fn an_instalment_alone_needs_no_time_and_its_project_no_default_line() {
    let world = World::new();
    let mut deal = Deal::new("fixed");
    let master = &world.master;
    deal.order.lines.drain(..2);
    deal.order.expected_untaxed = number("5000");
    customer::create(master, &deal.customer, &deal.customer())
        .await
        .unwrap();
    let order = order::create(master, &deal.deal, &deal.order)
        .await
        .unwrap()
        .id;
    order::confirm(master, order, &deal.confirm())
        .await
        .unwrap();
    let mut content = deal.project();
    content.default_line = None;
    let project = project::create(master, &deal.project, &content)
        .await
        .unwrap()
        .id;
    let found = record(&world.admin, "sale.order", order, &["project_id"]).await;
    assert_eq!(found["project_id"], project);

    let mut draft = Deal::new("fixed").invoice("1", "5000");
    draft.lines.remove(0);
    let bill = reference("invoice", "fixed/1");
    let billing = &world.billing;
    let made = invoice::draft(billing, &bill, &draft, order, &[])
        .await
        .unwrap()
        .id;
    invoice::link(billing, &company(), made, &[]).await.unwrap();
    let post = PostInvoice {
        draft,
        invoice: bill,
    };
    invoice::post(billing, &post, made, order).await.unwrap();
}

#[tokio::test]
async fn a_locked_period_stops_the_posting_before_odoo_moves_the_date() {
    let world = World::new();
    let deal = Deal::new("lock");
    let (_, order, _) = deal.stand_up(&world).await;
    let lock = json!({"ids": [1], "vals": {"sale_lock_date": "2026-10-31"}});
    raw(&world.admin, "res.company", "write", lock)
        .await
        .unwrap();
    let mut draft = deal.invoice("1", "5000");
    draft.lines.remove(0);
    let bill = reference("invoice", "lock/1");
    let billing = &world.billing;
    let made = invoice::draft(billing, &bill, &draft, order, &[])
        .await
        .unwrap()
        .id;
    let post = PostInvoice {
        draft,
        invoice: bill,
    };
    let error = invoice::post(billing, &post, made, order)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("Odoo would move the date"),
        "{error}"
    );
    let found = record(&world.admin, "account.move", made, &["state"]).await;
    assert_eq!(found["state"], "draft");
}

#[tokio::test]
async fn a_customer_with_a_tax_number_is_checked_and_an_archived_one_is_reported() {
    let world = World::new();
    let mut deal = Deal::new("vat");
    deal.country = "BE";
    let mut wrong = deal.customer();
    wrong.vat = Some("BE0477472702".to_owned());
    let refused = customer::create(&world.master, &deal.customer, &wrong).await;
    assert!(
        matches!(refused, Err(OdooError::Refused { .. })),
        "{refused:?}"
    );
    let mut right = deal.customer();
    right.vat = Some("BE0477472701".to_owned());
    let made = customer::create(&world.master, &deal.customer, &right)
        .await
        .unwrap();
    let contact = record(&world.admin, "res.partner", made.others[0], &["vat"]).await;
    assert_eq!(
        contact["vat"], "BE0477472701",
        "a contact shows its company's"
    );

    let archive = json!({"ids": [made.id], "vals": {"active": false}});
    raw(&world.admin, "res.partner", "write", archive)
        .await
        .unwrap();
    let archived = customer::create(&world.master, &deal.customer, &right).await;
    let archived = archived.unwrap_err();
    assert!(archived.to_string().contains("archived"), "{archived}");
    assert!(!format!("{archived:?}").contains("Fabrikam"));
}
