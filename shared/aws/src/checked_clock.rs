//! The machine's clock, held to the one that all instances share: that of AWS.
//!
//! A lease is worth as much as the clocks of those who compare its end with now. Every answer of AWS
//! says what time it is there (`Date`, RFC 9110, section 6.6.1); a machine that is far off is
//! corrected by it. One that is not keeps its own time, which knows more than whole seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use aws_sdk_dynamodb::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

use crate::Clock;

/// An answer is up to one attempt old when it is read, and `Date` has whole seconds. Less than the
/// margin of the leases.
const TOLERATED: SignedDuration = SignedDuration::from_secs(10);

/// A machine's clock and how far it is off.
pub(crate) struct CheckedClock {
    machine: Arc<dyn Clock>,
    /// What to add to the machine's time, in milliseconds.
    correction: AtomicI64,
    is_checked: AtomicBool,
}

impl CheckedClock {
    pub(crate) fn new(machine: Arc<dyn Clock>) -> Self {
        Self {
            machine,
            correction: AtomicI64::new(0),
            is_checked: AtomicBool::new(false),
        }
    }

    /// Whether an answer of AWS has told the time.
    pub(crate) fn is_checked(&self) -> bool {
        self.is_checked.load(Ordering::Relaxed)
    }

    fn told(&self, there: Timestamp) {
        self.is_checked.store(true, Ordering::Relaxed);
        let off = there.duration_since(self.now());
        if off.abs() <= TOLERATED {
            return;
        }
        let correction = there.duration_since(self.machine.now());
        let millis = i64::try_from(correction.as_millis()).unwrap_or_default();
        self.correction.store(millis, Ordering::Relaxed);
        tracing::warn!(
            seconds = millis / 1_000,
            "the machine's clock is corrected by this much"
        );
    }
}

impl std::fmt::Debug for CheckedClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { correction, .. } = self;
        f.debug_struct("CheckedClock")
            .field("correction", correction)
            .finish_non_exhaustive()
    }
}

impl Clock for CheckedClock {
    fn now(&self) -> Timestamp {
        let correction = SignedDuration::from_millis(self.correction.load(Ordering::Relaxed));
        let now = self.machine.now();
        now.checked_add(correction).unwrap_or(now)
    }
}

/// Reads the time from every answer.
#[derive(Debug, Clone)]
pub(crate) struct TellTime(pub(crate) Arc<CheckedClock>);

impl Intercept for TellTime {
    fn name(&self) -> &'static str {
        "TellTime"
    }

    fn read_before_deserialization(
        &self,
        answer: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = answer.response().headers().get("date");
        // An answer without a date, or with one that cannot be read, tells nothing.
        if let Some(there) = date.and_then(|date| rfc2822::parse(date).ok()) {
            self.0.told(there.timestamp());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FixedClock;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + second).unwrap()
    }

    #[test]
    fn a_clock_that_is_far_off_is_corrected_and_one_that_is_not_keeps_its_time() {
        let machine = Arc::new(FixedClock::at(second(0)));
        let clock = CheckedClock::new(machine.clone());
        assert!(!clock.is_checked());
        clock.told(second(-9));
        assert!(clock.is_checked());
        assert_eq!(clock.now(), second(0));
        clock.told(second(-86_400));
        assert_eq!(clock.now(), second(-86_400));
        machine.advance(SignedDuration::from_secs(60));
        clock.told(second(-86_338));
        assert_eq!(
            clock.now(),
            second(-86_340),
            "two seconds are not worth a jump"
        );
        clock.told(second(60));
        assert_eq!(clock.now(), second(60), "somebody set it right");
    }
}
