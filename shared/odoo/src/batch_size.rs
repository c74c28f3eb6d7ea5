//! How many rows one call may carry: fewer when Odoo was slow, more again when it is quick.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// More rows make a call no cheaper per row, and lose more when it fails.
const MOST: usize = 500;
/// Fewer rows would not make a slow Odoo quicker.
const FEWEST: usize = 25;
/// Odoo ends a call after 120 seconds unless it is set otherwise: a third of that is too close.
const SLOW: Duration = Duration::from_secs(40);
/// A call of twice the rows would still be far from slow.
const QUICK: Duration = Duration::from_secs(10);

/// The number of rows of the next call. It is shared by all who post to the same Odoo.
#[derive(Debug)]
pub struct BatchSize(AtomicUsize);

impl Default for BatchSize {
    fn default() -> Self {
        Self(AtomicUsize::new(MOST))
    }
}

impl BatchSize {
    /// At most so many rows in the next call.
    pub fn rows(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// A call was answered after that time.
    pub fn answered_after(&self, time: Duration) {
        if time > SLOW {
            self.too_large();
        } else if time < QUICK {
            self.set(self.rows().saturating_mul(2));
        }
    }

    /// A call got no answer in time, or was refused for its size.
    pub fn too_large(&self) {
        self.set(self.rows() / 2);
    }

    fn set(&self, rows: usize) {
        self.0.store(rows.clamp(FEWEST, MOST), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_halves_when_odoo_is_slow_and_grows_back_when_it_is_quick() {
        let size = BatchSize::default();
        assert_eq!(size.rows(), 500);
        size.too_large();
        size.answered_after(Duration::from_secs(41));
        assert_eq!(size.rows(), 125);
        size.answered_after(Duration::from_secs(20));
        assert_eq!(size.rows(), 125, "neither slow nor quick");
        for rows in [250, 500, 500] {
            size.answered_after(Duration::from_secs(4));
            assert_eq!(size.rows(), rows);
        }
        (0..9).for_each(|_| size.too_large());
        assert_eq!(size.rows(), 25);
    }
}
