//! Our own code panics at one record.

use std::sync::Arc;
use std::time::Duration;

use domain::State;
use odoo::wire::{Answering, Request};
use odoo::{HttpWire, Wire};

use crate::poster::{PATIENCE, Poster, entry};
use tests::large_stack::on_a_large_stack;

/// A way to Odoo on which the record with this name makes our code panic.
struct Panicking {
    wire: HttpWire,
    name: String,
}

impl Wire for Panicking {
    fn send(&self, request: Request) -> Answering<'_> {
        let body = String::from_utf8_lossy(request.body.as_deref().unwrap_or_default());
        let is_load = request.path.ends_with("/load");
        assert!(!is_load || !body.contains(&self.name), "as the test wants");
        self.wire.send(request)
    }
}

/// Fault 11, fault 15.
#[test]
fn a_panic_at_one_of_ten_records_parks_that_one_and_posts_the_others() {
    on_a_large_stack(async || {
        let poster = Poster::start().await;
        for bad in [0, 4, 9] {
            one_of_ten_panics(&poster, bad).await;
        }
    });
}

async fn one_of_ten_panics(poster: &Poster, bad: usize) {
    let ids: Vec<String> = (0..10).map(|record| format!("{bad}/{record}")).collect();
    let mut others: Vec<&str> = ids.iter().map(String::as_str).collect();
    let bad = others.remove(bad);
    poster.accept(&others).await;
    poster.accept(&[bad]).await;
    let wire = Panicking {
        wire: HttpWire::new(poster.address(), PATIENCE).unwrap(),
        name: entry(bad).external_id(),
    };
    let worker = poster.worker_over(&poster.clock, Arc::new(wire));
    // What was under way in a panic counts as a call in flight until its longest time is over: a
    // worker may be told to come later.
    for _ in 0..4 {
        worker.ring().await;
        poster.pass(241);
        if poster.newest(bad).await.state == State::Held {
            break;
        }
    }
    worker.ring().await;
    let asked = poster.exceptions.of(&entry(bad)).await.unwrap();
    assert_eq!(
        (poster.newest(bad).await.state, asked.len()),
        (State::Held, 1)
    );
    poster.exactly_once(&others).await;
    // The defect is corrected, and a person says so.
    poster.retry(bad).await;
    poster.until_posted(&[bad], Duration::ZERO).await;
    poster.exactly_once(&[bad]).await;
}
