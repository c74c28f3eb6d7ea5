//! The same contract twice: one invoiced by Odoo's own "Create Invoice", one by our direct draft.
//! Every field of the invoice and of its lines is compared.

use std::collections::{BTreeMap, BTreeSet};

use domain::command::PostInvoice;
use odoo::invoice;
use serde_json::{Value, json};

use crate::support::{Deal, World, company, named_id, raw, record, reference, wizard};

/// Fields of the invoice that must differ, and why. Any other field that differs fails the test.
const MOVE_EXCEPTIONS: [(&str, &str); 21] = [
    ("id", "another record"),
    ("invoice_line_ids", "their ids"),
    ("line_ids", "their ids"),
    ("journal_line_ids", "their ids"),
    ("timesheet_ids", "each bills its own contract's time"),
    ("invoice_origin", "the order's number"),
    (
        "duplicated_ref_ids",
        "each names the other, as both have one purchase order number",
    ),
    ("access_url", "contains the id"),
    (
        "access_token",
        "made for the wizard's message that links to the order",
    ),
    ("create_date", "time of creation"),
    ("write_date", "time of change"),
    (
        "is_manually_modified",
        "the wizard takes no date: a person writes it afterwards",
    ),
    ("audit_trail_message_ids", "their ids"),
    (
        "message_ids",
        "their ids; the wizard adds one that links to the order",
    ),
    (
        "message_follower_ids",
        "a person's click subscribes the salesperson; we mail nobody",
    ),
    ("message_partner_ids", "as message_follower_ids"),
    ("message_is_follower", "as message_follower_ids"),
    ("name", "the next number"),
    ("display_name", "contains the number"),
    ("highest_name", "the last number"),
    ("sequence_number", "the next number"),
];
/// Fields of its lines that must differ, and why.
const LINE_EXCEPTIONS: [(&str, &str); 12] = [
    ("id", "another record"),
    ("move_id", "another invoice"),
    ("move_name", "the invoice's number"),
    ("parent_id", "the section's id"),
    ("sale_line_ids", "each bills its own order"),
    ("term_key", "contains the invoice's id"),
    (
        "analytic_distribution",
        "each contract's own account, compared by its shares",
    ),
    (
        "distribution_analytic_account_ids",
        "each contract's own account",
    ),
    ("create_date", "time of creation"),
    ("write_date", "time of change"),
    ("display_name", "contains the number"),
    ("analytic_line_ids", "their ids"),
];

/// Odoo's own scratch values for the lines of payment terms and discounts: their keys are not JSON.
const UNREADABLE: [&str; 1] = ["needed_terms"];

#[tokio::test]
async fn both_ways_make_the_same_invoice_in_the_companys_currency() {
    same_invoice("home", "US", "USD").await;
}

#[tokio::test]
async fn both_ways_make_the_same_invoice_abroad_in_another_currency() {
    same_invoice("abroad", "GB", "EUR").await;
}

async fn same_invoice(name: &str, country: &'static str, currency: &str) {
    let world = World::new();
    if currency != "USD" {
        price_list(&world, currency).await;
    }
    let (theirs, their_order) = contract(&world, &format!("{name}-t"), country, currency).await;
    let (ours, our_order) = contract(&world, &format!("{name}-o"), country, currency).await;

    let made = by_wizard(&world, &theirs, their_order.0).await;
    let bill = reference("invoice", &format!("{name}-o/1"));
    let draft = ours.invoice("8", "6296.00");
    let (order, entries) = (our_order.0, &our_order.1);
    let drafted = invoice::draft(&world.billing, &bill, &draft, order, entries).await;
    let drafted = drafted.unwrap().id;
    invoice::link(&world.billing, &company(), drafted, entries)
        .await
        .unwrap();
    compare(&world, made, drafted).await;

    raw(
        &world.billing,
        "account.move",
        "action_post",
        json!({"ids": [made]}),
    )
    .await
    .unwrap();
    let post = PostInvoice {
        draft,
        invoice: bill,
    };
    invoice::post(&world.billing, &post, drafted, order)
        .await
        .unwrap();
    compare(&world, made, drafted).await;
}

/// As finance would have set it up.
async fn price_list(world: &World, currency: &str) {
    let context = odoo::Context::of(&company()).with("active_test", json!(false));
    let find = json!({"domain": [["name", "=", currency]]});
    let found: Vec<i64> = (world.admin)
        .call("res.currency", "search", &context, find)
        .await
        .unwrap();
    let activate = json!({"ids": found, "vals": {"active": true}});
    raw(&world.admin, "res.currency", "write", activate)
        .await
        .unwrap();
    let rate = json!({"vals_list": {"currency_id": found[0], "name": "2026-01-01", "rate": 0.8}});
    raw(&world.admin, "res.currency.rate", "create", rate)
        .await
        .unwrap();
    let list = json!({"vals_list": {"name": currency, "currency_id": found[0]}});
    raw(&world.admin, "product.pricelist", "create", list)
        .await
        .unwrap();
}

/// A contract with everything an invoice takes over, and 8 billable hours.
async fn contract(
    world: &World,
    id: &str,
    country: &'static str,
    currency: &str,
) -> (Deal, (i64, Vec<i64>)) {
    let mut deal = Deal::new(id);
    deal.country = country;
    deal.order.currency = currency.to_owned();
    deal.order.purchase_order = "PO-7".to_owned();
    deal.order.payment_term = "account.account_payment_term_end_following_month".to_owned();
    let (_, order, project) = deal.stand_up(world).await;
    by_hand(world, order).await;
    let rows = [
        deal.entry(project, &format!("{id}-1"), "4.5", "4.5"),
        deal.entry(project, &format!("{id}-2"), "4", "3.5"),
    ];
    let logged = world.log(&rows).await;
    let entries = logged
        .into_iter()
        .map(|posted| posted.unwrap().id)
        .collect();
    (deal, (order, entries))
}

/// What people add to an order in Odoo: a note, sections, a campaign, a payment reference.
async fn by_hand(world: &World, order: i64) {
    let found = record(&world.admin, "sale.order", order, &["order_line"]).await;
    let lines = found["order_line"].as_array().unwrap().clone();
    let text = |sequence: i64, kind: &str, name: &str| json!([0, 0, {"display_type": kind, "name": name, "sequence": sequence}]);
    let at = |line: &Value, sequence: i64| json!([1, line, {"sequence": sequence}]);
    let values = json!({
        "note": "<p>Thank <b>you</b></p>",
        "reference": "REF-7",
        "campaign_id": utm(world, "utm.campaign", "Autumn").await,
        "source_id": utm(world, "utm.source", "Fair").await,
        "user_id": 2,
        "order_line": [
            text(1, "line_section", "Time"), at(&lines[0], 2), text(3, "line_note", "By role"),
            at(&lines[1], 4), text(5, "line_section", "Fixed"),
            text(6, "line_subsection", "First part"), at(&lines[2], 7),
            text(8, "line_section", "Nothing below"), text(9, "line_note", "Never shown"),
        ],
    });
    let write = json!({"ids": [order], "vals": values});
    raw(&world.admin, "sale.order", "write", write)
        .await
        .unwrap();
}

/// One for both contracts, as Odoo renames a second one.
async fn utm(world: &World, model: &str, name: &str) -> Value {
    let find = json!({"domain": [["name", "=", name]]});
    let found = raw(&world.admin, model, "search", find).await.unwrap();
    match found.as_array().unwrap().first() {
        Some(id) => id.clone(),
        None => {
            let create = json!({"vals_list": {"name": name}});
            raw(&world.admin, model, "create", create).await.unwrap()[0].clone()
        }
    }
}

/// As a person does it: delivered quantity, wizard, invoice date.
async fn by_wizard(world: &World, deal: &Deal, order: i64) -> i64 {
    let billing = &world.billing;
    let line = named_id(billing, &deal.line(2).external_id()).await;
    let deliver = json!({"ids": [line], "vals": {"qty_delivered": 1}});
    raw(billing, "sale.order.line", "write", deliver)
        .await
        .unwrap();
    let made = wizard(billing, order).await.unwrap();
    assert_eq!(made.len(), 1);
    let date = json!({"ids": made, "vals": {"invoice_date": "2026-10-31"}});
    raw(billing, "account.move", "write", date).await.unwrap();
    made[0]
}

async fn compare(world: &World, theirs: i64, ours: i64) {
    let fields = fields(world, "account.move").await;
    let (left, right) = (
        all(world, "account.move", &[theirs], &fields).await,
        all(world, "account.move", &[ours], &fields).await,
    );
    let mut wrong = differing(&left[0], &right[0], &MOVE_EXCEPTIONS);
    let fields = self::fields(world, "account.move.line").await;
    let ids = |found: &Value| -> Vec<i64> {
        let lines = found["line_ids"].as_array().unwrap();
        lines.iter().map(|id| id.as_i64().unwrap()).collect()
    };
    let left = all(world, "account.move.line", &ids(&left[0]), &fields).await;
    let right = all(world, "account.move.line", &ids(&right[0]), &fields).await;
    assert_eq!(left.len(), right.len(), "number of lines");
    for (left, right) in left.iter().zip(&right) {
        wrong.extend(differing(left, right, &LINE_EXCEPTIONS));
        assert_eq!(shares(left), shares(right));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

async fn fields(world: &World, model: &str) -> Vec<String> {
    let arguments = json!({"attributes": ["type"]});
    let found = raw(&world.admin, model, "fields_get", arguments)
        .await
        .unwrap();
    (found.as_object().unwrap().keys())
        .filter(|field| !UNREADABLE.contains(&field.as_str()))
        .cloned()
        .collect()
}

async fn all(world: &World, model: &str, ids: &[i64], fields: &[String]) -> Vec<Value> {
    let arguments = json!({"ids": ids, "fields": fields, "load": null});
    let found = raw(&world.admin, model, "read", arguments).await.unwrap();
    found.as_array().unwrap().clone()
}

/// A distribution without its accounts. `load` stores 100 as 100.0.
fn shares(line: &Value) -> Vec<String> {
    let distribution = line["analytic_distribution"].as_object();
    let shares = distribution.into_iter().flat_map(serde_json::Map::values);
    shares
        .map(|share| share.to_string().trim_end_matches(".0").to_owned())
        .collect()
}

fn differing(theirs: &Value, ours: &Value, exceptions: &[(&str, &str)]) -> BTreeSet<String> {
    let expected: BTreeMap<&str, &str> = exceptions.iter().copied().collect();
    let (theirs, ours) = (theirs.as_object().unwrap(), ours.as_object().unwrap());
    (theirs.iter())
        .filter(|(field, value)| ours.get(*field) != Some(value))
        .filter(|(field, _)| !expected.contains_key(field.as_str()))
        .map(|(field, value)| format!("{field}: wizard {value}, ours {}", ours[field]))
        .collect()
}
