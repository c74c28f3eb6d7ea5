//! Our own code panics at one record.

use std::sync::Arc;

use domain::State;
use odoo::wire::{Answering, Request};
use odoo::{HttpWire, Wire};

use crate::poster::{PATIENCE, Poster, entry};

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
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_at_one_of_ten_records_parks_that_one_and_posts_the_others() {
    let poster = Box::pin(Poster::start()).await;
    for bad in [0, 4, 9] {
        let ids: Vec<String> = (0..10).map(|record| format!("{bad}/{record}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        poster.accept(&ids).await;
        let wire = HttpWire::new(poster.address(), PATIENCE).unwrap();
        let name = entry(ids[bad]).external_id();
        let wire = Arc::new(Panicking { wire, name });
        poster.worker_over(&poster.clock, wire).ring().await;
        let (state, reason) = poster.states(&[ids[bad]]).await.remove(0);
        assert_eq!(state, State::Held, "{reason:?}");
        assert_eq!(
            poster.exceptions.of(&entry(ids[bad])).await.unwrap().len(),
            1
        );
        let mut others = ids.clone();
        others.remove(bad);
        poster.exactly_once(&others).await;
        // What was under way in the panic counts as a call in flight until its longest time is over.
        poster.pass(241);
        // The defect is corrected, and a person says so.
        poster.retry(ids[bad]).await;
        poster.ring().await;
        poster.exactly_once(&ids).await;
    }
}
