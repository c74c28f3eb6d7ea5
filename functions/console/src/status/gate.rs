//! The gate before Odoo, for people.

use domain::gate::{Budget, Gate as State};
use jiff::Timestamp;
use serde::Serialize;

/// What is called, and whether it is.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// `open`, `closed`, or `probing` while one call tries out if Odoo answers again.
    pub state: &'static str,
    /// Why Odoo is left alone.
    pub why: Option<String>,
    /// Since when it is.
    pub since: Option<Timestamp>,
    /// After this one call tries out if it answers again.
    pub until: Option<Timestamp>,
    /// Calls that all functions may make together in a second.
    pub calls_per_second: u32,
    /// Calls at the same time.
    pub calls_in_flight: u32,
    /// How many are under way.
    pub in_flight: usize,
    /// The last minute in which Odoo was called.
    pub minute: Option<Timestamp>,
    /// How often.
    pub minute_calls: u32,
    /// How much of a minute's budget that is.
    pub minute_percent: u64,
    /// The partitions that wait for Odoo.
    pub resting: Vec<String>,
}

/// A gate as people are shown it.
pub fn seen(gate: &State, budget: &Budget, resting: Vec<String>, now: Timestamp) -> Gate {
    let closed = gate.breaker.closed.as_ref();
    let calls = gate.minute.map_or(0, |minute| minute.calls);
    Gate {
        state: match closed {
            None => "open",
            Some(closed) if now < closed.until => "closed",
            Some(_) => "probing",
        },
        why: closed.map(|closed| closed.why.to_string()),
        since: closed.map(|closed| closed.since),
        until: closed.map(|closed| closed.until),
        calls_per_second: budget.calls_per_second,
        calls_in_flight: budget.calls_in_flight,
        in_flight: gate.in_flight.len(),
        minute: gate.minute.map(|minute| minute.from),
        minute_calls: calls,
        minute_percent: budget.percent(calls),
        resting,
    }
}

#[cfg(test)]
mod tests {
    use domain::gate::{Asker, Class, Went};
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn people_see_why_since_when_and_until_when_odoo_is_left_alone() {
        let budget = Budget::new(1, 1, 60).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut gate = State::default();
        for second in [0, 1, 2] {
            let asker = Asker {
                token: "a",
                class: Class::Work,
                begun: false,
                now: at(second),
                seen_at: at(second),
            };
            gate.ask(&budget, &asker);
            gate.leave("a", Went::Failed, at(second));
        }
        let seen_at = |now| seen(&gate, &budget, Vec::new(), now);
        let closed = seen_at(at(11));
        let until = at(2) + SignedDuration::from_secs(10);
        assert_eq!(
            (closed.state, closed.since, closed.until),
            ("closed", Some(at(2)), Some(until))
        );
        assert_eq!((closed.minute_calls, closed.minute_percent), (3, 5));
        assert_eq!(seen_at(until).state, "probing");
    }
}
