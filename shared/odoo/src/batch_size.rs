//! How many rows one call may carry: fewer when Odoo was slow, more again when it is quick.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// More rows make a call no cheaper per row, and lose more when it fails.
const MOST: usize = 500;
/// Fewer rows would not make a slow Odoo quicker.
const FEWEST: usize = 25;

/// The number of rows of the next call. It is shared by all who post to the same Odoo.
#[derive(Debug)]
pub struct BatchSize {
    rows: AtomicUsize,
    /// More than this is too close to the time that an answer may take.
    slow: Duration,
}

impl BatchSize {
    /// `limit` is how long an answer may take.
    pub fn new(limit: Duration) -> Self {
        Self {
            rows: AtomicUsize::new(MOST),
            slow: limit / 2,
        }
    }

    /// At most so many rows in the next call.
    pub fn rows(&self) -> usize {
        self.rows.load(Ordering::Relaxed)
    }

    /// A call with so many rows was answered after that time.
    pub fn answered(&self, rows: usize, time: Duration) {
        let is_full = rows > self.rows() / 2;
        if time > self.slow {
            self.too_large();
        } else if is_full && time < self.slow / 2 {
            self.set(self.rows().saturating_mul(2));
        }
    }

    /// A call got no answer in time, or was refused for its size.
    pub fn too_large(&self) {
        self.set(self.rows() / 2);
    }

    fn set(&self, rows: usize) {
        self.rows.store(rows.clamp(FEWEST, MOST), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_halves_when_odoo_is_slow_and_grows_back_when_it_is_quick() {
        let size = BatchSize::new(Duration::from_secs(60));
        assert_eq!(size.rows(), 500);
        size.too_large();
        size.answered(250, Duration::from_secs(31));
        assert_eq!(size.rows(), 125);
        size.answered(125, Duration::from_secs(20));
        assert_eq!(size.rows(), 125, "neither slow nor quick");
        size.answered(10, Duration::from_secs(1));
        assert_eq!(size.rows(), 125, "few rows prove nothing");
        for rows in [250, 500, 500] {
            size.answered(size.rows(), Duration::from_secs(4));
            assert_eq!(size.rows(), rows);
        }
        (0..9).for_each(|_| size.too_large());
        assert_eq!(size.rows(), 25);
    }
}
