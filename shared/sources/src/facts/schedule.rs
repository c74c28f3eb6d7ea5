//! How often everything that changed is pulled, whatever was pushed.

use super::Facts;

/// No source is asked more often just to be sure.
const SHORTEST_SECONDS: u32 = 3600;

/// Somebody notices within a day.
const LONGEST_SECONDS: u32 = 86_400;

impl Facts {
    /// How often a source is pulled; none for one of which nothing is known to ask.
    #[must_use]
    pub fn pulled_seconds(&self) -> Option<u32> {
        let pull = self.pull.as_ref()?;
        let every = self.reconcile_seconds().or(pull.every_seconds);
        Some(every.unwrap_or(SHORTEST_SECONDS))
    }

    /// How often a pull has to look for what the pushes lost, from what is known of the delivery;
    /// none for a source that does not push.
    ///
    /// An outage of ours that lasts longer than the vendor's retries loses events. A look at every
    /// quarter of that time notices it before the next outage can add to it.
    #[must_use]
    pub fn reconcile_seconds(&self) -> Option<u32> {
        let delivery = self.delivery.as_ref()?;
        let span = delivery.retry_span_seconds.unwrap_or_default();
        let derived = match delivery.loses_events {
            true => (span / 4).clamp(SHORTEST_SECONDS, LONGEST_SECONDS),
            false => LONGEST_SECONDS,
        };
        let asked = self.pull.as_ref().and_then(|pull| pull.every_seconds);
        Some(asked.map_or(derived, |own| own.min(derived)))
    }
}
