//! From a customer to a paid invoice, and every step a second time.

use domain::Reference;
use domain::command::{LinkProject, PostInvoice};
use jiff::Timestamp;
use odoo::{OdooError, customer, invoice, order, project, status};
use serde_json::json;

use crate::support::{Deal, World, company, number, raw, record, reference, wizard};

/// Every step of the chain, once: the ids that they answer.
async fn play(world: &World, deal: &Deal, bill: &Reference) -> Vec<i64> {
    let master = &world.master;
    let made = customer::create(master, &deal.customer, &deal.customer()).await;
    let made = made.unwrap();
    let mut ids = vec![made.id, made.others[0]];
    let ordered = order::create(master, &deal.deal, &deal.order)
        .await
        .unwrap();
    ids.push(ordered.id);
    let confirmed = order::confirm(master, ordered.id, &deal.confirm()).await;
    assert_eq!(confirmed.unwrap().name, ordered.name);
    let project = project::create(master, &deal.project, &deal.project()).await;
    let project = project.unwrap().id;
    ids.push(project);
    let link = LinkProject {
        company: company(),
        deal: deal.deal.clone(),
        by: "steward".to_owned(),
    };
    assert_eq!(
        project::verify(&world.work, project, &link)
            .await
            .unwrap()
            .id,
        project
    );
    let rows = [
        deal.entry(project, "1", "4.5", "4.5"),
        deal.entry(project, "2", "3.5", "3.5"),
    ];
    let logged = world.log(&rows).await;
    let entries: Vec<i64> = (logged.into_iter())
        .map(|posted| posted.unwrap().id)
        .collect();
    ids.extend(&entries);
    let draft = deal.invoice("8", "6296.00");
    let billing = &world.billing;
    let drafted = invoice::draft(billing, bill, &draft, ordered.id, &entries).await;
    let drafted = drafted.unwrap().id;
    ids.push(drafted);
    invoice::link(billing, &company(), drafted, &entries)
        .await
        .unwrap();
    let post = PostInvoice {
        draft,
        invoice: bill.clone(),
    };
    let posted = invoice::post(billing, &post, drafted, ordered.id)
        .await
        .unwrap();
    assert!(posted.name.unwrap().starts_with("INV/2026/"));
    ids
}

#[tokio::test]
async fn a_contract_becomes_a_paid_invoice_and_a_replay_changes_nothing() {
    becomes_a_paid_invoice(World::new()).await;
}

/// Odoo 19 still answers as 14 to 18 do.
#[tokio::test]
async fn a_contract_becomes_a_paid_invoice_over_the_older_api_as_well() {
    becomes_a_paid_invoice(World::new().over_the_older_api()).await;
}

async fn becomes_a_paid_invoice(world: World) {
    let deal = Deal::new("1");
    let bill = reference("invoice", "1/1");
    let ids = play(&world, &deal, &bill).await;
    let before = counts(&world, &ids).await;
    assert_eq!(play(&world, &deal, &bill).await, ids);
    assert_eq!(counts(&world, &ids).await, before);

    let fields = ["state", "date_order", "project_id", "user_id"];
    let found = record(&world.admin, "sale.order", ids[2], &fields).await;
    assert_eq!(found["date_order"], "2026-09-15 16:00:00");
    assert_eq!(found["project_id"], ids[3]);
    assert_eq!(found["user_id"], false);
    let entry = record(
        &world.admin,
        "account.analytic.line",
        ids[4],
        &["timesheet_invoice_id"],
    );
    assert_eq!(entry.await["timesheet_invoice_id"], ids[6]);

    let again = wizard(&world.billing, ids[2]).await;
    assert!(matches!(again, Err(OdooError::Refused { .. })), "{again:?}");

    pay(&world, ids[6]).await;
    let changed = status::changed_since(&world.reader, &[1], Timestamp::UNIX_EPOCH);
    let changed = changed.await.unwrap();
    let ours = changed
        .invoices
        .iter()
        .find(|status| status.invoice == bill);
    let ours = ours.unwrap();
    assert_eq!(ours.payment_state, "paid");
    assert_eq!(
        (ours.total, ours.residual),
        (number("7240.40"), number("0"))
    );
    assert_eq!(ours.currency, "USD");
    assert!(changed.until.as_millisecond() >= ours.version.0.cast_signed());
    let later = status::changed_since(&world.reader, &[1], changed.until)
        .await
        .unwrap();
    assert!(!later.invoices.is_empty(), "the last second is read again");
}

/// As finance does it.
async fn pay(world: &World, invoice: i64) {
    let finance = &world.finance;
    let context = json!({"active_model": "account.move", "active_ids": [invoice]});
    let context = odoo::Context::of(&company())
        .with("active_model", context["active_model"].clone())
        .with("active_ids", context["active_ids"].clone());
    let wizard: Vec<i64> = finance
        .call(
            "account.payment.register",
            "create",
            &context,
            json!({"vals_list": {}}),
        )
        .await
        .unwrap();
    let _: serde_json::Value = finance
        .call(
            "account.payment.register",
            "action_create_payments",
            &context,
            json!({"ids": wizard}),
        )
        .await
        .unwrap();
}

/// How many records hang on the chain's own.
async fn counts(world: &World, ids: &[i64]) -> Vec<serde_json::Value> {
    let mut counts = Vec::new();
    for (model, domain) in [
        ("res.partner", json!([["parent_id", "=", ids[0]]])),
        ("sale.order", json!([["partner_id", "=", ids[0]]])),
        ("sale.order.line", json!([["order_id", "=", ids[2]]])),
        ("project.project", json!([["partner_id", "=", ids[0]]])),
        (
            "account.analytic.line",
            json!([["project_id", "=", ids[3]]]),
        ),
        ("account.move", json!([["partner_id", "child_of", ids[0]]])),
        ("account.move.line", json!([["move_id", "=", ids[6]]])),
    ] {
        let found = json!({"domain": domain, "fields": ["write_date"]});
        counts.push(
            raw(&world.admin, model, "search_read", found)
                .await
                .unwrap(),
        );
    }
    counts
}
