//! The time of a story, and its unique names.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use aws::{Clock, Tokens};
use jiff::{SignedDuration, Timestamp};

/// Two readings never tell the same time, as on a machine.
const TICK: SignedDuration = SignedDuration::from_millis(1);

/// The clock that everybody in a story looks at. It moves when the story says so, and by a
/// millisecond with each reading.
#[derive(Debug)]
pub struct StoryClock(Mutex<Timestamp>);

impl StoryClock {
    /// It shows this time.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self(Mutex::new(time))
    }

    /// What it shows, without a reading.
    #[must_use]
    pub fn shown(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets it forward; it never goes back.
    pub fn set(&self, time: Timestamp) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = time.max(*now);
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(TICK).unwrap_or(*now);
        *now
    }
}

/// Names that are the same whenever a story is played again.
#[derive(Debug)]
pub struct StoryTokens {
    seed: u64,
    given: AtomicU64,
}

impl StoryTokens {
    /// Of this seed.
    #[must_use]
    pub const fn of(seed: u64) -> Self {
        Self {
            seed,
            given: AtomicU64::new(0),
        }
    }
}

impl Tokens for StoryTokens {
    fn fresh(&self) -> String {
        let number = self.given.fetch_add(1, Ordering::Relaxed) + 1;
        format!("story-{}-{number:06}", self.seed)
    }
}
