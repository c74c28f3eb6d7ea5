use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::breaker::Closed;
use super::{Asker, Budget, Class, Decision, Gate, Went};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap()
}

/// Odoo Online's budget.
fn online() -> Budget {
    Budget::new(1, 1, 60).unwrap()
}

fn asker(token: &str, class: Class, now: i64) -> Asker<'_> {
    Asker {
        token,
        class,
        begun: false,
        now: at(now),
        seen_at: at(now),
    }
}

fn enter(gate: &mut Gate, token: &str, now: i64) {
    let decision = gate.ask(&online(), &asker(token, Class::Work, now));
    assert!(matches!(decision, Decision::Enter { .. }), "{decision:?}");
}

/// Lets three calls fail, which closes the gate at `now + 2000`.
fn broken(now: i64) -> Gate {
    let mut gate = Gate::default();
    for call in 0..3 {
        let then = now + 1000 * call;
        enter(&mut gate, "a", then);
        gate.leave("a", Went::Failed, at(then));
    }
    gate
}

#[test]
fn calls_start_an_interval_apart_and_only_the_next_start_is_given_away() {
    let mut gate = Gate::default();
    let two = Budget::new(1, 9, 60).unwrap();
    let mut ask = |token: &'static str, now| gate.ask(&two, &asker(token, Class::Work, now));
    assert_eq!(ask("a", 0), Decision::Enter { at: at(0) });
    assert_eq!(ask("b", 400), Decision::Enter { at: at(1000) });
    assert_eq!(ask("c", 500), Decision::Wait { until: at(1000) });
    assert_eq!(ask("c", 1000), Decision::Enter { at: at(2000) });
}

#[test]
fn a_rate_is_never_exceeded_by_rounding() {
    let three = Budget::new(3, 1, 60).unwrap();
    assert_eq!(three.interval(), SignedDuration::from_millis(334));
    assert!(Budget::new(0, 1, 60).is_err() && Budget::new(1, 0, 60).is_err());
}

#[test]
fn who_is_in_stays_alone_until_it_leaves_or_can_only_be_dead() {
    let mut gate = Gate::default();
    enter(&mut gate, "a", 0);
    let early = gate.ask(&online(), &asker("b", Class::Work, 89_000));
    assert_eq!(early, Decision::Wait { until: at(89_200) });
    let late = gate.ask(&online(), &asker("b", Class::Work, 90_001));
    assert_eq!(late, Decision::Enter { at: at(90_001) });
    // The dead one was only slow: what it reports is too late to count.
    gate.leave("a", Went::Failed, at(90_002));
    assert_eq!(gate.breaker.failures, 0);
}

#[test]
fn a_lost_answer_to_the_own_writing_is_recognised() {
    let mut gate = Gate::default();
    enter(&mut gate, "a", 0);
    let again = gate.ask(&online(), &asker("a", Class::Work, 5));
    assert_eq!(again, Decision::Enter { at: at(0) });
    assert_eq!(gate.in_flight.len(), 1);
}

#[test]
fn three_failures_in_a_row_close_and_an_answer_between_them_does_not() {
    let mut gate = Gate::default();
    for (call, went) in [Went::Failed, Went::Failed, Went::Answered, Went::Failed]
        .into_iter()
        .enumerate()
    {
        let now = 1000 * i64::try_from(call).unwrap();
        enter(&mut gate, "a", now);
        gate.leave("a", went, at(now));
    }
    assert_eq!((gate.breaker.failures, gate.breaker.closed), (1, None));
    let closed = broken(0).breaker.closed.unwrap();
    assert_eq!((closed.since, closed.until), (at(2000), at(12_000)));
}

#[test]
fn after_the_pause_one_probe_goes_first_and_its_answer_opens_for_all() {
    let mut gate = broken(0);
    let closed = gate.ask(&online(), &asker("b", Class::Billing, 11_999));
    let why = Closed::AfterFailures;
    assert_eq!(
        closed,
        Decision::Closed {
            until: at(12_000),
            why
        }
    );
    let many = Budget::new(1000, 9, 60).unwrap();
    let probe = gate.ask(&many, &asker("b", Class::Work, 12_000));
    assert_eq!(probe, Decision::Enter { at: at(12_000) });
    let other = gate.ask(&many, &asker("c", Class::Billing, 12_100));
    assert_eq!(other, Decision::Wait { until: at(12_300) });
    gate.leave("b", Went::Answered, at(12_150));
    let other = gate.ask(&many, &asker("c", Class::Billing, 12_300));
    assert_eq!(other, Decision::Enter { at: at(12_300) });
}

#[test]
fn each_probe_that_fails_doubles_the_pause_up_to_five_minutes() {
    let mut gate = broken(0);
    let mut pauses = Vec::new();
    for _ in 0..7 {
        let until = gate.breaker.closed.clone().unwrap().until.as_millisecond();
        enter(&mut gate, "probe", until);
        gate.leave("probe", Went::Failed, at(until));
        let closed = gate.breaker.closed.clone().unwrap();
        pauses.push((closed.until.as_millisecond() - until) / 1000);
        assert_eq!(closed.since, at(2000), "people see since when");
    }
    assert_eq!(pauses, [20, 40, 80, 160, 300, 300, 300]);
}

#[test]
fn a_probe_whose_caller_was_killed_is_followed_by_another() {
    let mut gate = broken(0);
    enter(&mut gate, "probe", 12_000);
    let next = gate.ask(&online(), &asker("b", Class::Work, 102_001));
    assert_eq!(next, Decision::Enter { at: at(102_001) });
    assert!(gate.in_flight[0].probe);
}

#[test]
fn inside_a_window_that_odoo_asked_for_nobody_calls_whatever_else_is_answered() {
    let many = Budget::new(1000, 9, 60).unwrap();
    let mut gate = Gate::default();
    for token in ["a", "b", "c"] {
        gate.ask(&many, &asker(token, Class::Work, 5));
    }
    gate.leave("a", Went::AskedToWait(Duration::from_secs(30)), at(10));
    gate.leave("b", Went::Answered, at(11));
    // A shorter wish does not undo a longer one.
    gate.leave("c", Went::AskedToWait(Duration::from_secs(1)), at(12));
    let why = Closed::AsAsked;
    let asked = gate.ask(&many, &asker("d", Class::Billing, 30_009));
    assert_eq!(
        asked,
        Decision::Closed {
            until: at(30_010),
            why
        }
    );
    let asked = gate.ask(&many, &asker("d", Class::Billing, 30_010));
    assert_eq!(asked, Decision::Enter { at: at(30_010) });
}

#[test]
fn a_window_of_years_ends_after_an_hour() {
    let mut gate = Gate::default();
    enter(&mut gate, "a", 0);
    gate.leave("a", Went::AskedToWait(Duration::MAX), at(0));
    assert_eq!(gate.breaker.closed.unwrap().until, at(3_600_000));
}

#[test]
fn who_is_in_the_middle_of_its_work_goes_before_a_beginner_of_its_class() {
    let mut gate = Gate::default();
    enter(&mut gate, "a", 0);
    let begun = Asker {
        begun: true,
        ..asker("b", Class::Work, 10)
    };
    assert_eq!(
        gate.ask(&online(), &begun),
        Decision::Wait { until: at(210) }
    );
    gate.leave("a", Went::Answered, at(100));
    let beginner = gate.ask(&online(), &asker("c", Class::Work, 110));
    assert_eq!(beginner, Decision::Wait { until: at(310) });
    let begun = Asker {
        now: at(210),
        ..begun
    };
    assert_eq!(
        gate.ask(&online(), &begun),
        Decision::Enter { at: at(1000) }
    );
}

#[test]
fn a_clock_a_day_ahead_costs_the_others_no_more_than_what_it_meant() {
    let day = 86_400_000;
    let mut gate = broken(day);
    let fresh = asker("b", Class::Work, 0);
    let closed = gate.ask(&online(), &fresh);
    let why = Closed::AfterFailures;
    assert_eq!(
        closed,
        Decision::Closed {
            until: at(10_000),
            why
        }
    );
    // It knows this state for ten seconds, and nobody has changed it.
    let later = Asker {
        now: at(10_000),
        ..fresh
    };
    assert!(matches!(
        gate.ask(&online(), &later),
        Decision::Enter { .. }
    ));

    let mut gate = Gate::default();
    enter(&mut gate, "killed", day);
    for (now, enters) in [(0, false), (90_000, false), (91_000, true)] {
        let asked = Asker {
            now: at(now),
            ..fresh
        };
        let decision = gate.ask(&online(), &asked);
        let entered = matches!(decision, Decision::Enter { .. });
        assert_eq!(entered, enters, "{now}: {decision:?}");
    }
}

/// One class that always wants to call, each call taking `takes` milliseconds.
struct Caller {
    class: Class,
    takes: i64,
    leaves_at: Option<i64>,
}

/// What happened in a run of a minute of virtual minutes.
struct Run {
    starts: Vec<(i64, Class)>,
    most_at_once: usize,
}

/// Everybody asks every 100 ms whenever it does not call.
fn run(budget: &Budget, mut callers: Vec<Caller>, seconds: i64) -> Run {
    let mut gate = Gate::default();
    let (mut starts, mut most_at_once) = (Vec::new(), 0);
    for now in (0..seconds * 1000).step_by(100) {
        for (number, caller) in callers.iter_mut().enumerate() {
            let token = number.to_string();
            if caller.leaves_at.is_some_and(|leaves| leaves <= now) {
                gate.leave(&token, Went::Answered, at(now));
                caller.leaves_at = None;
            }
            if caller.leaves_at.is_none()
                && let Decision::Enter { at } = gate.ask(budget, &asker(&token, caller.class, now))
            {
                starts.push((at.as_millisecond(), caller.class));
                caller.leaves_at = Some(at.as_millisecond() + caller.takes);
            }
        }
        most_at_once = most_at_once.max(gate.in_flight.len());
    }
    starts.sort_unstable();
    Run {
        starts,
        most_at_once,
    }
}

fn of(class: Class, takes: i64) -> Caller {
    Caller {
        class,
        takes,
        leaves_at: None,
    }
}

#[test]
fn when_all_want_more_than_there_is_each_class_gets_its_share() {
    let callers = Class::ALL.map(|class| of(class, 50)).into();
    let run = run(&online(), callers, 1000);
    assert!(
        run.starts.len() > 990,
        "nothing is wasted: {}",
        run.starts.len()
    );
    for class in Class::ALL {
        let got = run.starts.iter().filter(|(_, who)| *who == class).count();
        let share = usize::try_from(class.share()).unwrap() * 10;
        assert!(got.abs_diff(share) <= 20, "{class:?}: {got} of {share}");
    }
}

#[test]
fn what_nobody_else_wants_one_class_gets_alone() {
    let run = run(&online(), vec![of(Class::People, 50)], 100);
    assert!(run.starts.len() >= 99, "{}", run.starts.len());
}

#[test]
fn a_probe_that_was_not_made_proves_nothing() {
    let mut gate = broken(0);
    enter(&mut gate, "probe", 12_000);
    gate.leave("probe", Went::NotMade, at(12_100));
    assert!(gate.breaker.closed.is_some());
    enter(&mut gate, "next", 13_000);
    assert!(gate.in_flight[0].probe);
}

proptest! {
    // Each case is a run of some minutes.
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_called_the_rate_and_the_number_at_once_hold_and_nobody_starves(
        callers in prop::collection::vec((0..6_usize, 1..3000_i64), 1..8),
        per_second in 1..20_u32,
        in_flight in 1..4_u32,
    ) {
        let budget = Budget::new(per_second, in_flight, 60).unwrap();
        let callers: Vec<Caller> =
            callers.into_iter().map(|(class, takes)| of(Class::ALL[class], takes)).collect();
        let mut wanted: Vec<Class> = callers.iter().map(|caller| caller.class).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let slowest = callers.iter().map(|caller| caller.takes).max().unwrap_or(0);
        let run = run(&budget, callers, 200 + slowest / 20);
        prop_assert!(run.most_at_once <= usize::try_from(in_flight).unwrap());
        let interval = i64::try_from(budget.interval().as_millis()).unwrap();
        for pair in run.starts.windows(2) {
            prop_assert!(pair[1].0 - pair[0].0 >= interval, "{pair:?}");
        }
        for class in wanted {
            prop_assert!(run.starts.iter().any(|(_, who)| *who == class), "{class:?} starves");
        }
    }
}
