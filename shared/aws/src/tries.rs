//! What a partition's workers tried without success, kept with the lease until everything that is
//! pending there is settled.
//!
//! It costs no write of its own: a worker that leaves Odoo alone writes the lease anyway. Settling
//! a record copies what concerns it into the record.

use domain::Record;
use domain::record::Attempt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::keys;

/// How many different tries a partition remembers.
const KEPT: usize = 3;

/// What a worker was about to send, written before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The first pointer of the batch.
    pub from: String,
    /// The last one.
    pub to: String,
    /// When.
    pub at: Timestamp,
}

/// A try to post some pending records that did not end in Odoo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// The first pointer of what was sent.
    pub from: String,
    /// The last one.
    pub to: String,
    /// When, how often, and the answer.
    pub attempt: Attempt,
}

impl Try {
    /// Whether this record was among what was sent, as far as the clocks tell.
    pub fn concerns(&self, record: &Record) -> bool {
        self.covers(record) && self.attempt.last_at() >= record.changed_at
    }

    /// Whether this record may have been among what was sent, whatever the clocks say.
    fn covers(&self, record: &Record) -> bool {
        let pointer = keys::pointer(&record.reference, record.version);
        (self.from.as_str()..=self.to.as_str()).contains(&pointer.as_str())
    }
}

/// What a partition's workers tried without success, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tries(Vec<Try>);

impl Tries {
    /// Remembers that what was sent did not end in Odoo. The same again is counted.
    pub fn failed(&mut self, sent: &Sent, answer: &str) {
        if let Some(last) = self.0.last_mut()
            && (&last.from, &last.to) == (&sent.from, &sent.to)
            && last.attempt.answer == answer
        {
            last.attempt.until = Some(sent.at);
            last.attempt.times += 1;
            return;
        }
        if self.0.len() >= KEPT {
            self.0.remove(0);
        }
        self.0.push(Try {
            from: sent.from.clone(),
            to: sent.to.clone(),
            attempt: Attempt {
                at: sent.at,
                until: None,
                times: 1,
                answer: answer.to_owned(),
            },
        });
    }

    /// Remembers what an earlier worker sent before it ended, unless that worker noted it itself.
    pub(crate) fn inherit(&mut self, sent: Option<&Sent>, answer: &str) {
        let noted = |at: Timestamp| self.last().is_some_and(|last| last.last_at() == at);
        if let Some(sent) = sent.filter(|sent| !noted(sent.at)) {
            self.failed(sent, answer);
        }
    }

    /// Whether a record may have been sent. No clock is asked: where two of them differ, what was
    /// sent would pass for what came later, and would never be looked for.
    pub fn cover(&self, record: &Record) -> bool {
        self.0.iter().any(|tried| tried.covers(record))
    }

    /// The tries that concern a record, for people to read.
    pub fn concerning(&self, record: &Record) -> Vec<Attempt> {
        let concerning = self.0.iter().filter(|tried| tried.concerns(record));
        concerning.map(|tried| tried.attempt.clone()).collect()
    }

    /// The last one.
    pub fn last(&self) -> Option<&Attempt> {
        self.0.last().map(|tried| &tried.attempt)
    }
}

#[cfg(test)]
mod tests {
    use domain::{Fingerprint, Lane, LaneShard, Reference, Version};

    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + second).unwrap()
    }

    fn record(id: &str, pending_since: i64) -> Record {
        let reference = Reference::new("s", "a", "time_entry", id);
        let shard = LaneShard {
            lane: Lane::Work,
            shard: 0,
        };
        let (fingerprint, since) = (Fingerprint::of(id), second(pending_since));
        Record::new(reference, Version(1), fingerprint, shard, since)
    }

    fn sent(from: &str, to: &str, at: i64) -> Sent {
        let pointer = |id| keys::pointer(&Reference::new("s", "a", "time_entry", id), Version(1));
        Sent {
            from: pointer(from),
            to: pointer(to),
            at: second(at),
        }
    }

    #[test]
    fn the_same_answer_again_is_counted_and_another_one_is_kept_beside_it() {
        let mut tries = Tries::default();
        for at in [10, 20, 30] {
            tries.failed(&sent("1", "5", at), "Odoo could not be reached");
        }
        tries.failed(&sent("1", "5", 40), "Odoo is busy");
        let tried = tries.concerning(&record("3", 0));
        assert_eq!((tried[0].times, tried[0].until), (3, Some(second(30))));
        assert_eq!(
            (tried[1].times, tried[1].answer.as_str()),
            (1, "Odoo is busy")
        );
        for at in 50..60 {
            tries.failed(&sent("1", "5", at), &format!("answer {at}"));
        }
        assert_eq!(tries.0.len(), KEPT);
    }

    #[test]
    fn a_record_has_only_the_tries_it_was_part_of() {
        let mut tries = Tries::default();
        tries.failed(&sent("2", "5", 10), "Odoo could not be reached");
        assert_eq!(tries.concerning(&record("1", 0)), []);
        assert_eq!(tries.concerning(&record("2", 0)).len(), 1);
        assert_eq!(tries.concerning(&record("4", 11)), [], "it came later");
        assert!(tries.cover(&record("4", 11)), "if the clocks agree");
        assert!(!tries.cover(&record("6", 0)));
    }

    #[test]
    fn what_a_dead_worker_sent_counts_once() {
        let mut tries = Tries::default();
        let dead = sent("1", "5", 10);
        tries.inherit(Some(&dead), "no answer was kept");
        assert_eq!(tries.0.len(), 1);
        tries.inherit(Some(&dead), "no answer was kept");
        assert_eq!(tries.0.len(), 1, "it was noted already");
    }
}
