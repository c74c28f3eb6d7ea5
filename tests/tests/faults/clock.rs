//! A clock that goes as the machine's does, and jumps when a test says so.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use aws::Clock;
use jiff::{SignedDuration, Timestamp};

/// Where every test begins, in seconds since 1970.
const BEGINNING: i64 = 1_780_000_000;

/// A clock that goes by itself, from a fixed time on, and can be moved.
#[derive(Debug)]
pub struct MovedClock {
    began: Instant,
    moved_by: AtomicI64,
}

impl Default for MovedClock {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            moved_by: AtomicI64::new(0),
        }
    }
}

impl MovedClock {
    /// Moves it by so many seconds.
    pub fn advance(&self, seconds: i64) {
        self.moved_by.fetch_add(seconds, Ordering::SeqCst);
    }

    /// A clock that differs from this one by so many seconds.
    pub fn other(&self, seconds: i64) -> Self {
        let moved_by = self.moved_by.load(Ordering::SeqCst) + seconds;
        Self {
            began: self.began,
            moved_by: AtomicI64::new(moved_by),
        }
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let moved_by = self.moved_by.load(Ordering::SeqCst);
        let began = Timestamp::from_second(BEGINNING + moved_by).expect("an instant");
        let went = SignedDuration::try_from(self.began.elapsed()).expect("a short test");
        began + went
    }
}
