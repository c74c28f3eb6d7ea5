//! The places where a stranger's bytes come in.

use std::fmt;

use clap::ValueEnum;
use fastrand::Rng;
use serde::{Deserialize, Serialize};

use crate::input::Input;
use crate::mutate;
use crate::targets::{answers, edge, read, verify};

/// A place where a stranger's bytes come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Every scheme of every source: what is not proved is not accepted.
    Verify,
    /// Every source's reading, over documents that were never a message of it.
    Decode,
    /// Every source's reading, over its own messages changed.
    Read,
    /// What sources' APIs answer: pages of lists, records, keys.
    Answers,
    /// The whole intake function, called as the gateway calls it.
    Edge,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}

/// A target with its samples and whatever it needs.
pub struct Range {
    target: Target,
    samples: Vec<Input>,
    edge: Option<edge::Edge>,
}

impl Range {
    /// With every sample there is.
    pub fn of(target: Target) -> Self {
        let (samples, edge) = match target {
            Target::Verify => (verify::samples(), None),
            Target::Decode | Target::Read => (read::samples(target), None),
            Target::Answers => (answers::samples(), None),
            Target::Edge => (edge::samples(), Some(edge::Edge::new())),
        };
        assert!(!samples.is_empty(), "{target} has samples");
        Self {
            target,
            samples,
            edge,
        }
    }

    /// Its samples as they are.
    pub fn samples(&self) -> &[Input] {
        &self.samples
    }

    /// The input of this number under this seed.
    pub fn input(&self, seed: u64, number: u64) -> Input {
        // Neighbouring numbers are no neighbours among the dice.
        let mut dice = Rng::with_seed(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut input = self.samples[dice.usize(0..self.samples.len())].clone();
        let other = &self.samples[dice.usize(0..self.samples.len())];
        mutate::input(&mut input, other, &mut dice);
        input
    }

    /// Takes an input as we take it, and looks whether all holds that must.
    ///
    /// # Errors
    /// When something does not, in a sentence.
    pub fn check(&self, input: &Input) -> Result<(), String> {
        let sample = self.samples.iter().find(|one| one.sample == input.sample);
        let sample = sample.ok_or_else(|| format!("there is no sample {}", input.sample))?;
        match (&self.edge, self.target) {
            (Some(edge), _) => edge.check(input, sample),
            (None, Target::Verify) => verify::check(input, sample),
            (None, Target::Answers) => answers::check(input),
            (None, Target::Decode | Target::Read | Target::Edge) => read::check(input, sample),
        }
    }
}
