//! Time lines: what is worked costs, and what is billable is delivered.

use serde_json::Value;

use crate::support::{Deal, World, number, record};

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
        let mut logged = world.log(&[row]).await;
        let posted = logged.pop().unwrap().unwrap();
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
