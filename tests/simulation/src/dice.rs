//! Every chance of a run, from one number.

/// Dice that fall the same way for the same seed.
#[derive(Debug)]
pub struct Dice(fastrand::Rng);

impl Dice {
    /// The dice of a seed.
    pub fn of(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A number from `low` up to and including `high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0.u64(low..=high)
    }

    /// True in so many of a thousand cases.
    pub fn happens(&mut self, permille: u64) -> bool {
        self.0.u64(0..1000) < permille
    }

    /// One of these.
    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.usize(0..of.len())]
    }

    /// A name that nobody else has.
    pub fn token(&mut self) -> String {
        format!("{:032x}", self.0.u128(..))
    }
}
