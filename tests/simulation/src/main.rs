//! `simulate`: plays seeds, every schedule of a few faults, and deliberate faults.

mod report;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use simulation::mutant::Mutant;
use simulation::run::Stage;
use simulation::scenario::Scenario;
use simulation::schedules::Schedules;
use simulation::seeds::{self, Seeds};
use simulation::threads;

/// How many faults a schedule has at most.
const FAULTS: usize = 3;
/// In how many seeds a deliberate fault has to be found.
const UNTIL_FOUND: u64 = 2_000;

/// The functions that ship, in a world that is made up.
#[derive(Debug, Parser)]
struct Options {
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// Play every seed divisible by this one twice, to see that the same happens again.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    twice: u64,
    /// Play this one and print everything that happens in it.
    #[arg(long)]
    seed: Option<u64>,
    /// In rough weather: everything fails often, and a person changes what was posted.
    #[arg(long)]
    rough: bool,
    /// Break this rule on purpose; `all` breaks one after the other.
    #[arg(long)]
    mutant: Option<String>,
    /// Play every schedule of up to three faults over the operations of one record.
    #[arg(long)]
    schedules: bool,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// A run makes and drops a million small things; this takes less time for each.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let options = Options::parse();
    let good = threads::on_all(1, |_| match (&options.mutant, options.seed) {
        (Some(name), seed) => broken(&options, name, seed),
        (None, Some(seed)) => one(scenario(options.rough)(seed), None),
        (None, None) if options.schedules => schedules(&options),
        (None, None) => many(&options),
    });
    match good == [true] {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// What a seed stands for.
fn scenario(rough: bool) -> fn(u64) -> Scenario {
    match rough {
        true => Scenario::rough,
        false => Scenario::of,
    }
}

/// Plays one scenario and prints what happens in it.
fn one(scenario: Scenario, mutant: Option<Mutant>) -> bool {
    let stage = Stage::set();
    let verdict = stage.play(&scenario, mutant, true);
    report::tell_story(&scenario, &verdict);
    verdict.violations.is_empty()
}

fn many(options: &Options) -> bool {
    let began = Instant::now();
    // Each takes the next one: a thread that something else slows down keeps the others waiting for
    // one seed, and not for half of them.
    let next = AtomicU64::new(0);
    let played = threads::on_all(threads::count(), |_| {
        let taken = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        let seeds = taken.take_while(|seed| *seed < options.seeds);
        Seeds::play(&Stage::set(), scenario(options.rough), options.twice, seeds)
    });
    let seeds = played.into_iter().fold(Seeds::default(), Seeds::and);
    report::tell_seeds(&seeds, began.elapsed(), options.json);
    seeds.holds()
}

fn schedules(options: &Options) -> bool {
    let began = Instant::now();
    let threads = threads::count();
    let played = threads::on_all(threads, |part| {
        Schedules::play(&Stage::set(), FAULTS, part, threads)
    });
    let all = played
        .into_iter()
        .reduce(Schedules::and)
        .unwrap_or_default();
    report::tell_schedules(&all, began.elapsed(), options.json);
    all.failed.is_empty()
}

/// With a rule broken on purpose, what is expected is that it is found.
fn broken(options: &Options, name: &str, seed: Option<u64>) -> bool {
    let mutants = match (name, Mutant::named(name)) {
        ("all", _) => Mutant::ALL.to_vec(),
        (_, Some(mutant)) => vec![mutant],
        (_, None) => {
            let names = Mutant::ALL.map(Mutant::name).join(", ");
            eprintln!("no mutant is called {name:?}: there are {names}, and all");
            return false;
        }
    };
    if let (Some(seed), [mutant]) = (seed, mutants.as_slice()) {
        return !one(Scenario::showing(*mutant, seed), Some(*mutant));
    }
    let stage = Stage::set();
    let found: Vec<_> = (mutants.into_iter())
        .map(|mutant| (mutant, seeds::finds(&stage, mutant, 0..UNTIL_FOUND)))
        .collect();
    report::tell_mutants(&found, options.json);
    found.iter().all(|(_, found)| found.is_some())
}
