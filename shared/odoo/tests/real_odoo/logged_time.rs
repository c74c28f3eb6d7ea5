//! Time lines: what is worked costs, what is billable is delivered, and a bad row harms no other.

use domain::NextStep;
use odoo::time;
use serde_json::Value;

use crate::support::{Deal, World, company, number, raw, record};

const FIELDS: [&str; 6] = [
    "so_line",
    "unit_amount",
    "amount",
    "ref",
    "name",
    "is_so_line_edited",
];

#[tokio::test]
async fn worked_hours_cost_and_billable_hours_are_delivered_in_both_directions() {
    let world = World::new();
    let deal = Deal::new("hours");
    let (_, order, project) = deal.stand_up(&world).await;
    // Alice costs 70 an hour.
    for (id, worked, billable, lines, cost, delivered) in [
        ("less", "5", "3.25", 2, "-350.0", 3.25),
        ("more", "4", "6", 2, "-280.0", 9.25),
        ("none", "2", "0", 1, "-140.0", 9.25),
        ("equal", "1.5", "1.5", 1, "-105.0", 10.75),
        ("only billed", "0", "1", 2, "0.0", 11.75),
    ] {
        let row = deal.entry(project, id, worked, billable);
        let mut logged = time::log(&world.work, &company(), &[row]).await;
        let (reference, posted) = logged.pop().unwrap();
        assert_eq!(reference.id(), id);
        let posted = posted.unwrap();
        assert_eq!(posted.others.len() + 1, lines, "{id}");
        let mut sum = number("0");
        for line in std::iter::once(&posted.id).chain(&posted.others) {
            let found = record(&world.admin, "account.analytic.line", *line, &FIELDS).await;
            sum += number(&found["amount"].to_string());
            assert_eq!(found["ref"], id);
            assert_eq!(found["is_so_line_edited"], true);
        }
        assert_eq!(sum, number(cost), "{id}");
        let lines = record(&world.admin, "sale.order", order, &["order_line"]).await;
        let line = lines["order_line"][0].as_i64().unwrap();
        let line = record(&world.admin, "sale.order.line", line, &["qty_delivered"]).await;
        assert_eq!(line["qty_delivered"], Value::from(delivered), "{id}");
    }
}

#[tokio::test]
async fn a_bad_row_does_not_hold_the_good_ones_and_a_replay_adds_none() {
    let world = World::new();
    let deal = Deal::new("rows");
    let (_, _, project) = deal.stand_up(&world).await;
    let mut rows: Vec<_> = (0..8)
        .map(|id| deal.entry(project, &id.to_string(), "2", "1"))
        .collect();
    rows[2].project_id = 999_999;
    rows[5].time.employee = "hr_demo.nobody".to_owned();
    let first = time::log(&world.work, &company(), &rows).await;
    let bad: Vec<&str> = (first.iter())
        .filter(|(_, outcome)| outcome.is_err())
        .map(|(reference, _)| reference.id())
        .collect();
    assert_eq!(bad, ["2", "5"]);
    for (reference, outcome) in &first {
        if let Err(error) = outcome {
            assert_eq!(error.next_step(), NextStep::Reject, "{reference} {error}");
        }
    }
    let count = serde_json::json!({"domain": [["project_id", "=", project]]});
    let model = "account.analytic.line";
    let before = raw(&world.admin, model, "search_count", count.clone())
        .await
        .unwrap();
    assert_eq!(before, 12);
    let second = time::log(&world.work, &company(), &rows).await;
    for ((_, first), (_, second)) in first.iter().zip(&second) {
        assert_eq!(first.as_ref().ok(), second.as_ref().ok(), "{second:?}");
    }
    assert_eq!(
        raw(&world.admin, model, "search_count", count)
            .await
            .unwrap(),
        before
    );
}
