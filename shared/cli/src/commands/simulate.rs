//! `tenon simulate`.

use std::process::Command;

use clap::Args;

use crate::commands::CommandError;
use crate::functions::{self, Profile};
use crate::process;
use crate::progress::Progress;

/// Options of `tenon simulate`.
#[derive(Debug, Args)]
pub struct Simulate {
    /// How many seeds are played [default: 1000].
    #[arg(long, value_name = "NUMBER")]
    seeds: Option<u64>,
    /// Every seed divisible by this one is played twice, to see that the same happens again
    /// [default: 1, every seed].
    #[arg(long, value_name = "NUMBER", conflicts_with = "seed")]
    twice: Option<u64>,
    /// Play this seed and print everything that happens.
    #[arg(long, value_name = "SEED", conflicts_with = "seeds")]
    seed: Option<u64>,
    /// In rough weather: everything fails often, and a person changes what was posted.
    #[arg(long)]
    rough: bool,
    /// Break a rule on purpose, by its name, and look for the seed that finds it; `all` breaks one
    /// after the other.
    #[arg(long, value_name = "NAME")]
    mutant: Option<String>,
    /// Play every schedule of up to three faults over the operations of one record.
    #[arg(long, conflicts_with_all = ["seeds", "seed", "mutant"])]
    schedules: bool,
    /// Print the results as JSON on standard output.
    #[arg(long)]
    json: bool,
    /// As the tests build it: quicker to build, ten times slower to run.
    #[arg(long)]
    quick: bool,
}

impl Simulate {
    /// Builds the simulation and runs it.
    pub fn run(self, progress: &Progress) -> Result<(), CommandError> {
        let profile = match self.quick {
            true => Profile::Quick,
            false => Profile::Fast,
        };
        let (_, programs) = functions::build_tool("simulation", profile, progress)?;
        let mut command = Command::new(programs.join("simulate"));
        command.args(self.arguments());
        let status = process::bound_to_us(&command, None, "TERM").status();
        match status.is_ok_and(|status| status.success()) {
            true => Ok(()),
            false => Err(CommandError::SimulationFailed),
        }
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        let values = [
            ("--seeds", self.seeds.map(|seeds| seeds.to_string())),
            ("--twice", self.twice.map(|every| every.to_string())),
            ("--seed", self.seed.map(|seed| seed.to_string())),
            ("--mutant", self.mutant.clone()),
        ];
        for (name, value) in values {
            arguments.extend(value.map(|value| format!("{name}={value}")));
        }
        let flags = [
            ("--rough", self.rough),
            ("--schedules", self.schedules),
            ("--json", self.json),
        ];
        let given = flags.into_iter().filter(|(_, given)| *given);
        arguments.extend(given.map(|(name, _)| name.to_owned()));
        arguments
    }
}
