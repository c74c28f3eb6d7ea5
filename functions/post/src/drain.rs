//! One worker, one partition: take, post, settle, give back.

use std::time::Duration;

use aws::{Lease, Pending, Release, Take};
use domain::{LaneShard, NextStep, Record, State};
use jiff::{SignedDuration, Timestamp};
use tracing::{error, info, warn};

use crate::Post;
use crate::error::PostError;

/// How many records are read at once: what one `load` call of Odoo takes well.
const MOST: i32 = 500;

/// How long Odoo is left alone after it could not be reached.
const REST: SignedDuration = SignedDuration::from_secs(10);

/// How a round over the pending records ended.
enum Round {
    /// All of them are settled.
    Settled,
    /// Nothing was pending.
    Empty,
    /// The function would end before another call to Odoo could.
    OutOfTime,
    /// Odoo could not be reached, or was too busy: leave it alone for a while.
    Rest,
    /// Something was sent and no answer kept: nobody may send again before the lease has ended.
    Uncertain,
}

impl Post {
    /// Posts what is pending in a partition, until nothing is, or time is short.
    pub(crate) async fn drain(
        &self,
        shard: LaneShard,
        deadline: Timestamp,
    ) -> Result<(), PostError> {
        let owner = uuid::Uuid::new_v4().to_string();
        let length = self.lease_length();
        let lease = match self
            .ledger
            .take(shard, &owner, self.clock.now(), length)
            .await?
        {
            Take::Taken(lease) => lease,
            Take::Held => return Ok(()),
            Take::Resting { until } => return self.ring_when_rested(shard, until).await,
        };
        if let Some(sent) = &lease.uncertain {
            // Its records are posted under the same external ids, or looked at before the method
            // is called again, so continuing is safe; that it happened must be visible.
            warn!(%shard, from = %sent.from, to = %sent.to, at = %sent.at, "an earlier worker left an uncertain outcome");
        }
        loop {
            match self.round(&lease, deadline).await? {
                Round::Settled => {}
                Round::Empty => match self.ledger.give_back(&lease).await? {
                    Release::Released => return Ok(()),
                    Release::RungMeanwhile => {}
                },
                Round::OutOfTime => {
                    self.ledger.rest(&lease, self.clock.now()).await?;
                    return Ok(self.bells.ring(shard).await?);
                }
                Round::Rest => return self.rest(&lease).await,
                Round::Uncertain => return Ok(()),
            }
        }
    }

    async fn round(&self, lease: &Lease, deadline: Timestamp) -> Result<Round, PostError> {
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
        self.post_all(lease, ready, deadline).await
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
        lease: &Lease,
        ready: Vec<Record>,
        deadline: Timestamp,
    ) -> Result<Round, PostError> {
        for batch in crate::batch::batches(ready) {
            if self.clock.now() > self.last_start(deadline) {
                return Ok(Round::OutOfTime);
            }
            self.announce(lease, &batch).await?;
            let mut settled = Vec::with_capacity(batch.len());
            let mut round = Round::Settled;
            for (record, outcome) in self.post_batch(lease.shard.lane, batch).await? {
                match outcome {
                    Ok(posted) => settled.push(self.posted(record, posted)),
                    Err(failure) => match failure.next_step() {
                        NextStep::Retry => {
                            info!(reference = %record.reference, error = %aws::Chain(&failure), "record waits for Odoo");
                            round = Round::Rest;
                        }
                        NextStep::LookFirst => {
                            warn!(reference = %record.reference, error = %aws::Chain(&failure), "outcome is uncertain");
                            round = Round::Uncertain;
                        }
                        NextStep::Reject | NextStep::Park => {
                            settled.push(self.parked(record, &failure).await?);
                        }
                    },
                }
            }
            self.ledger.settle(&settled).await?;
            if !matches!(round, Round::Settled) {
                return Ok(round);
            }
        }
        Ok(Round::Settled)
    }

    /// Writes down what is about to be sent, before it is sent.
    async fn announce(&self, lease: &Lease, batch: &[Record]) -> Result<(), PostError> {
        let pointer = |record: &Record| aws::keys::pointer(&record.reference, record.version);
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
            return Ok(());
        };
        let sent = aws::Sent {
            from: pointer(first),
            to: pointer(last),
            at: self.clock.now(),
        };
        Ok(self
            .ledger
            .announce(lease, &sent, self.lease_length())
            .await?)
    }

    async fn rest(&self, lease: &Lease) -> Result<(), PostError> {
        let until = self.clock.now().checked_add(REST).unwrap_or(Timestamp::MAX);
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
