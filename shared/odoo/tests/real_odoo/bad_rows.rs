//! A bad row harms no other, and costs few calls.

use domain::NextStep;
use odoo::time::TimeRow;
use odoo::{OdooError, time};
use serde_json::{Value, json};

use crate::support::{Deal, World, company, memory, named_id, raw};

const MODEL: &str = "account.analytic.line";

/// 500 entries of one line each.
fn entries(deal: &Deal, project: i64) -> Vec<TimeRow> {
    (0..500)
        .map(|id| deal.entry(project, &id.to_string(), "1", "1"))
        .collect()
}

async fn count(world: &World, project: i64) -> Value {
    let domain = json!({"domain": [["project_id", "=", project]]});
    raw(&world.admin, MODEL, "search_count", domain)
        .await
        .unwrap()
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
    let first = world.log(&rows).await;
    for (position, outcome) in first.iter().enumerate() {
        match outcome {
            Ok(posted) => assert_eq!(posted.others.len(), 1, "{position}"),
            Err(error) => {
                assert!([2, 5].contains(&position), "{position} {error}");
                assert_eq!(error.next_step(), NextStep::Reject, "{error}");
            }
        }
    }
    assert_eq!(first.iter().filter(|outcome| outcome.is_err()).count(), 2);
    assert_eq!(count(&world, project).await, 12);
    let second = world.log(&rows).await;
    for (first, second) in first.iter().zip(&second) {
        assert_eq!(first.as_ref().ok(), second.as_ref().ok(), "{second:?}");
    }
    assert_eq!(count(&world, project).await, 12);
}

#[tokio::test]
async fn bad_rows_at_one_two_and_seven_places_of_five_hundred_cost_few_calls() {
    let world = World::new();
    let deal = Deal::new("places");
    let (_, _, project) = deal.stand_up(&world).await;
    let admin = &world.admin;
    let bob = named_id(admin, "hr_demo.bob").await;
    let leave = json!({"ids": [bob], "vals": {"active": false}});
    raw(admin, "hr.employee", "write", leave).await.unwrap();
    let (odoo, wire) = world.counted();
    let memory = memory();
    let places: [&[usize]; 3] = [&[0], &[251, 499], &[0, 1, 80, 81, 250, 333, 498]];
    for (round, bad) in places.into_iter().enumerate() {
        let mut rows = entries(&deal, project);
        for (position, row) in rows.iter_mut().enumerate() {
            row.reference = domain::Reference::new(
                "psa",
                round.to_string(),
                "time_entry",
                position.to_string(),
            );
            if bad.contains(&position) {
                // One half has a cell that Odoo cannot read, the other a rule against it.
                match position % 2 {
                    0 => row.project_id = 999_999,
                    _ => row.time.employee = "hr_demo.bob".to_owned(),
                }
            }
        }
        wire.taken();
        let outcomes = time::insert(&odoo, &memory, &company(), &rows).await;
        let calls = wire.taken();
        for (position, outcome) in outcomes.iter().enumerate() {
            assert_eq!(
                outcome.is_err(),
                bad.contains(&position),
                "{position} {outcome:?}"
            );
        }
        let loads = calls.iter().filter(|method| *method == "load").count();
        // ceil(log2 500) + 2 = 11 more than the one load of a batch without a bad row.
        println!("{} bad rows: {loads} loads", bad.len());
        assert!(loads <= 1 + 11 * bad.len(), "{calls:?}");
    }
    assert_eq!(count(&world, project).await, 1500 - 10);
}

#[tokio::test]
async fn parallel_loads_of_the_same_entries_make_each_once() {
    let world = World::new();
    let deal = Deal::new("parallel");
    let (_, _, project) = deal.stand_up(&world).await;
    let rows: Vec<_> = (entries(&deal, project).into_iter()).take(60).collect();
    let (left, right) = tokio::join!(world.log(&rows), world.log(&rows));
    let landed = |outcomes: &[Result<_, OdooError>]| {
        (outcomes.iter()).all(|outcome| match outcome {
            Ok(_) => true,
            Err(error) => panic!("{error}"),
        })
    };
    assert!(landed(&left) && landed(&right));
    for (left, right) in left.iter().zip(&right) {
        assert_eq!(left.as_ref().unwrap(), right.as_ref().unwrap());
    }
    assert_eq!(count(&world, project).await, 60);
}
