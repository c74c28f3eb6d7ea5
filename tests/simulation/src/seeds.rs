//! Many seeds, each played once or twice.

use crate::mutant::Mutant;
use crate::run::{Stage, Verdict};
use crate::scenario::Scenario;

/// What came of many seeds.
#[derive(Debug, Clone, Default)]
pub struct Seeds {
    /// How many were played.
    pub played: u64,
    /// How many of them were played twice.
    pub twice: u64,
    /// In how many of them something was posted.
    pub posting: u64,
    /// How many timesheet lines were made in all of them.
    pub lines: u64,
    /// Seeds whose second run was not the same as the first.
    pub unlike: Vec<u64>,
    /// Seeds that did not end well, and how.
    pub failed: Vec<(u64, Vec<String>)>,
}

impl Seeds {
    /// Plays these seeds, each as what it stands for, and twice those that are divisible by `twice`.
    pub fn play(
        stage: &Stage,
        of: fn(u64) -> Scenario,
        twice: u64,
        seeds: impl Iterator<Item = u64>,
    ) -> Self {
        let mut played = Self::default();
        for seed in seeds {
            let scenario = of(seed);
            let first = stage.play(&scenario, None, false);
            let second = (seed.is_multiple_of(twice)).then(|| stage.play(&scenario, None, false));
            played.note(seed, first, second);
        }
        played
    }

    fn note(&mut self, seed: u64, first: Verdict, second: Option<Verdict>) {
        self.played += 1;
        self.twice += u64::from(second.is_some());
        self.posting += u64::from(first.posted > 0);
        self.lines += u64::try_from(first.posted).unwrap_or_default();
        if second.is_some_and(|second| second != first) {
            self.unlike.push(seed);
        }
        if !first.violations.is_empty() {
            self.failed.push((seed, first.violations));
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.played += other.played;
        self.twice += other.twice;
        self.posting += other.posting;
        self.lines += other.lines;
        self.unlike.extend(other.unlike);
        self.failed.extend(other.failed);
        self
    }

    /// Whether all ended well, the same each time, and at least 95 of 100 posted something: a run
    /// in which nothing happens is always right.
    pub fn holds(&self) -> bool {
        self.failed.is_empty() && self.unlike.is_empty() && self.posting * 100 >= self.played * 95
    }
}

/// The first of these seeds that finds a mutant, and what it finds. A seed that does not end well
/// without it finds something else.
pub fn finds(
    stage: &Stage,
    mutant: Mutant,
    seeds: std::ops::Range<u64>,
) -> Option<(u64, Vec<String>)> {
    seeds
        .map(|seed| (seed, Scenario::showing(mutant, seed)))
        .map(|(seed, rough)| (seed, stage.play(&rough, Some(mutant), false), rough))
        .filter(|(_, mutated, _)| !mutated.violations.is_empty())
        .find(|(_, _, rough)| stage.play(rough, None, false).violations.is_empty())
        .map(|(seed, mutated, _)| (seed, mutated.violations))
}
