//! The pending partitions: how much, since when, and who works there.

use aws::Partition as Found;
use domain::LaneShard;
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;

use super::age;
use crate::Console;
use crate::error::ConsoleError;

/// How many pending records of a partition are counted.
const COUNTED: i32 = 500;

/// A pending partition, for people.
#[derive(Debug, Serialize)]
pub struct Partition {
    /// For example `work#2`.
    pub partition: String,
    /// How many records are pending, at most 500.
    pub pending: usize,
    /// How long the oldest is pending.
    pub oldest_seconds: Option<i64>,
    /// `open`, `working`, `waiting(odoo)` or `uncertain`.
    pub state: &'static str,
    /// Until when a worker owns it.
    pub worker_until: Option<Timestamp>,
    /// Until when Odoo is left alone.
    pub resting_until: Option<Timestamp>,
    /// What was sent without an answer being kept.
    pub uncertain: Option<Uncertain>,
    /// What Odoo answered last, when that was no success.
    pub last_answer: Option<String>,
    /// When something of it last went into Odoo.
    pub posted_at: Option<Timestamp>,
}

/// What was sent without an answer being kept.
#[derive(Debug, Serialize)]
pub struct Uncertain {
    /// The first of it.
    pub from: String,
    /// The last of it.
    pub to: String,
    /// When it was sent.
    pub sent_at: Timestamp,
}

impl Console {
    /// Every partition there is.
    pub(crate) async fn partitions(&self, now: Timestamp) -> Result<Vec<Partition>, ConsoleError> {
        let all = LaneShard::all().map(async |shard| {
            let found = self.ledger.partition(shard, COUNTED).await?;
            Ok::<_, ConsoleError>(seen(shard, &found, now))
        });
        try_join_all(all).await
    }
}

fn seen(shard: LaneShard, found: &Found, now: Timestamp) -> Partition {
    let uncertain = found.uncertain(now);
    let state = match uncertain {
        Some(_) => "uncertain",
        None if found.is_held(now) => "working",
        None if found.is_resting(now) && !found.pending.is_empty() => "waiting(odoo)",
        None => "open",
    };
    Partition {
        partition: shard.to_string(),
        pending: found.pending.len(),
        oldest_seconds: found.oldest.map(|oldest| age(oldest, now)),
        state,
        worker_until: found.worker_until,
        resting_until: found.resting_until,
        uncertain: uncertain.map(|sent| Uncertain {
            from: sent.from.clone(),
            to: sent.to.clone(),
            sent_at: sent.at,
        }),
        last_answer: found.tries.last().map(|last| last.answer.clone()),
        posted_at: found.posted_at,
    }
}

#[cfg(test)]
mod tests {
    use aws::{Sent, Tries};
    use domain::Lane;

    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn state(found: &Found) -> &'static str {
        let shard = LaneShard {
            lane: Lane::Work,
            shard: 1,
        };
        seen(shard, found, second(100)).state
    }

    #[test]
    fn a_partition_is_uncertain_when_something_was_sent_and_nobody_waits_for_its_answer() {
        let sent = Sent {
            from: "a".to_owned(),
            to: "b".to_owned(),
            at: second(50),
        };
        let working = Found {
            worker_until: Some(second(110)),
            sent: Some(sent.clone()),
            ..Found::default()
        };
        assert_eq!(state(&working), "working");
        let left = Found {
            worker_until: Some(second(90)),
            ..working.clone()
        };
        assert_eq!(state(&left), "uncertain", "its lease has ended");
        let mut tries = Tries::default();
        tries.failed(&sent, "Odoo did not answer");
        let said = Found { tries, ..working };
        assert_eq!(state(&said), "uncertain", "its worker said so and left");
    }

    #[test]
    fn a_partition_waits_for_odoo_only_while_something_is_pending() {
        let resting = Found {
            resting_until: Some(second(110)),
            ..Found::default()
        };
        assert_eq!(state(&resting), "open");
        let reference = domain::Reference::new("s", "a", "e", "1");
        let pending = aws::Pending {
            reference,
            version: domain::Version(1),
        };
        let waiting = Found {
            pending: vec![pending],
            ..resting
        };
        assert_eq!(state(&waiting), "waiting(odoo)");
    }
}
