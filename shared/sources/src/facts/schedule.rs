//! How often everything that changed is pulled, whatever was pushed.

use super::Facts;
use super::api::Pull;

/// No source is asked more often just to be sure.
const SHORTEST_SECONDS: u32 = 3600;

/// Somebody notices within a day.
const LONGEST_SECONDS: u32 = 86_400;

impl Facts {
    /// How often a list of the source is read.
    #[must_use]
    pub fn pulled_seconds(&self, pull: &Pull) -> u32 {
        let derived = self.derived_seconds();
        let every = [derived, pull.every_seconds].into_iter().flatten().min();
        every.unwrap_or(SHORTEST_SECONDS)
    }

    /// How often a pull has to look for what the pushes lost, from what is known of the delivery;
    /// none for a source that does not push.
    ///
    /// An outage of ours that lasts longer than the vendor's retries loses events. A look at every
    /// quarter of that time notices it before the next outage can add to it.
    #[must_use]
    pub fn reconcile_seconds(&self) -> Option<u32> {
        let derived = self.derived_seconds()?;
        let asked = self.pull.as_ref().and_then(|pull| pull.every_seconds);
        Some(asked.map_or(derived, |own| own.min(derived)))
    }

    fn derived_seconds(&self) -> Option<u32> {
        let delivery = self.delivery.as_ref()?;
        let span = delivery.retry_span_seconds.unwrap_or_default();
        Some(match delivery.loses_events {
            true => (span / 4).clamp(SHORTEST_SECONDS, LONGEST_SECONDS),
            false => LONGEST_SECONDS,
        })
    }
}
