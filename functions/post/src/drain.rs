//! One worker, one partition: take, post, settle, give back.

use std::time::Duration;

use aws::{Lease, Pending, Release, Sent, Take};
use domain::{LaneShard, NextStep, Record, State};
use jiff::{SignedDuration, Timestamp};
use tracing::{error, info, warn};

use crate::Post;
use crate::error::PostError;
use crate::flows::Outcome;
use crate::settle::told;

/// How many records are read at once: what one `load` call of Odoo takes well.
const MOST: i32 = 500;

/// How long Odoo is left alone after it could not be reached.
const REST: SignedDuration = SignedDuration::from_secs(10);

/// How a round over the pending records ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    /// All of them are settled.
    Settled,
    /// Nothing was pending.
    Empty,
    /// The function would end before another call to Odoo could.
    OutOfTime,
    /// Odoo could not be reached, or was too busy: leave it alone until then.
    Rest(Timestamp),
    /// Something was sent and no answer kept: nobody may send again before the lease has ended.
    Uncertain,
}

impl Round {
    /// Of two endings, the one that has to be respected: what may be in Odoo must not be sent
    /// again, whatever else happened in the same batch.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Uncertain, _) | (_, Self::Uncertain) => Self::Uncertain,
            (Self::Rest(one), Self::Rest(other)) => Self::Rest(one.max(other)),
            (_, other) => other,
        }
    }
}

impl Post {
    /// Posts what is pending in a partition, until nothing is, or time is short.
    pub(crate) async fn drain(
        &self,
        shard: LaneShard,
        deadline: Timestamp,
    ) -> Result<(), PostError> {
        let owner = self.tokens.fresh();
        let length = self.lease_length();
        let mut lease = match self
            .ledger
            .take(shard, &owner, self.clock.now(), length)
            .await?
        {
            Take::Taken(lease) => lease,
            Take::Held => return Ok(()),
            // Whoever let it rest has ordered a bell, and the sweep rings when it has rested. One
            // more for each bell that comes meanwhile would make them as many as the records.
            Take::Resting { .. } => return Ok(()),
        };
        if let Some(sent) = &lease.uncertain {
            // Its records are posted under the same external ids, or looked at before the method
            // is called again, so continuing is safe; that it happened must be visible.
            warn!(%shard, from = %sent.from, to = %sent.to, at = %sent.at, "an earlier worker left an uncertain outcome");
        }
        loop {
            match self.round(&mut lease, deadline).await? {
                Round::Settled => {}
                Round::Empty => match self.ledger.give_back(&lease).await? {
                    Release::Released => return Ok(()),
                    Release::RungMeanwhile => {}
                },
                Round::OutOfTime => {
                    self.ledger.rest(&lease, self.clock.now()).await?;
                    return Ok(self.bells.ring(shard).await?);
                }
                Round::Rest(until) => return self.rest(&lease, until).await,
                Round::Uncertain => return Ok(self.ledger.leave_uncertain(&lease).await?),
            }
        }
    }

    async fn round(&self, lease: &mut Lease, deadline: Timestamp) -> Result<Round, PostError> {
        let pointers = self.ledger.pending(lease.shard, MOST).await?;
        if pointers.is_empty() {
            return Ok(Round::Empty);
        }
        let records = self.ledger.records(&pointers).await?;
        self.forget_pointers_to_nothing(lease.shard, &pointers, &records)
            .await?;
        let (ready, stale): (Vec<Record>, Vec<Record>) = records
            .into_iter()
            .partition(|record| record.state == State::Waiting && record.command.is_some());
        // A pointer whose record has moved on is left over from an interrupted step.
        for record in stale {
            let (reference, version) = (record.reference, record.version);
            let pointer = Pending { reference, version };
            self.ledger.forget_pending(lease.shard, &pointer).await?;
        }
        let (newest, overtaken) = crate::batch::newest_only(ready);
        for older in &overtaken {
            self.ledger.supersede(older).await?;
        }
        self.post_all(lease, newest, deadline).await
    }

    /// A pointer without a record can only come from a damaged table; it must not be read for ever.
    async fn forget_pointers_to_nothing(
        &self,
        shard: LaneShard,
        pointers: &[Pending],
        records: &[Record],
    ) -> Result<(), PostError> {
        for pointer in pointers {
            let found = |record: &Record| {
                record.reference == pointer.reference && record.version == pointer.version
            };
            if !records.iter().any(found) {
                error!(reference = %pointer.reference, version = pointer.version.0, "pending record is not in the ledger");
                self.ledger.forget_pending(shard, pointer).await?;
            }
        }
        Ok(())
    }

    async fn post_all(
        &self,
        lease: &mut Lease,
        ready: Vec<Record>,
        deadline: Timestamp,
    ) -> Result<Round, PostError> {
        for batch in crate::batch::batches(ready) {
            if self.clock.now() > self.last_start(deadline) {
                return Ok(Round::OutOfTime);
            }
            let Some(sent) = self.announce(lease, &batch).await? else {
                continue;
            };
            let jobs = self.jobs(lease, batch).await?;
            let outcomes = self.post_batch(lease.shard.lane, jobs).await?;
            let round = self.settle(lease, &sent, outcomes).await?;
            if !matches!(round, Round::Settled) {
                return Ok(round);
            }
        }
        Ok(Round::Settled)
    }

    /// Writes down what Odoo answered.
    async fn settle(
        &self,
        lease: &mut Lease,
        sent: &Sent,
        outcomes: Vec<(Record, Outcome)>,
    ) -> Result<Round, PostError> {
        let mut settled = Vec::with_capacity(outcomes.len());
        let mut round = Round::Settled;
        let mut answer = None;
        for (mut record, outcome) in outcomes {
            for attempt in lease.tries.concerning(&record) {
                record.history.remember(attempt);
            }
            match outcome {
                Ok(posted) => {
                    settled.push(self.posted(record, posted));
                    lease.posted_at = Some(self.clock.now());
                }
                Err(failure) => match failure.next_step() {
                    NextStep::Retry => {
                        info!(reference = %record.reference, error = %aws::Chain(&failure), "record waits for Odoo");
                        round = round.and(Round::Rest(self.rest_until(&failure)));
                        answer = Some(told(&failure));
                    }
                    NextStep::LookFirst => {
                        warn!(reference = %record.reference, error = %aws::Chain(&failure), "outcome is uncertain");
                        round = round.and(Round::Uncertain);
                        answer = Some(told(&failure));
                    }
                    NextStep::Reject | NextStep::Park => {
                        settled.push(self.parked(record, sent.at, &failure).await?);
                    }
                },
            }
        }
        self.ledger.settle(&settled).await?;
        if let Some(answer) = answer {
            lease.tries.failed(sent, &answer);
        }
        Ok(round)
    }

    /// Writes down what is about to be sent, before it is sent. None when there is nothing.
    async fn announce(&self, lease: &Lease, batch: &[Record]) -> Result<Option<Sent>, PostError> {
        let pointers = || {
            let pointer = |record: &Record| aws::keys::pointer(&record.reference, record.version);
            batch.iter().map(pointer)
        };
        let (Some(from), Some(to)) = (pointers().min(), pointers().max()) else {
            return Ok(None);
        };
        let at = self.clock.now();
        let sent = Sent { from, to, at };
        self.ledger
            .announce(lease, &sent, self.lease_length())
            .await?;
        Ok(Some(sent))
    }

    /// Until when Odoo is left alone after a failure.
    fn rest_until(&self, failure: &PostError) -> Timestamp {
        let soon = self.clock.now().checked_add(REST).unwrap_or(Timestamp::MAX);
        failure.rest_until().unwrap_or(soon)
    }

    async fn rest(&self, lease: &Lease, until: Timestamp) -> Result<(), PostError> {
        self.ledger.rest(lease, until).await?;
        info!(shard = %lease.shard, %until, "Odoo is left alone");
        self.ring_when_rested(lease.shard, until).await
    }

    async fn ring_when_rested(&self, shard: LaneShard, until: Timestamp) -> Result<(), PostError> {
        let seconds = until.duration_since(self.clock.now()).as_secs().max(0) + 1;
        let delay = Duration::from_secs(seconds.unsigned_abs());
        Ok(self.bells.ring_after(shard, delay).await?)
    }

    fn lease_length(&self) -> SignedDuration {
        SignedDuration::from_secs(self.config.limits.lease_seconds.into())
    }

    /// After this, one more call to Odoo might outlast the function.
    fn last_start(&self, deadline: Timestamp) -> Timestamp {
        let reserve = SignedDuration::from_secs(self.config.limits.odoo_read_seconds.into());
        deadline.checked_sub(reserve).unwrap_or(deadline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uncertain_outcome_is_never_outdone_by_another_of_its_batch() {
        let (soon, later) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        assert_eq!(Round::Uncertain.and(Round::Rest(soon)), Round::Uncertain);
        assert_eq!(Round::Rest(soon).and(Round::Uncertain), Round::Uncertain);
        assert_eq!(Round::Settled.and(Round::Rest(soon)), Round::Rest(soon));
        let both = Round::Rest(later).and(Round::Rest(soon));
        assert_eq!(both, Round::Rest(later), "the longer rest counts");
    }
}
