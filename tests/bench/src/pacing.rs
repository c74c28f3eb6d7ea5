//! What a limit of one call per second costs, on a clock of its own: the gate decides, the calls
//! take the time that they really took.

use std::time::Duration;

use domain::gate::{Asker, Budget, Class, Decision, Gate, Went};
use jiff::{SignedDuration, Timestamp};

/// What the gate did to a list of calls.
#[derive(Debug, Default)]
pub struct Paced {
    /// From the first start to the last answer.
    pub total: Duration,
    /// The shortest time between two starts.
    pub closest: Option<Duration>,
    /// The most calls at the same time.
    pub in_flight: usize,
}

/// Makes these calls, one after the other, through a gate of one call per second and in flight.
pub fn pace(calls: &[Duration]) -> Paced {
    let budget = Budget::new(1, 1, 60).expect("a budget");
    let mut gate = Gate::default();
    let begin = Timestamp::UNIX_EPOCH;
    let (mut now, mut paced) = (begin, Paced::default());
    let mut last_start = None;
    for (number, call) in calls.iter().enumerate() {
        let token = number.to_string();
        let start = loop {
            let asker = Asker {
                token: &token,
                class: Class::Work,
                begun: number > 0,
                now,
                seen_at: now,
            };
            match gate.ask(&budget, &asker) {
                Decision::Enter { at } => break at.max(now),
                Decision::Wait { until } | Decision::Closed { until, .. } => now = until,
            }
        };
        paced.in_flight = paced.in_flight.max(gate.in_flight.len());
        if let Some(last) = last_start.replace(start) {
            let apart = start.duration_since(last).unsigned_abs();
            paced.closest = Some(paced.closest.map_or(apart, |closest| closest.min(apart)));
        }
        now = start + SignedDuration::try_from(*call).expect("a short time");
        gate.leave(&token, Went::Answered, now);
    }
    paced.total = now.duration_since(begin).unsigned_abs();
    paced
}
