//! What the engine counts on when workers ask for a partition: conditional updates, and the old or
//! new attributes that they return.

use aws::{Lease, Release, Sent, StoreError, Take};
use jiff::SignedDuration;

use crate::records::{SHARD, at, pointer, waiting};
use crate::subjects::Tables;

const LENGTH: SignedDuration = SignedDuration::from_secs(60);

/// All of them, each with tables of its own.
pub async fn every_case(fresh: &impl AsyncFn() -> Tables) {
    of_many_workers_one_takes_the_partition(fresh().await).await;
    a_bell_that_rings_meanwhile_is_not_lost(fresh().await).await;
    who_takes_over_hears_what_was_sent(fresh().await).await;
    a_zombie_can_do_nothing_to_its_successors_lease(fresh().await).await;
    odoo_is_left_alone_until_then(fresh().await).await;
    who_asks_again_with_its_token_gets_it_again(fresh().await).await;
    a_clock_a_day_ahead_keeps_nobody_away(fresh().await).await;
}

async fn take(tables: &Tables, owner: &str, second: i64) -> Take {
    let taken = tables.ledger.take(SHARD, owner, at(second), LENGTH).await;
    taken.unwrap()
}

async fn lease(tables: &Tables, owner: &str, second: i64) -> Lease {
    match take(tables, owner, second).await {
        Take::Taken(lease) => lease,
        refused => panic!("{owner} was refused: {refused:?}"),
    }
}

fn sent(second: i64) -> Sent {
    let name = |id| {
        let pointer = pointer(&waiting(id, 1));
        aws::keys::pointer(&pointer.reference, pointer.version)
    };
    Sent {
        from: name("1"),
        to: name("9"),
        at: at(second),
    }
}

async fn of_many_workers_one_takes_the_partition(tables: Tables) {
    for round in 0..5 {
        // Each round begins when the lease of the one before has ended.
        let now = round * 61;
        let owners: Vec<String> = (0..16).map(|worker| format!("{round}/{worker}")).collect();
        let asking = owners.iter().map(|owner| take(&tables, owner, now));
        let answers = futures::future::join_all(asking).await;
        let taken = answers
            .iter()
            .filter(|answer| matches!(answer, Take::Taken(_)));
        assert_eq!(taken.count(), 1, "round {round}");
        let held = answers.iter().filter(|answer| **answer == Take::Held);
        assert_eq!(held.count(), 15, "round {round}");
    }
}

async fn a_bell_that_rings_meanwhile_is_not_lost(tables: Tables) {
    let ledger = &tables.ledger;
    let mine = lease(&tables, "a", 0).await;
    assert_eq!(take(&tables, "b", 1).await, Take::Held);
    assert_eq!(
        ledger.give_back(&mine).await.unwrap(),
        Release::RungMeanwhile
    );
    assert_eq!(ledger.give_back(&mine).await.unwrap(), Release::Released);
    lease(&tables, "b", 2).await;
}

async fn who_takes_over_hears_what_was_sent(tables: Tables) {
    let ledger = &tables.ledger;
    let first = lease(&tables, "a", 0).await;
    assert_eq!((first.uncertain.clone(), first.posted_at), (None, None));
    ledger.announce(&first, &sent(10), LENGTH).await.unwrap();
    assert_eq!(take(&tables, "b", 61).await, Take::Held, "it was renewed");
    assert_eq!(take(&tables, "b", 70).await, Take::Held, "its last second");
    let second = lease(&tables, "b", 71).await;
    assert_eq!(second.uncertain, Some(sent(10)));
    let tried = second.tries.last().unwrap();
    assert_eq!((tried.at, tried.times), (at(10), 1));
    let settled = Lease {
        posted_at: Some(at(72)),
        ..second
    };
    assert_eq!(ledger.give_back(&settled).await.unwrap(), Release::Released);
    let third = lease(&tables, "c", 73).await;
    assert_eq!((third.uncertain, third.posted_at), (None, Some(at(72))));
    assert_eq!(third.tries.last(), None, "everything was settled");
}

async fn a_zombie_can_do_nothing_to_its_successors_lease(tables: Tables) {
    let ledger = &tables.ledger;
    let zombie = lease(&tables, "a", 0).await;
    let owner = lease(&tables, "b", 61).await;
    ledger.announce(&owner, &sent(62), LENGTH).await.unwrap();
    let lost = |answer: Result<(), StoreError>| matches!(answer, Err(StoreError::Lost { .. }));
    assert!(lost(ledger.announce(&zombie, &sent(63), LENGTH).await));
    assert!(lost(ledger.rest(&zombie, at(64)).await));
    assert!(lost(ledger.leave_uncertain(&zombie).await));
    assert!(lost(ledger.give_back(&zombie).await.map(drop)));
    // What the owner has written is as it was.
    let next = lease(&tables, "c", 123).await;
    assert_eq!(next.uncertain, Some(sent(62)));
}

async fn odoo_is_left_alone_until_then(tables: Tables) {
    let ledger = &tables.ledger;
    let mut mine = lease(&tables, "a", 0).await;
    mine.tries.failed(&sent(1), "Odoo could not be reached");
    ledger.rest(&mine, at(11)).await.unwrap();
    let resting = Take::Resting { until: at(11) };
    assert_eq!(take(&tables, "b", 2).await, resting);
    assert_eq!(take(&tables, "b", 11).await, resting);
    let next = lease(&tables, "b", 12).await;
    assert_eq!(next.tries, mine.tries);
    assert_eq!(next.uncertain, None, "nothing that was sent is open");
    assert_eq!(take(&tables, "c", 13).await, Take::Held);
}

async fn who_asks_again_with_its_token_gets_it_again(tables: Tables) {
    let first = lease(&tables, "a", 0).await;
    assert_eq!(lease(&tables, "a", 1).await, first);
    assert_eq!(take(&tables, "b", 2).await, Take::Held);
}

async fn a_clock_a_day_ahead_keeps_nobody_away(tables: Tables) {
    lease(&tables, "a", 86_400).await;
    let mine = lease(&tables, "b", 0).await;
    assert_eq!(take(&tables, "c", 1).await, Take::Held);
    tables.ledger.rest(&mine, at(86_400)).await.unwrap();
    lease(&tables, "c", 2).await;
}
