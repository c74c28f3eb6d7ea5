//! How much one Odoo may be called.

use jiff::SignedDuration;

/// The budget of one Odoo instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Calls per second, all callers together. They start at even distances, never in bursts.
    pub calls_per_second: u32,
    /// Calls at the same time.
    pub calls_in_flight: u32,
    /// After this a call cannot be under way any more: its caller was killed. It has a margin for
    /// clocks that differ.
    pub longest_call: SignedDuration,
}

/// A budget under which nothing could ever be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("calls per second and calls in flight must be at least 1")]
pub struct NoBudget;

impl Budget {
    /// For connecting, and for clocks that differ.
    const MARGIN: SignedDuration = SignedDuration::from_secs(30);

    /// A budget for calls that are given up after `read_seconds`.
    ///
    /// # Errors
    /// When nothing could ever be called.
    pub fn new(
        calls_per_second: u32,
        calls_in_flight: u32,
        read_seconds: u32,
    ) -> Result<Self, NoBudget> {
        if calls_per_second == 0 || calls_in_flight == 0 {
            return Err(NoBudget);
        }
        Ok(Self {
            calls_per_second,
            calls_in_flight,
            longest_call: SignedDuration::from_secs(read_seconds.into()) + Self::MARGIN,
        })
    }

    /// The distance between the starts of two calls, never too short for the rate.
    pub fn interval(&self) -> SignedDuration {
        SignedDuration::from_millis(1000_u32.div_ceil(self.calls_per_second).into())
    }

    /// How much of a minute's budget so many calls are.
    pub fn percent(&self, calls: u32) -> u64 {
        u64::from(calls) * 100 / (u64::from(self.calls_per_second) * 60)
    }
}
