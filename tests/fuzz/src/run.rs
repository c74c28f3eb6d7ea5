//! Input after input, until something breaks or the time is over.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::input::Input;
use crate::target::{Range, Target};

/// What one input may take of the processor. An ordinary one takes a thousandth of it.
const LONGEST: Duration = Duration::from_secs(1);
/// How much more memory than at the beginning may be in use at any moment.
const MOST_MEMORY_KB: u64 = 64 * 1024;
/// How often that is looked at.
const LOOK_EVERY: u64 = 500;
/// What is larger may end the program itself, so it is kept in its file before it is tried.
const LARGE: usize = 8 * 1024;

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Where.
    pub target: Target,
    /// How many inputs were tried.
    pub inputs: u64,
    /// What the slowest of them took of the processor.
    pub slowest: Duration,
    /// By how much the memory in use was ever more than at the beginning, in KiB.
    pub more_memory_kb: u64,
}

/// Something does not hold.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The input.
    pub input: Input,
    /// What does not hold, in a sentence.
    pub why: String,
}

/// Tries inputs of a seed while `goes_on` says so of the next one's number. `keep` gets those that
/// may end the program, before they are tried.
///
/// # Errors
/// At the first that breaks something.
pub fn run(
    target: Target,
    seed: u64,
    goes_on: impl Fn(u64) -> bool,
    keep: impl Fn(&Input),
) -> Result<Outcome, Box<Broken>> {
    let range = Range::of(target);
    let mut outcome = Outcome {
        target,
        inputs: 0,
        slowest: Duration::ZERO,
        more_memory_kb: 0,
    };
    for sample in range.samples() {
        once(&range, sample)?;
    }
    let before = most_memory_kb();
    while goes_on(outcome.inputs) {
        let input = range.input(seed, outcome.inputs);
        if input.body.len() > LARGE {
            keep(&input);
        }
        let took = once(&range, &input)?;
        outcome.slowest = outcome.slowest.max(took);
        outcome.inputs += 1;
        if outcome.inputs.is_multiple_of(LOOK_EVERY) {
            outcome.more_memory_kb = most_memory_kb().saturating_sub(before);
            if outcome.more_memory_kb > MOST_MEMORY_KB {
                let why = format!("one of the last {LOOK_EVERY} inputs took too much memory");
                return Err(Box::new(Broken { input, why }));
            }
        }
    }
    Ok(outcome)
}

/// Tries one input: what it took of the processor.
///
/// # Errors
/// When it breaks something.
pub fn once(range: &Range, input: &Input) -> Result<Duration, Box<Broken>> {
    let begin = processor_time();
    let checked = catch_unwind(AssertUnwindSafe(|| range.check(input)));
    let took = processor_time() - begin;
    let why = match checked {
        Ok(Ok(())) if took <= LONGEST => return Ok(took),
        Ok(Ok(())) => format!("it took {took:?} of the processor"),
        Ok(Err(why)) => why,
        Err(_) => "it panicked; what it said is above".to_owned(),
    };
    let input = input.clone();
    Err(Box::new(Broken { input, why }))
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("after the beginning")
}

/// The most memory that this process ever had, in KiB.
fn most_memory_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or_default()
}
