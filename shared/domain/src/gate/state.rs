//! What the callers know of each other, and who is let in.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::breaker::{Breaker, Closed, Went, later};
use super::{Budget, Class};

/// How soon it is worth asking again when it is not known when somebody leaves.
const LOOK: SignedDuration = SignedDuration::from_millis(200);
/// How long it counts that a class wants to call. Whoever still waits says so again.
const WANTS: SignedDuration = SignedDuration::from_secs(2);
/// One call of a class with the whole share moves its turn by this.
const STRIDE: u64 = 10_000;

/// The state of one Odoo's gate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// The earliest start of the call after the last one that was let in.
    pub next_at: Option<Timestamp>,
    /// Who is let in and has not left.
    pub in_flight: Vec<Slot>,
    /// What each class had, and whether it wants more.
    pub turns: BTreeMap<Class, Turn>,
    /// The turn that was served last: a class that wanted nothing begins here, without arrears.
    pub turn: u64,
    /// Odoo's health.
    pub breaker: Breaker,
    /// How much was called in the current minute.
    pub minute: Option<Minute>,
}

/// A call that was let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Whose.
    pub token: String,
    /// When it may start.
    pub at: Timestamp,
    /// By then its caller was killed.
    pub until: Timestamp,
    /// Whether it tries out if Odoo answers again.
    pub probe: bool,
}

/// Where a class stands among the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Its next turn; the lowest is served first.
    pub next: u64,
    /// Until when it counts that somebody of it waits.
    pub wants: Option<Timestamp>,
    /// The same, for somebody in the middle of a piece of work.
    pub wants_on: Option<Timestamp>,
}

/// How much was called in one minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minute {
    /// Its beginning.
    pub from: Timestamp,
    /// How many calls.
    pub calls: u32,
}

/// Who asks, and when.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// A token that nobody else has.
    pub token: &'a str,
    /// The kind of caller.
    pub class: Class,
    /// Whether it is in the middle of a piece of work: giving up there wastes what was called.
    pub begun: bool,
    /// The asker's clock.
    pub now: Timestamp,
    /// Since when the asker knows this very state. What another clock wrote counts for as long
    /// as it was meant, from here on, and no longer.
    pub seen_at: Timestamp,
}

/// What becomes of an asker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The call may start then, which is at most one interval away.
    Enter {
        /// When.
        at: Timestamp,
    },
    /// Not yet: ask again then.
    Wait {
        /// When.
        until: Timestamp,
    },
    /// Nobody is let in.
    Closed {
        /// Until when.
        until: Timestamp,
        /// Why.
        why: Closed,
    },
}

impl Gate {
    /// Decides about one asker. Whoever enters is in the state afterwards; whoever waits has left
    /// a note there, so that its class gets its share.
    pub fn ask(&mut self, budget: &Budget, asker: &Asker<'_>) -> Decision {
        // The answer to its own writing was lost: it is in.
        if let Some(slot) = self.in_flight.iter().find(|slot| slot.token == asker.token) {
            return Decision::Enter { at: slot.at };
        }
        self.forget_the_killed(budget, asker);
        if let Some(closing) = &self.breaker.closed {
            let until = closing.until_for(asker.seen_at);
            if asker.now < until {
                let why = closing.why;
                return Decision::Closed { until, why };
            }
        }
        match self.hindrance(budget, asker) {
            Some(until) => {
                self.note_wish(asker);
                Decision::Wait { until }
            }
            None => self.let_in(budget, asker),
        }
    }

    /// Takes back a pass. One that is not known any more was counted before.
    pub fn leave(&mut self, token: &str, went: Went, now: Timestamp) {
        let found = self.in_flight.iter().position(|slot| slot.token == token);
        if let Some(position) = found {
            let slot = self.in_flight.swap_remove(position);
            self.breaker.note(went, slot.probe, now);
        }
    }

    /// Whether another state says the same about calls. Who waits is not about calls: the notes of
    /// those who do would keep a killed caller's slot for as long as they ask.
    pub fn has_the_calls_of(&self, other: &Self) -> bool {
        self.next_at == other.next_at
            && self.in_flight == other.in_flight
            && self.breaker == other.breaker
    }

    /// When to ask again, if it is not possible now.
    fn hindrance(&self, budget: &Budget, asker: &Asker<'_>) -> Option<Timestamp> {
        let soon = later(asker.now, LOOK);
        let paced = self.paced_at(budget, asker);
        // Only the very next start is given away in advance, or shares would mean nothing.
        let too_early = later(asker.now, budget.interval()) < paced;
        let full = self.in_flight.len() >= most(budget.calls_in_flight);
        let probing = self.breaker.closed.is_some() && self.in_flight.iter().any(|slot| slot.probe);
        if too_early {
            return paced.checked_sub(budget.interval()).ok();
        }
        (full || probing || self.another_first(asker)).then_some(soon)
    }

    /// When the next call may start. The times of an honest clock are at most two intervals away.
    fn paced_at(&self, budget: &Budget, asker: &Asker<'_>) -> Timestamp {
        let furthest = later(later(asker.seen_at, budget.interval()), budget.interval());
        self.next_at.map_or(asker.now, |at| at.min(furthest))
    }

    /// Whether somebody waits whose turn comes before the asker's.
    fn another_first(&self, asker: &Asker<'_>) -> bool {
        let waits = |wish: Option<Timestamp>| {
            wish.is_some_and(|until| asker.now < until.min(later(asker.seen_at, WANTS)))
        };
        let own = self.turns.get(&asker.class);
        if !asker.begun && waits(own.and_then(|turn| turn.wants_on)) {
            return true;
        }
        let mine = (self.next_turn(asker.class), asker.class);
        (self.turns.iter())
            .filter(|(class, turn)| **class != asker.class && waits(turn.wants))
            .any(|(class, _)| (self.next_turn(*class), *class) < mine)
    }

    fn next_turn(&self, class: Class) -> u64 {
        let own = self.turns.get(&class).map_or(0, |turn| turn.next);
        own.max(self.turn)
    }

    fn note_wish(&mut self, asker: &Asker<'_>) {
        let (until, fresh) = (later(asker.now, WANTS), later(asker.now, WANTS / 2));
        // A note that holds for a while yet is not worth writing again.
        let stale = |wish: Option<Timestamp>| wish.is_none_or(|at| at < fresh || until < at);
        let turn = self.turns.entry(asker.class).or_default();
        if stale(turn.wants) {
            turn.wants = Some(until);
        }
        if asker.begun && stale(turn.wants_on) {
            turn.wants_on = Some(until);
        }
    }

    fn let_in(&mut self, budget: &Budget, asker: &Asker<'_>) -> Decision {
        let at = self.paced_at(budget, asker).max(asker.now);
        self.next_at = Some(later(at, budget.interval()));
        self.turn = self.next_turn(asker.class);
        let next = self.turn.saturating_add(STRIDE / asker.class.share());
        // Others of the class who still wait will say so again.
        let served = Turn {
            next,
            ..Turn::default()
        };
        self.turns.insert(asker.class, served);
        self.in_flight.push(Slot {
            token: asker.token.to_owned(),
            at,
            until: later(at, budget.longest_call),
            probe: self.breaker.closed.is_some(),
        });
        self.count(at);
        Decision::Enter { at }
    }

    /// A caller that was killed leaves its slot behind.
    fn forget_the_killed(&mut self, budget: &Budget, asker: &Asker<'_>) {
        let furthest = later(asker.seen_at, budget.longest_call + budget.interval());
        self.in_flight
            .retain(|slot| asker.now < slot.until.min(furthest));
    }

    fn count(&mut self, at: Timestamp) {
        let from = at.as_second().div_euclid(60) * 60;
        let from = Timestamp::from_second(from).unwrap_or(at);
        match &mut self.minute {
            Some(minute) if minute.from == from => minute.calls = minute.calls.saturating_add(1),
            _ => self.minute = Some(Minute { from, calls: 1 }),
        }
    }
}

fn most(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
