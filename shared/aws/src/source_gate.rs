//! How often the account of a source may be asked, by all functions together.
//!
//! One item per account in the control table counts the requests of each stretch of time that the
//! vendor limits, and says until when the vendor asked to be left alone.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::control::Control;
use crate::item::{document, get_number, key, number, to_document};
use crate::{Clock, Connection, StoreError, keys};

/// How often somebody who was overtaken by another function looks again.
const TRIES: u32 = 10;

/// When to come back after so many others were faster.
const REST: SignedDuration = SignedDuration::from_secs(1);

/// So many requests in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// The requests.
    pub requests: u32,
    /// The seconds.
    pub seconds: u32,
}

/// The budgets in the control table.
pub struct SourceGate {
    control: Control,
    clock: Arc<dyn Clock>,
}

/// What all functions know of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Budget {
    /// Until when the vendor asked to be left alone.
    closed_until: Option<Timestamp>,
    /// The stretch of time that runs, for each allowance.
    stretches: Vec<Stretch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Stretch {
    seconds: u32,
    from: Timestamp,
    requests: u32,
}

impl SourceGate {
    /// The budgets in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            control: Control::new(connection, table),
            clock: connection.clock(),
        }
    }

    /// Takes leave for some requests. Answers when to ask again, if they may not be made now.
    pub async fn enter(
        &self,
        source: &str,
        account: &str,
        allowances: &[Allowance],
        requests: u32,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.change(source, account, |budget, now| {
            budget.take(allowances, requests, now)
        })
        .await
    }

    /// Nobody asks this account before then: the vendor said so.
    pub async fn close(
        &self,
        source: &str,
        account: &str,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let later = |budget: &mut Budget, _| {
            budget.closed_until = budget.closed_until.max(Some(until));
            None
        };
        self.change(source, account, later).await.map(drop)
    }

    async fn change(
        &self,
        source: &str,
        account: &str,
        change: impl Fn(&mut Budget, Timestamp) -> Option<Timestamp>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let pk = keys::source_gate(source, account);
        for _ in 0..TRIES {
            let item = self.control.get(&pk, keys::GATE_STATE).await?;
            let revision = item.as_ref().and_then(|item| get_number(item, "revision"));
            let known: Budget = item.as_ref().map(document).transpose()?.unwrap_or_default();
            let mut budget = known.clone();
            let until = change(&mut budget, self.clock.now());
            if budget == known {
                return Ok(until);
            }
            let mut item = key(&pk, keys::GATE_STATE);
            item.insert("doc".to_owned(), to_document(&budget)?);
            item.insert("revision".to_owned(), number(revision.unwrap_or(0) + 1));
            if self.control.put_if_still(item, revision).await? {
                return Ok(until);
            }
        }
        Ok(self.clock.now().checked_add(REST).ok())
    }
}

impl Budget {
    /// Counts some requests; when to ask again, if one of the allowances is used up.
    fn take(
        &mut self,
        allowances: &[Allowance],
        requests: u32,
        now: Timestamp,
    ) -> Option<Timestamp> {
        if self.closed_until.is_some_and(|until| now < until) {
            return self.closed_until;
        }
        let running = |one: &&Stretch| one.from <= now && now < one.end();
        let stretches: Vec<Stretch> = allowances
            .iter()
            .map(|allowance| {
                let mut known = self.stretches.iter();
                let known = known.find(|one| one.seconds == allowance.seconds);
                known.filter(running).copied().unwrap_or(Stretch {
                    seconds: allowance.seconds,
                    from: now,
                    requests: 0,
                })
            })
            .collect();
        let mut full = stretches.iter().zip(allowances).filter(|(one, allowance)| {
            one.requests > 0 && one.requests.saturating_add(requests) > half(allowance)
        });
        if let Some(until) = full.by_ref().map(|(one, _)| one.end()).max() {
            return Some(until);
        }
        let counted = stretches.into_iter().map(|one| Stretch {
            requests: one.requests.saturating_add(requests),
            ..one
        });
        self.stretches = counted.collect();
        None
    }
}

/// Any stretch of the vendor's own touches at most two of ours. What is left is also for whoever
/// else asks with the same account.
const fn half(allowance: &Allowance) -> u32 {
    allowance.requests.div_ceil(2)
}

impl Stretch {
    fn end(&self) -> Timestamp {
        let length = SignedDuration::from_secs(i64::from(self.seconds));
        self.from.checked_add(length).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Allowance = Allowance {
        requests: 100,
        seconds: 15,
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    #[test]
    fn no_stretch_of_the_vendors_time_has_more_than_it_allows() {
        let mut budget = Budget::default();
        let mut asked = Vec::new();
        for second in 0..120 {
            for _ in 0..40 {
                if budget.take(&[LIMIT], 1, at(second)).is_none() {
                    asked.push(second);
                }
            }
        }
        assert!(asked.len() >= 350, "the budget is used: {}", asked.len());
        for begin in 0..105 {
            let within = asked.iter().filter(|at| (begin..begin + 15).contains(*at));
            assert!(within.count() <= 100, "from second {begin}");
        }
    }

    #[test]
    fn every_limit_counts_and_says_when_it_ends() {
        let hour = Allowance {
            requests: 4,
            seconds: 3600,
        };
        let mut budget = Budget::default();
        assert_eq!(budget.take(&[LIMIT, hour], 1, at(0)), None);
        assert_eq!(budget.take(&[LIMIT, hour], 1, at(20)), None);
        assert_eq!(budget.take(&[LIMIT, hour], 1, at(40)), Some(at(3600)));
        assert_eq!(budget.take(&[LIMIT, hour], 1, at(3600)), None);
    }

    #[test]
    fn nobody_asks_before_the_vendor_said() {
        let mut budget = Budget {
            closed_until: Some(at(30)),
            ..Budget::default()
        };
        assert_eq!(budget.take(&[], 1, at(29)), Some(at(30)));
        assert_eq!(budget.take(&[], 1, at(30)), None);
    }
}
