//! What the engine counts on when it writes records and pointers.

use std::time::Duration;

use aws::{Accepted, Exceptions, Settled};
use domain::exception::Exception;
use domain::{ExceptionClass, Fingerprint, Flow, Hold, Record, State, Version};

use crate::records::{SHARD, at, entry, held, pointer, posted, waiting, with_text};
use crate::subjects::Tables;

/// All of them, each with tables of its own.
pub async fn every_case(fresh: &impl AsyncFn() -> Tables) {
    a_version_is_taken_once_and_another_content_is_a_conflict(fresh().await).await;
    of_sixteen_writers_of_one_version_one_wins(fresh().await).await;
    a_version_beside_one_that_its_judge_did_not_know_is_not_work_yet(fresh().await).await;
    of_two_versions_that_are_judged_at_once_one_is_placed_again(fresh().await).await;
    versions_come_newest_first(fresh().await).await;
    what_is_pending_comes_in_order_and_without_the_lease(fresh().await).await;
    what_is_posted_stays_posted(fresh().await).await;
    a_late_failure_does_not_bring_a_superseded_version_back(fresh().await).await;
    a_held_version_without_command_is_taken_again_when_it_has_one(fresh().await).await;
    what_waits_is_released_once(fresh().await).await;
    what_a_flow_holds_back_goes_on_once_and_waits_for_nothing_twice(fresh().await).await;
    of_a_waiter_and_its_release_at_the_same_moment_none_is_lost(fresh().await).await;
    an_exception_is_replaced_by_a_newer_version_only(fresh().await).await;
}

async fn a_version_is_taken_once_and_another_content_is_a_conflict(tables: Tables) {
    let ledger = &tables.ledger;
    let first = waiting("1", 7);
    assert_eq!(ledger.accept(&first).await.unwrap(), Accepted::New);
    let again = ledger.accept(&first).await.unwrap();
    assert_eq!(again, Accepted::Redelivered(Box::new(first.clone())));
    let other = Record {
        fingerprint: Fingerprint::of("80 hours instead of 8"),
        ..first.clone()
    };
    let conflict = ledger.accept(&other).await.unwrap();
    assert_eq!(conflict, Accepted::Conflict(Box::new(first.clone())));
    let kept = ledger.read(&first.reference, first.version).await.unwrap();
    assert_eq!(kept, Some(first.clone()), "nothing was written");
    let none = ledger.read(&first.reference, Version(8)).await.unwrap();
    assert_eq!(none, None);
    let pending = ledger.pending(SHARD, None, 10).await.unwrap();
    assert_eq!(pending, [pointer(&first)]);
}

async fn of_sixteen_writers_of_one_version_one_wins(tables: Tables) {
    for round in 0..5 {
        let offers = (0..16).map(|writer| Record {
            fingerprint: Fingerprint::of(&format!("writer {writer}")),
            ..waiting(&format!("race{round}"), 1)
        });
        let offers: Vec<Record> = offers.collect();
        let writing = offers.iter().map(|offer| tables.ledger.accept(offer));
        let answers = futures::future::join_all(writing).await;
        let won: Vec<usize> = (answers.iter().enumerate())
            .filter(|(_, answer)| matches!(answer, Ok(Accepted::New)))
            .map(|(writer, _)| writer)
            .collect();
        let [winner] = won.as_slice() else {
            panic!("{won:?} won round {round}");
        };
        let kept = Accepted::Conflict(Box::new(offers[*winner].clone()));
        let losers = answers.iter().enumerate().filter(|(w, _)| w != winner);
        for (_, answer) in losers {
            assert_eq!(answer.as_ref().unwrap(), &kept);
        }
    }
}

async fn a_version_beside_one_that_its_judge_did_not_know_is_not_work_yet(tables: Tables) {
    let ledger = &tables.ledger;
    let (older, newer) = (waiting("1", 1), waiting("1", 2));
    let alone = ledger.accept_knowing(&older, &[]).await.unwrap();
    assert_eq!(alone, Accepted::New);
    let unaware = ledger.accept_knowing(&newer, &[]).await.unwrap();
    assert_eq!(unaware, Accepted::Beside);
    // As an SDK repeats what was written and whose answer was lost.
    let repeated = ledger.accept_knowing(&newer, &[]).await.unwrap();
    assert_eq!(repeated, Accepted::Beside);
    let pending = ledger.pending(SHARD, None, 10).await.unwrap();
    assert_eq!(pending, [pointer(&older)], "it is nobody's work");
    let known = ledger.versions(&newer.reference).await.unwrap();
    assert_eq!(known.len(), 2, "it is not lost");
    let aware = ledger.accept_knowing(&newer, &known).await.unwrap();
    assert_eq!(aware, Accepted::Redelivered(Box::new(newer.clone())));
    let pending = ledger.pending(SHARD, None, 10).await.unwrap();
    assert_eq!(pending, [pointer(&older), pointer(&newer)]);
}

async fn of_two_versions_that_are_judged_at_once_one_is_placed_again(tables: Tables) {
    let ledger = &tables.ledger;
    for round in 0..5 {
        let id = format!("judged{round}");
        let (older, newer) = (waiting(&id, 1), waiting(&id, 2));
        let (older, newer) = futures::join!(
            ledger.accept_knowing(&older, &[]),
            ledger.accept_knowing(&newer, &[]),
        );
        let answers = [older.unwrap(), newer.unwrap()];
        assert!(answers.contains(&Accepted::Beside), "{answers:?}");
    }
}

async fn versions_come_newest_first(tables: Tables) {
    let ledger = &tables.ledger;
    // As numbers and as texts these sort differently.
    for version in [9, 100, 10] {
        ledger.accept(&waiting("1", version)).await.unwrap();
    }
    // A reference that begins like the other one is another fact.
    ledger.accept(&waiting("11", 50)).await.unwrap();
    let versions = ledger.versions(&entry("1")).await.unwrap();
    let versions: Vec<u64> = versions.iter().map(|record| record.version.0).collect();
    assert_eq!(versions, [100, 10, 9]);
    assert_eq!(ledger.posted(&entry("1")).await.unwrap(), None);
    let ten = posted(&waiting("1", 10), 4);
    ledger.settle(std::slice::from_ref(&ten)).await.unwrap();
    assert_eq!(ledger.posted(&entry("1")).await.unwrap(), Some(ten));
}

async fn what_is_pending_comes_in_order_and_without_the_lease(tables: Tables) {
    let ledger = &tables.ledger;
    let length = jiff::SignedDuration::from_secs(60);
    ledger.take(SHARD, "a", at(0), length).await.unwrap();
    for (id, version) in [("b", 2), ("a", 10), ("b", 1), ("a", 9)] {
        ledger.accept(&waiting(id, version)).await.unwrap();
    }
    let pending = ledger.pending(SHARD, None, 10).await.unwrap();
    let expected = [("a", 9), ("a", 10), ("b", 1), ("b", 2)];
    assert_eq!(pending, expected.map(|(id, v)| pointer(&waiting(id, v))));
    let first = ledger.pending(SHARD, None, 3).await.unwrap();
    assert_eq!(first, pending[..3]);
    let rest = ledger.pending(SHARD, first.last(), 10).await.unwrap();
    assert_eq!(rest, pending[3..]);
    ledger.forget_pending(SHARD, &pending[0]).await.unwrap();
    // A second time it is gone already.
    ledger.forget_pending(SHARD, &pending[0]).await.unwrap();
    assert_eq!(ledger.pending(SHARD, None, 10).await.unwrap(), pending[1..]);
}

async fn what_is_posted_stays_posted(tables: Tables) {
    let ledger = &tables.ledger;
    let record = waiting("1", 1);
    ledger.accept(&record).await.unwrap();
    let good = posted(&record, 4);
    ledger.settle(std::slice::from_ref(&good)).await.unwrap();
    let bad = held(&record, "the zombie's late failure");
    ledger.settle(&[bad]).await.unwrap();
    let late = posted(&record, 5);
    ledger.settle(&[late]).await.unwrap();
    let versions = ledger.versions(&record.reference).await.unwrap();
    assert_eq!(versions, [good]);
    assert_eq!(ledger.pending(SHARD, None, 10).await.unwrap(), []);
}

async fn a_late_failure_does_not_bring_a_superseded_version_back(tables: Tables) {
    let ledger = &tables.ledger;
    let old = waiting("1", 1);
    ledger.accept(&old).await.unwrap();
    assert_eq!(ledger.supersede(&old).await.unwrap(), Settled::Written);
    assert_eq!(ledger.supersede(&old).await.unwrap(), Settled::MovedOn);
    ledger.settle(&[held(&old, "late")]).await.unwrap();
    let kept = ledger.read(&old.reference, old.version).await.unwrap();
    assert_eq!(kept.map(|record| record.state), Some(State::Superseded));
    assert_eq!(ledger.pending(SHARD, None, 10).await.unwrap(), []);
}

async fn a_held_version_without_command_is_taken_again_when_it_has_one(tables: Tables) {
    let ledger = &tables.ledger;
    let held = held(&waiting("1", 1), "no mapping");
    assert_eq!(ledger.accept(&held).await.unwrap(), Accepted::New);
    assert_eq!(ledger.pending(SHARD, None, 10).await.unwrap(), []);
    let mapped = with_text(&waiting("1", 1), 10);
    let taken = ledger.accept(&mapped).await.unwrap();
    assert_eq!(taken, Accepted::Reconsidered);
    assert_eq!(ledger.records(&[pointer(&mapped)]).await.unwrap(), [mapped]);
    assert_eq!(ledger.pending(SHARD, None, 10).await.unwrap().len(), 1);
}

async fn what_waits_is_released_once(tables: Tables) {
    let ledger = &tables.ledger;
    let project = waiting("project", 1);
    for id in ["1", "2", "3"] {
        let waiter = Record {
            waits_for: Some(project.reference.clone()),
            ..waiting(id, 1)
        };
        assert_eq!(ledger.accept(&waiter).await.unwrap(), Accepted::New);
    }
    let waiters = ledger.waiters(&project.reference, 2).await.unwrap();
    assert_eq!(waiters.len(), 2, "at most as many as were asked for");
    assert_eq!(ledger.pending(SHARD, None, 10).await.unwrap(), []);
    ledger.accept(&project).await.unwrap();
    let done = posted(&project, 4);
    ledger.settle(&[done]).await.unwrap();
    for rung in [vec![SHARD], Vec::new()] {
        let released = ledger.release(&project.reference, at(70)).await.unwrap();
        assert_eq!(released, rung);
        assert_eq!(ledger.pending(SHARD, None, 10).await.unwrap().len(), 3);
    }
    let waiters = ledger.waiters(&project.reference, 10).await.unwrap();
    assert_eq!(waiters, []);
    let released = ledger.read(&entry("2"), Version(1)).await.unwrap().unwrap();
    assert_eq!((released.waits_for, released.changed_at), (None, at(70)));
}

async fn what_a_flow_holds_back_goes_on_once_and_waits_for_nothing_twice(tables: Tables) {
    let ledger = &tables.ledger;
    let project = waiting("project", 1);
    let early = Record {
        waits_for: Some(project.reference.clone()),
        ..with_text(&waiting("1", 1), 10)
    };
    let early = early.hold_back(Hold::Schedule, at(5));
    ledger.accept(&early).await.unwrap();
    let gathered = async || ledger.held_back(Hold::Schedule, Flow::Time).await.unwrap();
    assert_eq!(gathered().await, [], "it waits for its project first");
    ledger.accept(&project).await.unwrap();
    ledger.settle(&[posted(&project, 4)]).await.unwrap();
    for _ in 0..2 {
        ledger.release(&project.reference, at(70)).await.unwrap();
        let held = gathered().await;
        let since: Vec<_> = held
            .iter()
            .map(|held| (&held.pointer, held.since))
            .collect();
        assert_eq!(since, [(&pointer(&early), at(70))]);
        assert_eq!(ledger.pending(SHARD, None, 10).await.unwrap(), []);
    }
    let records = ledger.records(&[pointer(&early)]).await.unwrap();
    for rung in [vec![SHARD], Vec::new()] {
        let now = ledger.records(&[pointer(&early)]).await.unwrap();
        let let_go = ledger.let_go(Hold::Schedule, Flow::Time, &now, at(90));
        assert_eq!(let_go.await.unwrap(), rung);
        let pending = ledger.pending(SHARD, None, 10).await.unwrap();
        assert_eq!(pending, [pointer(&early)]);
        assert_eq!(gathered().await, []);
    }
    let stale = records[0].clone();
    ledger
        .let_go(Hold::Schedule, Flow::Time, &[stale], at(95))
        .await
        .unwrap();
    assert_eq!(gathered().await, [], "whoever comes late changes nothing");
}

async fn of_a_waiter_and_its_release_at_the_same_moment_none_is_lost(tables: Tables) {
    let ledger = &tables.ledger;
    for round in 0..10 {
        let project = waiting(&format!("project{round}"), 1);
        ledger.accept(&project).await.unwrap();
        let waiter = Record {
            waits_for: Some(project.reference.clone()),
            ..waiting(&format!("entry{round}"), 1)
        };
        let release = async {
            ledger.settle(&[posted(&project, 4)]).await.unwrap();
            ledger.release(&project.reference, at(70)).await.unwrap();
        };
        let (accepted, ()) = tokio::join!(ledger.accept(&waiter), release);
        assert_eq!(accepted.unwrap(), Accepted::New);
    }
    let pending = ledger.pending(SHARD, None, 100).await.unwrap();
    assert_eq!(pending.len(), 10);
}

async fn an_exception_is_replaced_by_a_newer_version_only(tables: Tables) {
    let exceptions = &tables.exceptions;
    let of = |version: u64, second: i64| Exception {
        code: "conflict".to_owned(),
        class: ExceptionClass::BusinessRule,
        reference: entry("1"),
        version: Version(version),
        sentence: format!("version {version}"),
        items: Vec::new(),
        fix: "Decide.".to_owned(),
        owner: "finance".to_owned(),
        raised_at: at(second),
        correlation: String::new(),
    };
    for raised in [of(10, 10), of(9, 20), of(10, 30)] {
        exceptions.raise(&raised).await.unwrap();
    }
    let open = exceptions.of(&entry("1")).await.unwrap();
    assert_eq!(open, [of(10, 10)]);
    exceptions.raise(&of(11, 5)).await.unwrap();
    the_index_follows(exceptions, &[of(11, 5)]).await;
    assert_eq!(exceptions.open(&["sales"]).await.unwrap(), []);
    exceptions.resolve(&entry("1")).await.unwrap();
    assert_eq!(exceptions.of(&entry("1")).await.unwrap(), []);
    the_index_follows(exceptions, &[]).await;
}

/// An index is behind its table, for moments: people wait for it, and no decision is taken from it.
async fn the_index_follows(exceptions: &Exceptions, expected: &[Exception]) {
    for _ in 0..20 {
        if exceptions.open(&["finance"]).await.unwrap() == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("the index never showed {expected:?}");
}
