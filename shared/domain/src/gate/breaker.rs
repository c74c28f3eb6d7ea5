//! When nobody calls Odoo: after failures, or because it asked to be left alone.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// This many failures in a row close the gate.
const FAILURES: u32 = 3;
/// How long it is closed first; each probe that fails doubles it.
const FIRST: SignedDuration = SignedDuration::from_secs(10);
/// It is never closed for longer than this after failures.
const LONGEST: SignedDuration = SignedDuration::from_secs(300);
/// A server that asks for longer is asked again after this: it may have meant something else.
const LONGEST_ASKED: SignedDuration = SignedDuration::from_secs(3600);

/// How a call went, as far as the next call is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    /// Odoo itself answered, whatever it said.
    Answered,
    /// It was not made after all.
    NotMade,
    /// It could not be reached, did not answer in time, or something before it answered instead.
    Failed,
    /// The server wants to be left alone for so long.
    AskedToWait(Duration),
}

/// Why nobody is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// It did not answer several times in a row.
    #[error("Odoo is left alone: it did not answer several times in a row")]
    AfterFailures,
    /// It asked for it.
    #[error("Odoo is left alone: it asked for it")]
    AsAsked,
}

/// What is known of Odoo's health.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// How many calls failed in a row.
    pub failures: u32,
    /// Set while nobody is let in, and until a probe has been answered.
    pub closed: Option<Closing>,
}

/// Since when and until when nobody is let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Why.
    pub why: Closed,
    /// Since when Odoo was not called freely.
    pub since: Timestamp,
    /// After this one call is let through.
    pub until: Timestamp,
    /// How long that was when it was written, for those whose clock says something else.
    pub length: SignedDuration,
}

impl Closing {
    /// Until when it counts for somebody who sees this since `seen_at`: a clock that is wrong
    /// must not keep Odoo closed for longer than meant.
    pub fn until_for(&self, seen_at: Timestamp) -> Timestamp {
        self.until.min(later(seen_at, self.length))
    }
}

impl Breaker {
    /// Notes how a call went. `is_probe`: it was the one call that was let through.
    pub fn note(&mut self, went: Went, is_probe: bool, now: Timestamp) {
        // A call from before the gate was closed says nothing about now.
        let counts = is_probe || self.closed.is_none();
        match went {
            Went::Answered if counts => *self = Self::default(),
            Went::Failed if counts => {
                self.failures = self.failures.saturating_add(1);
                if is_probe || self.failures >= FAILURES {
                    self.close(Closed::AfterFailures, self.next_length(), now);
                }
            }
            Went::Answered | Went::Failed | Went::NotMade => {}
            Went::AskedToWait(length) => {
                let asked = SignedDuration::try_from(length).unwrap_or(LONGEST_ASKED);
                self.close(Closed::AsAsked, asked.min(LONGEST_ASKED), now);
            }
        }
    }

    /// Closes, or stays closed for longer. A shorter wait does not undo a longer one.
    fn close(&mut self, why: Closed, length: SignedDuration, now: Timestamp) {
        let until = later(now, length);
        if self
            .closed
            .as_ref()
            .is_some_and(|closed| closed.until > until)
        {
            return;
        }
        let since = self.closed.as_ref().map_or(now, |closed| closed.since);
        self.closed = Some(Closing {
            why,
            since,
            until,
            length,
        });
    }

    /// Ten seconds, and twice as long after each probe that failed.
    fn next_length(&self) -> SignedDuration {
        let doublings = self.failures.saturating_sub(FAILURES).min(10);
        FIRST.saturating_mul(1 << doublings).min(LONGEST)
    }
}

pub(crate) fn later(instant: Timestamp, length: SignedDuration) -> Timestamp {
    instant.checked_add(length).unwrap_or(Timestamp::MAX)
}
