//! What may have been sent is looked for before anything is sent again.

use domain::command::LineBilling;
use odoo::time;
use odoo::time::{Look, TimeRow};
use serde_json::json;

use crate::support::{Deal, World, company, memory, number, raw, reference};

const MODEL: &str = "account.analytic.line";

async fn look(world: &World, row: &TimeRow) -> Look {
    let rows = std::slice::from_ref(row);
    let mut looks = time::look(&world.work, &memory(), &company(), rows).await;
    looks.pop().unwrap().unwrap()
}

#[tokio::test]
async fn an_entry_is_absent_the_same_or_different_and_a_stranger_with_its_ref_is_not_it() {
    let world = World::new();
    let deal = Deal::new("look");
    let (_, _, project) = deal.stand_up(&world).await;
    let row = deal.entry(project, "501", "8", "6");
    assert!(matches!(look(&world, &row).await, Look::Absent));

    // A person noted the same number on a line of his own.
    let mut stranger = deal.entry(project, "501", "3", "3");
    stranger.reference = domain::Reference::new("other", "account", "time_entry", "501");
    world.log(&[stranger]).await.pop().unwrap().unwrap();
    assert!(matches!(look(&world, &row).await, Look::Absent));

    let posted = world
        .log(std::slice::from_ref(&row))
        .await
        .pop()
        .unwrap()
        .unwrap();
    let Look::Same(found) = look(&world, &row).await else {
        panic!("it was logged");
    };
    assert_eq!(found, posted);

    let mut other = row.clone();
    other.time.worked = number("9");
    other.time.narration.0 = "Another text".to_owned();
    let Look::Different { differs, .. } = look(&world, &other).await else {
        panic!("the hours and the text are others");
    };
    let differs = differs.to_string();
    assert!(
        differs.contains("unbilled time: hours is 2, expected 3"),
        "{differs}"
    );
    assert!(
        differs.contains("text is not the one that was sent"),
        "{differs}"
    );
    assert!(!differs.contains("Another text"), "{differs}");

    let delete = json!({"ids": [posted.others[0]]});
    raw(&world.admin, MODEL, "unlink", delete).await.unwrap();
    let Look::Different { differs, .. } = look(&world, &row).await else {
        panic!("half of it is gone");
    };
    assert!(
        differs.to_string().contains("the line was deleted in Odoo"),
        "{differs}"
    );
}

#[tokio::test]
async fn a_thousand_entries_are_looked_for_in_two_calls_and_one_when_none_is_there() {
    let world = World::new();
    let deal = Deal::new("thousand");
    let (_, _, project) = deal.stand_up(&world).await;
    let rows: Vec<TimeRow> = (0..1000)
        .map(|id| deal.entry(project, &id.to_string(), "1", "1"))
        .collect();
    let (odoo, wire) = world.counted();
    let memory = memory();
    let absent = time::look(&odoo, &memory, &company(), &rows).await;
    assert!(absent.iter().all(|look| matches!(look, Ok(Look::Absent))));
    assert_eq!(wire.taken(), ["search_read"]);

    let posted = time::insert(&odoo, &memory, &company(), &rows).await;
    // The employee and the order line are asked for once, and never again.
    let resolve = "check_object_reference";
    assert_eq!(wire.taken(), [resolve, resolve, "load", "load", "read"]);

    let same = time::look(&odoo, &memory, &company(), &rows).await;
    assert_eq!(wire.taken(), ["search_read", "get_metadata"]);
    for (posted, look) in posted.into_iter().zip(same) {
        let Ok(Look::Same(found)) = look else {
            panic!("{look:?}");
        };
        assert_eq!(found, posted.unwrap());
    }
}

#[tokio::test]
async fn forty_people_on_twenty_lines_are_found_in_four_calls() {
    let world = World::new();
    let mut deal = Deal::new("crowd");
    for number in 0..18 {
        let mut line = deal.order.lines[0].clone();
        line.reference = reference("line_item", &format!("crowd/{number}"));
        deal.order.expected_untaxed += crate::support::number("6480");
        deal.order.lines.push(line);
    }
    let (_, _, project) = deal.stand_up(&world).await;
    let people: Vec<[String; 2]> = (0..40)
        .map(|number| [format!("hr_crowd.p{number}"), format!("Person {number}")])
        .collect();
    let hired = json!({"fields": ["id", "name"], "data": people});
    let hired = raw(&world.admin, "hr.employee", "load", hired)
        .await
        .unwrap();
    assert_eq!(hired["ids"].as_array().map(Vec::len), Some(40), "{hired}");

    let lines: Vec<_> = (deal.order.lines.iter())
        .filter(|line| line.billing == LineBilling::TimeAndMaterials)
        .collect();
    let rows: Vec<TimeRow> = (0..200)
        .map(|id| {
            let mut row = deal.entry(project, &id.to_string(), "1", "1");
            row.time.employee = people[id % 40][0].clone();
            row.line = lines[id % lines.len()].reference.clone();
            row
        })
        .collect();
    let (odoo, wire) = world.counted();
    let memory = memory();
    let posted = time::insert(&odoo, &memory, &company(), &rows).await;
    let named = ["search_read", "get_metadata"];
    let expected = [&named[..], &named[..], &["load", "read"]].concat();
    assert_eq!(wire.taken(), expected);
    for posted in posted {
        posted.unwrap();
    }

    // Somebody whom Odoo does not know costs one call, and holds nobody else.
    let mut stranger = deal.entry(project, "stranger", "1", "1");
    stranger.time.employee = "hr_crowd.nobody".to_owned();
    let known = deal.entry(project, "known", "1", "1");
    let outcomes = time::insert(&odoo, &memory, &company(), &[stranger, known]).await;
    assert!(outcomes[0].is_err() && outcomes[1].is_ok(), "{outcomes:?}");
}
