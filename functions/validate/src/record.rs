//! What was taken is kept for a while, so that a changed book can be tried on it.
//!
//! Nothing of the business depends on it, so that a failure here is logged and no more.

use aws::{Chain, Recorded};
use domain::delivery::Delivery;
use domain::event::Event;
use sources::Reading;
use tracing::warn;

use crate::Validate;
use crate::rows::Place;

impl Validate {
    /// Notes a delivery that tells events itself. What it only names is noted when it was fetched,
    /// and what our own pull saw in Odoo is judged by no book.
    pub(crate) async fn record(&self, delivery: &Delivery, readings: &[(Option<Place>, Reading)]) {
        let tells = |(_, reading): &(_, Reading)| matches!(reading, Reading::Event(_));
        if delivery.source == "odoo" || !readings.iter().any(tells) {
            return;
        }
        if let Some(recorder) = &self.recorder {
            recorder.note(Recorded::Delivery(delivery.clone())).await;
        }
    }

    /// Notes a record that was fetched.
    pub(crate) async fn record_fetched(&self, delivery: &Delivery, event: &Event) {
        if let Some(recorder) = &self.recorder {
            let received_at = delivery.received_at;
            let event = Box::new(event.clone());
            recorder
                .note(Recorded::Fetched { received_at, event })
                .await;
        }
    }

    /// Writes what a batch took.
    pub(crate) async fn write_record(&self) {
        let Some(recorder) = &self.recorder else {
            return;
        };
        let token = self.tokens.fresh();
        if let Err(failure) = recorder.write(self.clock.now(), &token).await {
            warn!(error = %Chain(&failure), "what was taken is not kept for trying books");
        }
    }
}
