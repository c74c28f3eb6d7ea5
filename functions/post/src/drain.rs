//! One worker, one partition: take, post, settle, give back.

use std::time::Duration;

use aws::{Lease, Pending, Release, Take};
use domain::{LaneShard, NextStep, Record};
use futures::future;
use jiff::{SignedDuration, Timestamp};
use odoo::LastStart;
use tokio::time::Instant;
use tracing::{info, warn};

use crate::Post;
use crate::ending::Ending;
use crate::error::Outcome;
use crate::error::PostError;
use crate::piece::{Answered, Piece};

/// How long Odoo is left alone after it could not be reached.
const REST: SignedDuration = SignedDuration::from_secs(10);

/// And after it did not know our key: somebody has to put another one into the secret.
const REST_WITHOUT_KEY: SignedDuration = SignedDuration::from_secs(60);

/// What it takes to write down what the last calls brought.
const TO_WRITE_DOWN: Duration = Duration::from_secs(10);

impl Post {
    /// Posts what is pending in a partition, until nothing is, or time is short.
    pub(crate) async fn drain(&self, shard: LaneShard, deadline: Instant) -> Result<(), PostError> {
        let owner = self.tokens.fresh();
        let length = self.lease_length();
        self.ledger.agree_on_time(shard).await?;
        let now = self.clock.now();
        let mut lease = match self.ledger.take(shard, &owner, now, length).await? {
            Take::Taken(lease) => lease,
            Take::Held => return Ok(()),
            // Whoever let it rest has ordered a bell, and the sweep rings when it has rested. One
            // more for each bell that comes meanwhile would make them as many as the records.
            Take::Resting { .. } => return Ok(()),
        };
        if let Some(sent) = &lease.uncertain {
            // Odoo is asked about its records before they are sent again; that it happened must be
            // visible.
            warn!(%shard, from = %sent.from, to = %sent.to, at = %sent.at, "an earlier worker left an uncertain outcome");
        }
        loop {
            match self.pass(&mut lease, deadline).await? {
                Ending::Settled => match self.ledger.give_back(&lease).await? {
                    Release::Released => return Ok(()),
                    Release::RungMeanwhile => {}
                },
                Ending::OutOfTime => {
                    self.ledger.rest(&lease, self.clock.now()).await?;
                    return Ok(self.bells.ring(shard).await?);
                }
                Ending::Rest(until) => return self.rest(&lease, until).await,
                Ending::Uncertain => return Ok(self.ledger.leave_uncertain(&lease).await?),
            }
        }
    }

    /// Goes through the partition from its beginning, until nothing is pending. While Odoo works on
    /// one piece, what it answered about the one before is written down.
    async fn pass(&self, lease: &mut Lease, deadline: Instant) -> Result<Ending, PostError> {
        let mut after: Option<Pending> = None;
        let mut answered: Option<Answered> = None;
        loop {
            let ready = self.ready(lease.shard, after.as_ref()).await?;
            if ready.last.is_none() {
                let ending = self.note(lease, answered.take()).await?;
                match (ending, after.take()) {
                    // What was put back, or came meanwhile, is before the place that was reached.
                    (Ending::Settled, Some(_)) => continue,
                    (ending, _) => return Ok(ending),
                }
            }
            after = ready.last;
            let cleared = self.clear_away(lease, ready.stale, deadline).await?;
            if cleared != Ending::Settled {
                let last = self.note(lease, answered.take()).await?;
                return Ok(cleared.and(last));
            }
            for piece in ready.pieces {
                let ending = self.work(lease, piece, &mut answered, deadline).await?;
                if ending != Ending::Settled {
                    let last = self.note(lease, answered.take()).await?;
                    return Ok(ending.and(last));
                }
            }
        }
    }

    /// Clears away what is not to be posted any more.
    async fn clear_away(
        &self,
        lease: &Lease,
        stale: Vec<Record>,
        deadline: Instant,
    ) -> Result<Ending, PostError> {
        if stale.is_empty() {
            return Ok(Ending::Settled);
        }
        // Whoever took the partition from us may be sending what looks stale to us.
        self.ledger.still_ours(lease).await?;
        match self.odoo(lease.shard.lane).await {
            Ok(odoo) => {
                let odoo = odoo.until(self.last_calls(deadline));
                self.clear(lease, &odoo, stale).await
            }
            Err(failure) => self.nothing_sent(failure),
        }
    }

    /// Posts one piece while the answers to the one before are written down.
    async fn work(
        &self,
        lease: &mut Lease,
        piece: Piece,
        answered: &mut Option<Answered>,
        deadline: Instant,
    ) -> Result<Ending, PostError> {
        if Instant::now() > self.last_start(deadline) {
            return Ok(Ending::OutOfTime);
        }
        // Each of these may stand on the one before. And while Odoo may still work on a version, none
        // of the same fact is sent.
        if !piece.is_time() || answered.as_ref().is_some_and(Answered::is_uncertain) {
            let ending = self.note(lease, answered.take()).await?;
            if ending != Ending::Settled {
                return Ok(ending);
            }
        }
        let odoo = match self.odoo(lease.shard.lane).await {
            Ok(odoo) => odoo.until(self.last_calls(deadline)),
            Err(failure) => return self.nothing_sent(failure),
        };
        let sent = self.announce(lease, &piece, answered.as_ref()).await?;
        let jobs = self.jobs(lease, piece).await?;
        let post = self.post_piece(&odoo, jobs);
        let (posted, noted) = future::join(post, self.settle(lease, answered.take())).await;
        let noted = noted?.tell(lease);
        let outcomes = match posted {
            Ok(outcomes) => outcomes,
            Err(failure) => return Ok(noted.and(self.nothing_sent(failure)?)),
        };
        let key_is_old =
            |(_, outcome): &(_, Outcome)| outcome.as_ref().is_err_and(PostError::is_about_the_key);
        if outcomes.iter().any(key_is_old) {
            self.forget_key(lease.shard.lane).await;
        }
        *answered = Some(Answered { sent, outcomes });
        Ok(noted)
    }

    /// Without the ledger or a key nothing is sent.
    fn nothing_sent(&self, failure: PostError) -> Result<Ending, PostError> {
        match failure.next_step() {
            NextStep::Retry => {
                warn!(error = %aws::Chain(&failure), "nothing was sent");
                Ok(Ending::Rest(self.rest_until(&failure)))
            }
            NextStep::LookFirst | NextStep::Reject | NextStep::Park => Err(failure),
        }
    }

    /// Writes answers down, and what they mean for the partition.
    async fn note(
        &self,
        lease: &mut Lease,
        answered: Option<Answered>,
    ) -> Result<Ending, PostError> {
        let settlement = self.settle(lease, answered).await?;
        Ok(settlement.tell(lease))
    }

    /// Until when Odoo is left alone after a failure.
    pub(crate) fn rest_until(&self, failure: &PostError) -> Timestamp {
        let rest = match failure.is_about_the_key() {
            true => REST_WITHOUT_KEY,
            false => REST,
        };
        let soon = self.clock.now().checked_add(rest).unwrap_or(Timestamp::MAX);
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

    pub(crate) fn lease_length(&self) -> SignedDuration {
        SignedDuration::from_secs(self.config.limits.lease_seconds.into())
    }

    /// When the last calls may begin. What only reads may begin later than what writes: a function
    /// that ends before the answer has lost nothing but that.
    fn last_calls(&self, deadline: Instant) -> LastStart {
        let writing = self.last_start(deadline);
        let reading = deadline.checked_sub(TO_WRITE_DOWN).unwrap_or(deadline);
        LastStart {
            writing,
            reading: reading.max(writing),
        }
    }

    /// After this, one more call to Odoo might outlast the function.
    pub(crate) fn last_start(&self, deadline: Instant) -> Instant {
        let reserve = Duration::from_secs(self.config.limits.odoo_read_seconds.into());
        deadline.checked_sub(reserve).unwrap_or(deadline)
    }
}
