//! What comes again: late, changed, after a loss, or after a person's hand was on it.

use std::time::Duration;

use aws::Accepted;
use domain::{NextStep, Record, State, Version};
use serde_json::json;

use crate::poster::{LOAD, PATIENCE, Poster, entry};
use crate::support::KEYS;
use tests::large_stack::on_a_large_stack;

/// In seconds.
pub const DAY: i64 = 86_400;

/// One after the other at the same firm: what one leaves behind the next one finds.
#[test]
fn what_comes_again_is_in_odoo_once() {
    on_a_large_stack(async || {
        let mut poster = Poster::start().await;
        a_redelivery_after_any_time_is_no_second_line(&poster).await;
        a_storm_of_bells_and_redeliveries_costs_odoo_nothing(&poster).await;
        other_hours_under_the_same_version_are_a_conflict_and_the_original_stays(&poster).await;
        an_older_version_that_comes_late_does_not_undo_the_newer_one(&poster).await;
        a_deleted_line_is_not_brought_back_and_a_persons_edit_stays(&poster).await;
        whatever_an_id_is_made_of_it_is_one_line_of_its_own(&poster).await;
        a_name_that_no_key_can_carry_is_refused(&poster).await;
        a_key_that_ends_stops_the_lane_until_the_new_one_is_there(&poster).await;
        a_lost_ledger_makes_no_second_line(&mut poster).await;
    });
}

/// Fault 10, fault 19.
async fn a_redelivery_after_any_time_is_no_second_line(poster: &Poster) {
    poster.accept(&["late"]).await;
    poster.ring().await;
    poster.exactly_once(&["late"]).await;
    let calls = poster.proxy.calls(LOAD);
    for seconds in [301, 3_601, 15 * DAY, 400 * DAY] {
        poster.pass(seconds);
        let again = poster
            .ledger
            .accept(&poster.entry("late", "2"))
            .await
            .unwrap();
        assert!(matches!(again, Accepted::Redelivered(_)), "{again:?}");
        poster.ring().await;
        poster.exactly_once(&["late"]).await;
    }
    assert_eq!(poster.proxy.calls(LOAD), calls, "Odoo was not even asked");
}

/// Fault 14, fault 17: every delivery and every bell comes again and again, from several workers.
async fn a_storm_of_bells_and_redeliveries_costs_odoo_nothing(poster: &Poster) {
    let ids: Vec<String> = (0..100).map(|number| format!("storm/{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let workers = [(); 4].map(|()| poster.worker(&poster.clock, PATIENCE));
    let before = poster.proxy.calls(LOAD);
    for _ in 0..10 {
        let bells = futures::future::join_all(workers.iter().map(|worker| worker.ring()));
        let accepting = ids.chunks(25).map(|ids| poster.accept(ids));
        tokio::join!(bells, futures::future::join_all(accepting));
    }
    poster.until_posted(&ids, Duration::ZERO).await;
    poster.exactly_once(&ids).await;
    // Of the first round, each bell may have found a part of them.
    let calls = poster.proxy.calls(LOAD) - before;
    assert!(calls <= 8, "{calls} calls");
}

/// Fault 20.
async fn other_hours_under_the_same_version_are_a_conflict_and_the_original_stays(poster: &Poster) {
    poster.accept(&["hours"]).await;
    for posted in [false, true] {
        let changed = poster.entry("hours", "80");
        let conflict = poster.ledger.accept(&changed).await.unwrap();
        let Accepted::Conflict(kept) = conflict else {
            panic!("{conflict:?}");
        };
        assert_eq!(kept.state == State::Posted, posted);
        poster.ring().await;
        poster.exactly_once(&["hours"]).await;
    }
}

/// Fault 16.
async fn an_older_version_that_comes_late_does_not_undo_the_newer_one(poster: &Poster) {
    let newer = Record {
        version: Version(2),
        ..poster.entry("older", "2")
    };
    poster.ledger.accept(&newer).await.unwrap();
    poster.ring().await;
    // As a dead letter that is sent back, past what validate sees.
    poster
        .ledger
        .accept(&poster.entry("older", "80"))
        .await
        .unwrap();
    poster.ring().await;
    poster.pass(241);
    poster.ring().await;
    poster.exactly_once(&["older"]).await;
    let older = poster
        .ledger
        .read(&entry("older"), Version(1))
        .await
        .unwrap();
    assert_eq!(older.map(|record| record.state), Some(State::Superseded));
}

/// Fault 24.
async fn a_lost_ledger_makes_no_second_line(poster: &mut Poster) {
    let ids = ["lost/1", "lost/2", "lost/3"];
    poster.accept(&ids).await;
    poster.ring().await;
    let before = poster.lines(&ids).await;
    poster.lose_the_ledger().await;
    poster.accept(&ids).await;
    poster.ring().await;
    poster.exactly_once(&ids).await;
    assert_eq!(poster.lines(&ids).await, before);
}

/// Fault 25.
async fn a_key_that_ends_stops_the_lane_until_the_new_one_is_there(poster: &Poster) {
    poster.rotate_key(&"9".repeat(40)).await;
    // A key is kept for a minute at most.
    poster.pass(61);
    poster.accept(&["key"]).await;
    let before = poster.proxy.calls(LOAD);
    poster.ring().await;
    let calls = poster.proxy.calls(LOAD) - before;
    assert!(calls <= 1, "{calls} calls with a key that ended");
    assert_eq!(poster.lines(&["key"]).await, []);
    poster.rotate_key(KEYS[1].1).await;
    poster.pass(241);
    poster.ring().await;
    if poster.newest("key").await.state == State::Held {
        poster.retry("key").await;
        poster.ring().await;
    }
    poster.exactly_once(&["key"]).await;
}

/// Fault 28.
async fn a_deleted_line_is_not_brought_back_and_a_persons_edit_stays(poster: &Poster) {
    let ids = ["deleted", "edited"];
    poster.accept(&ids).await;
    poster.ring().await;
    poster.exactly_once(&ids).await;
    let lines = poster.lines(&ids).await;
    let id = |entry: &str| lines.iter().find(|line| line.entry == entry).unwrap().id;
    poster
        .person("unlink", json!({"ids": [id("deleted")]}))
        .await;
    let edit = json!({"ids": [id("edited")], "vals": {"unit_amount": 1}});
    poster.person("write", edit).await;
    let by_hand = poster.lines(&ids).await;
    assert_eq!(by_hand.len(), 1);
    for _ in 0..2 {
        poster.accept(&ids).await;
        poster.ring().await;
        poster.pass(15 * DAY);
    }
    assert_eq!(poster.lines(&ids).await, by_hand);
}

/// Fault 29.
async fn whatever_an_id_is_made_of_it_is_one_line_of_its_own(poster: &Poster) {
    let long = "9".repeat(80);
    let ids = [
        "a.b", "a b", "a/b", "a\"b'c", "a_b", "a__b", "A", "a", "💶", "é", "e\u{301}", "%", "=1+1",
        &long,
    ];
    poster.accept(&ids).await;
    poster.ring().await;
    poster.exactly_once(&ids).await;
}

/// Fault 21: a name that no key can carry never gets as far as the ledger.
async fn a_name_that_no_key_can_carry_is_refused(poster: &Poster) {
    let refused = poster
        .ledger
        .accept(&poster.entry(&"x".repeat(1100), "2"))
        .await;
    assert_eq!(refused.unwrap_err().next_step(), NextStep::Retry);
    let calls = poster.proxy.calls(LOAD);
    poster.ring().await;
    assert_eq!(poster.proxy.calls(LOAD), calls);
}
