//! What all functions know of one account of a source, and who may ask it: a pure decision about one
//! small value.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How often somebody whose access was refused tries again.
const TRY_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// Whoever still waits tries more often than this: what was refused to nobody else is forgotten.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// A request that nobody says the end of counts as over by then. No request takes a third of it.
const LONGEST_REQUEST: SignedDuration = SignedDuration::from_secs(60);

/// When to come back when all places are taken.
const REST: SignedDuration = SignedDuration::from_secs(1);

/// So many requests in so much time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The requests.
    pub requests: u32,
    /// The seconds.
    pub seconds: u32,
    /// Of which requests; empty where it counts all of them.
    pub of: String,
}

/// What the vendor allows one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    /// In stretches of time; every one of these counts.
    pub rates: Vec<Allowance>,
    /// At once.
    pub at_once: Option<u32>,
}

/// Who wants to ask an account, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// What for, in the words that people read. A refused access is noted for each.
    pub purpose: &'a str,
    /// What the vendor allows.
    pub allowed: &'a Allowed,
    /// So many requests, one after another.
    pub requests: u32,
}

/// Leave to ask, or when to come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// The requests may be made.
    In(Leave),
    /// Nobody asks before then.
    Later(Timestamp),
}

/// Leave to make some requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leave {
    /// The place among those that ask at once, where the vendor counts them. It is given back.
    pub(super) place: Option<String>,
    /// Whether access was refused for this purpose when it was last tried.
    pub was_refused: bool,
    /// Whether it was refused for no other one.
    pub was_refused_alone: bool,
}

/// An access that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Since when, for whatever purpose.
    pub since: Timestamp,
    /// When it is tried again.
    pub again_at: Timestamp,
}

/// What a stretch of the vendor's time used of our budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Used {
    /// When it began.
    pub at: Timestamp,
    /// Of which requests; empty where all count.
    pub of: String,
    /// So many.
    pub requests: u32,
    /// Of those that we take.
    pub percent: u64,
}

/// What is noted of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Budget {
    /// Until when the vendor asked to be left alone.
    closed_until: Option<Timestamp>,
    /// The stretch of time that runs, for each allowance.
    stretches: Vec<Stretch>,
    /// Who asks now, and until when at most.
    places: BTreeMap<String, Timestamp>,
    /// What for access is refused.
    refused: BTreeMap<String, Refused>,
    /// Who replaces the account's proof, and until when at most.
    renewing: Option<(String, Timestamp)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stretch {
    seconds: u32,
    #[serde(default)]
    of: String,
    from: Timestamp,
    requests: u32,
}

/// Since when access is refused, and when it was tried last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Refused {
    since: Timestamp,
    tried_at: Timestamp,
}

impl Budget {
    /// Counts some requests, or says when to ask again. `token` is nobody else's.
    pub(super) fn enter(&mut self, asking: &Asking<'_>, token: &str, now: Timestamp) -> Entry {
        if let Some(until) = self.closed_until.filter(|until| now < *until) {
            return Entry::Later(until);
        }
        let refused = self.refused.get(asking.purpose).copied();
        let again = refused.map(|refused| later(refused.tried_at, TRY_EVERY));
        if let Some(until) = again.filter(|until| now < *until) {
            return Entry::Later(until);
        }
        self.places.retain(|_, until| now < *until);
        let is_full = |at_once| self.places.len() >= usize::try_from(at_once).unwrap_or(usize::MAX);
        if asking.allowed.at_once.is_some_and(is_full) {
            return Entry::Later(later(now, REST));
        }
        if let Some(until) = self.count(asking, now) {
            return Entry::Later(until);
        }
        if let Some(refused) = self.refused.get_mut(asking.purpose) {
            // Of all that wait, one tries.
            refused.tried_at = now;
        }
        let place = asking.allowed.at_once.map(|_| token.to_owned());
        if let Some(place) = &place {
            self.places
                .insert(place.clone(), later(now, LONGEST_REQUEST));
        }
        Entry::In(Leave {
            place,
            was_refused: refused.is_some(),
            was_refused_alone: refused.is_some() && self.refused.len() == 1,
        })
    }

    /// The stretches of time that ended since then, with what was used of what we take of each.
    pub(super) fn ended_since(&self, before: &Self, allowed: &Allowed) -> Vec<Used> {
        let used = |rate: &Allowance| {
            let is_it = |one: &&Stretch| one.seconds == rate.seconds && one.of == rate.of;
            let ended = before.stretches.iter().find(is_it)?;
            let now = self.stretches.iter().find(is_it)?;
            (now.from != ended.from).then(|| Used {
                at: ended.from,
                of: rate.of.clone(),
                requests: ended.requests,
                percent: u64::from(ended.requests) * 100 / u64::from(half(rate).max(1)),
            })
        };
        allowed.rates.iter().filter_map(used).collect()
    }

    /// Counts the requests in every stretch; when to ask again, if one of them is used up.
    fn count(&mut self, asking: &Asking<'_>, now: Timestamp) -> Option<Timestamp> {
        let rates = &asking.allowed.rates;
        let is_of =
            |one: &Stretch, rate: &Allowance| one.seconds == rate.seconds && one.of == rate.of;
        let running = |one: &&Stretch| one.from <= now && now < one.end();
        let stretch = |rate: &Allowance| {
            let known = self.stretches.iter().find(|one| is_of(one, rate));
            known.filter(running).cloned().unwrap_or(Stretch {
                seconds: rate.seconds,
                of: rate.of.clone(),
                from: now,
                requests: 0,
            })
        };
        let stretches: Vec<Stretch> = rates.iter().map(stretch).collect();
        let would = |one: &Stretch| one.requests.saturating_add(asking.requests);
        let full = stretches
            .iter()
            .zip(rates)
            .filter(|(one, rate)| one.requests > 0 && would(one) > half(rate));
        if let Some(until) = full.map(|(one, _)| one.end()).max() {
            return Some(until);
        }
        // What others count by is kept.
        self.stretches
            .retain(|one| one.end() > now && !rates.iter().any(|rate| is_of(one, rate)));
        self.stretches
            .extend(stretches.into_iter().map(|one| Stretch {
                requests: would(&one),
                ..one
            }));
        None
    }

    /// Gives a place back.
    pub(super) fn leave(&mut self, place: &str) {
        self.places.remove(place);
    }

    /// Nobody asks before then.
    pub(super) fn close(&mut self, until: Timestamp) {
        self.closed_until = self.closed_until.max(Some(until));
    }

    /// Access was refused.
    pub(super) fn refuse(&mut self, purpose: &str, now: Timestamp) -> Refusal {
        let fresh = Refused {
            since: now,
            tried_at: now,
        };
        self.refused
            .entry(purpose.to_owned())
            .or_insert(fresh)
            .tried_at = now;
        let since = self.refused.values().map(|refused| refused.since);
        Refusal {
            since: since.min().unwrap_or(now),
            again_at: later(now, TRY_EVERY),
        }
    }

    /// Access was given. Answers whether it is refused for no other purpose.
    pub(super) fn accept(&mut self, purpose: &str, now: Timestamp) -> bool {
        self.refused.remove(purpose);
        self.refused
            .retain(|_, refused| now < later(refused.tried_at, FORGOTTEN_AFTER));
        self.refused.is_empty()
    }

    /// Begins to replace the account's proof, unless somebody else does.
    pub(super) fn begin_renewal(&mut self, token: &str, now: Timestamp) -> bool {
        if self
            .renewing
            .as_ref()
            .is_some_and(|(_, until)| now < *until)
        {
            return false;
        }
        self.renewing = Some((token.to_owned(), later(now, LONGEST_REQUEST)));
        true
    }

    /// The proof was replaced, or could not be.
    pub(super) fn end_renewal(&mut self, token: &str) {
        if self.renewing.as_ref().is_some_and(|(by, _)| by == token) {
            self.renewing = None;
        }
    }
}

/// Any stretch of the vendor's own touches at most two of ours. What is left is also for whoever
/// else asks with the same account.
const fn half(rate: &Allowance) -> u32 {
    rate.requests.div_ceil(2)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

impl Stretch {
    fn end(&self) -> Timestamp {
        later(
            self.from,
            SignedDuration::from_secs(i64::from(self.seconds)),
        )
    }
}

#[cfg(test)]
mod tests;
