//! Odoo is in maintenance for six hours while a month's time comes in.

use std::sync::Arc;

use axum::http::StatusCode;
use domain::State;
use futures::{StreamExt as _, stream};
use odoo::HttpWire;
use tests::large_stack::on_a_large_stack;
use tests::outage::{Outage, Weather};

use crate::poster::{Poster, shard};

/// The entries that come in meanwhile.
const ENTRIES: usize = 2_000;
/// In minutes: the sweep rings the bell once in each.
const MAINTENANCE: usize = 6 * 60;
const MINUTE: i64 = 60;
/// Entries that are written into the ledger at the same time.
const AT_ONCE: usize = 16;
/// Minutes within which everything must be there after the maintenance: a breaker that was open for
/// long waits some of them before it lets a probe through.
const AFTERWARDS: usize = 20;

/// Fault 22.
#[test]
fn two_thousand_entries_wait_for_six_hours_of_503_and_are_all_there_once() {
    on_a_large_stack(async || {
        let poster = Poster::start().await;
        let (weather, url) = Weather::start(poster.address()).await;
        let wire = HttpWire::new(&url, poster.patience).unwrap();
        let worker = poster.worker_over(&poster.clock, Arc::new(wire));
        weather.set(Some(Outage {
            path: "/".to_owned(),
            status: StatusCode::SERVICE_UNAVAILABLE,
            retry_after: None,
        }));
        let ids: Vec<String> = (0..ENTRIES)
            .map(|number| format!("away/{number}"))
            .collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut arriving = ids.chunks(ENTRIES.div_ceil(MAINTENANCE));
        for _ in 0..MAINTENANCE {
            let now = arriving.next().unwrap_or_default();
            stream::iter(now)
                .for_each_concurrent(AT_ONCE, async |id| poster.accept(&[*id]).await)
                .await;
            // No bell goes back to its queue: nothing comes nearer to a dead letter.
            worker.ring().await;
            poster.pass(MINUTE);
        }
        assert!(arriving.next().is_none(), "all came in meanwhile");
        let asked = weather.failed();
        assert!(asked > 0, "Odoo was asked");
        assert!(asked < MAINTENANCE, "and was left alone: {asked} calls");
        assert_eq!(poster.lines(&ids).await, []);
        let waiting = poster.ledger.pending(shard(), None, 3_000).await;
        assert_eq!(waiting.unwrap().len(), ENTRIES, "all wait");

        weather.set(None);
        for _ in 0..AFTERWARDS {
            worker.ring().await;
            poster.pass(MINUTE);
            if poster.lines(&ids).await.len() == ENTRIES {
                break;
            }
        }
        worker.ring().await;
        poster.exactly_once(&ids).await;
        let states = poster.states(&ids).await;
        assert!(states.iter().all(|(state, _)| *state == State::Posted));
    });
}
