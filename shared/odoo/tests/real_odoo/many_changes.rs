//! Corrections by the thousand cost tens of calls.

use domain::policy::TimePolicies;
use odoo::time;
use odoo::time::{TimeChange, TimeRow};
use rust_decimal::Decimal;

use crate::support::{Deal, World, company, memory};

const ENTRIES: u32 = 5_000;

#[tokio::test]
async fn five_thousand_corrected_entries_take_at_most_sixty_calls() {
    let world = World::new();
    let deal = Deal::new("many");
    let (_, _, project) = deal.stand_up(&world).await;
    let rows: Vec<TimeRow> = (0..ENTRIES)
        .map(|id| deal.entry(project, &id.to_string(), "1", "1"))
        .collect();
    let posted = world.log(&rows).await;
    let changes: Vec<TimeChange> = (0..ENTRIES)
        .zip(rows.into_iter().zip(posted))
        .map(|(number, (before, posted))| TimeChange {
            after: corrected(&before, number),
            before: vec![before],
            posted: posted.unwrap(),
            policies: TimePolicies::default(),
        })
        .collect();
    let (odoo, wire) = world.counted();
    // As they come from the ledger: 500 at a time.
    let memory = memory();
    for some in changes.chunks(500) {
        for outcome in time::change(&odoo, &memory, &company(), some).await {
            outcome.unwrap();
        }
    }
    let calls = wire.taken();
    println!("{ENTRIES} corrections took {} calls", calls.len());
    assert!(calls.len() <= 60, "{}: {calls:?}", calls.len());
}

/// Other hours and another text, no two alike.
fn corrected(before: &TimeRow, number: u32) -> TimeRow {
    let mut after = before.clone();
    let hours = Decimal::ONE + Decimal::new(i64::from(number), 3);
    after.time.worked = hours;
    after.time.billable = hours;
    after.time.narration.0 = format!("Corrected {number}");
    after
}
