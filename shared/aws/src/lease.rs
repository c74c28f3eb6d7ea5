//! One worker per pending partition.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::LaneShard;
use jiff::{SignedDuration, Timestamp};

use crate::item::{Item, get_number, get_text, key, number, text, to_document, update_refused};
use crate::{Ledger, Sent, StoreError, Tries, keys};

/// Longer than any lease and any rest.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// The right to post what is pending in one partition, until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The partition.
    pub shard: LaneShard,
    /// A token only this worker knows.
    pub owner: String,
    /// What an earlier worker sent and never settled: it may be in Odoo.
    pub uncertain: Option<Sent>,
    /// What was tried without success since the partition was last empty, oldest first.
    pub tries: Tries,
    /// When something of it last went into Odoo, as far as this worker knows.
    pub posted_at: Option<Timestamp>,
}

/// The answer to asking for a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Take {
    /// It is ours now.
    Taken(Lease),
    /// Somebody works there; the bell is noted, and they will look once more before they leave.
    Held,
    /// Odoo is left alone until then; a bell rings again by itself.
    Resting {
        /// Until when.
        until: Timestamp,
    },
}

/// The answer to giving a partition back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// It is free.
    Released,
    /// The bell rang meanwhile: look once more.
    RungMeanwhile,
}

impl Ledger {
    /// Asks for a partition for `length`. Asking again with the same token gets it again: the SDK
    /// repeats a request whose answer was lost.
    pub async fn take(
        &self,
        shard: LaneShard,
        owner: &str,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<Take, StoreError> {
        let until = now.checked_add(length).unwrap_or(Timestamp::MAX);
        let taken = self
            .lease(shard)
            .update_expression(
                "SET lease_owner = :owner, lease_until = :until REMOVE rung, resting_until",
            )
            .condition_expression(
                "(attribute_not_exists(lease_owner) OR lease_owner = :owner \
                  OR lease_until < :now OR lease_until > :too_late) \
                 AND (attribute_not_exists(resting_until) \
                      OR resting_until < :now OR resting_until > :too_late)",
            )
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":until", millis(until))
            .expression_attribute_values(":now", millis(now))
            .expression_attribute_values(":too_late", millis(too_late(now)))
            .return_values(ReturnValue::AllOld)
            .send()
            .await;
        match taken {
            Ok(answer) => {
                let old = answer.attributes();
                let mut lease = Lease {
                    shard,
                    owner: owner.to_owned(),
                    uncertain: old.and_then(sent),
                    tries: old.map(tries).unwrap_or_default(),
                    posted_at: old.and_then(|old| instant(old, "posted_at")),
                };
                let unanswered = "no answer was kept: the worker ended before it could";
                lease.tries.inherit(lease.uncertain.as_ref(), unanswered);
                Ok(Take::Taken(lease))
            }
            Err(error) if update_refused(&error) => self.not_taken(shard, now).await,
            Err(error) => Err(StoreError::unavailable("ledger", "take", error)),
        }
    }

    /// Makes sure that AWS has said what time it is, before an instance compares the end of a lease
    /// with its own clock for the first time. It reads once in the life of an instance.
    pub async fn agree_on_time(&self, shard: LaneShard) -> Result<(), StoreError> {
        if self.clock.as_ref().is_none_or(|clock| clock.is_checked()) {
            return Ok(());
        }
        self.client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(keys::pending(shard), keys::LEASE)))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| StoreError::unavailable("ledger", "agree on time", error))
    }

    async fn not_taken(&self, shard: LaneShard, now: Timestamp) -> Result<Take, StoreError> {
        let rung = self
            .lease(shard)
            .update_expression("SET rung = :yes")
            .expression_attribute_values(":yes", number(1))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("ledger", "ring", error))?;
        let resting = rung
            .attributes()
            .and_then(|item| instant(item, "resting_until"));
        match resting.filter(|until| *until >= now && *until <= too_late(now)) {
            Some(until) => Ok(Take::Resting { until }),
            None => Ok(Take::Held),
        }
    }

    /// Notes what is about to be sent, and renews the lease from now on: it must outlast the call
    /// and Odoo's own limit.
    pub async fn announce(
        &self,
        lease: &Lease,
        sent: &Sent,
        length: SignedDuration,
    ) -> Result<(), StoreError> {
        let until = sent.at.checked_add(length).unwrap_or(Timestamp::MAX);
        let update = self
            .lease(lease.shard)
            .update_expression(
                "SET lease_until = :until, sent_from = :from, sent_to = :to, sent_at = :at",
            )
            .condition_expression("lease_owner = :owner")
            .expression_attribute_values(":owner", text(&lease.owner))
            .expression_attribute_values(":until", millis(until))
            .expression_attribute_values(":from", text(&sent.from))
            .expression_attribute_values(":to", text(&sent.to))
            .expression_attribute_values(":at", millis(sent.at));
        self.as_owner(update, lease, "announce").await
    }

    /// Makes sure that the partition is still ours. Whoever lost it may not say that something
    /// failed: its new owner may be posting it.
    pub async fn still_ours(&self, lease: &Lease) -> Result<(), StoreError> {
        let update = self
            .lease(lease.shard)
            .update_expression("SET lease_owner = :owner")
            .condition_expression("lease_owner = :owner")
            .expression_attribute_values(":owner", text(&lease.owner));
        self.as_owner(update, lease, "look whose it is").await
    }

    /// Gives the partition back after everything sent was settled.
    pub async fn give_back(&self, lease: &Lease) -> Result<Release, StoreError> {
        let update = self
            .lease(lease.shard)
            .update_expression(
                "SET posted_at = :posted \
                 REMOVE lease_owner, lease_until, sent_from, sent_to, sent_at, tries",
            )
            .condition_expression("lease_owner = :owner AND attribute_not_exists(rung)")
            .expression_attribute_values(":owner", text(&lease.owner))
            .expression_attribute_values(":posted", millis_or_null(lease.posted_at))
            .send()
            .await;
        match update {
            Ok(_) => Ok(Release::Released),
            Err(error) if update_refused(&error) => self.rung_meanwhile(lease).await,
            Err(error) => Err(StoreError::unavailable("ledger", "give back", error)),
        }
    }

    async fn rung_meanwhile(&self, lease: &Lease) -> Result<Release, StoreError> {
        let update = self
            .lease(lease.shard)
            .update_expression("REMOVE rung")
            .condition_expression("lease_owner = :owner")
            .expression_attribute_values(":owner", text(&lease.owner));
        self.as_owner(update, lease, "look again")
            .await
            .map(|()| Release::RungMeanwhile)
    }

    /// Gives the partition back but leaves Odoo alone until then.
    pub async fn rest(&self, lease: &Lease, until: Timestamp) -> Result<(), StoreError> {
        let update = self
            .lease(lease.shard)
            .update_expression(
                "SET resting_until = :until, tries = :tries, posted_at = :posted \
                 REMOVE lease_owner, lease_until, rung, sent_from, sent_to, sent_at",
            )
            .condition_expression("lease_owner = :owner")
            .expression_attribute_values(":owner", text(&lease.owner))
            .expression_attribute_values(":until", millis(until))
            .expression_attribute_values(":tries", to_document(&lease.tries)?)
            .expression_attribute_values(":posted", millis_or_null(lease.posted_at));
        self.as_owner(update, lease, "rest").await
    }

    /// Leaves without giving the partition back, because what was sent may be in Odoo: nobody
    /// sends before the lease has ended. What is known about it is written down.
    pub async fn leave_uncertain(&self, lease: &Lease) -> Result<(), StoreError> {
        let update = self
            .lease(lease.shard)
            .update_expression("SET tries = :tries, posted_at = :posted")
            .condition_expression("lease_owner = :owner")
            .expression_attribute_values(":owner", text(&lease.owner))
            .expression_attribute_values(":tries", to_document(&lease.tries)?)
            .expression_attribute_values(":posted", millis_or_null(lease.posted_at));
        self.as_owner(update, lease, "leave uncertain").await
    }

    fn lease(&self, shard: LaneShard) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(keys::pending(shard), keys::LEASE)))
    }

    async fn as_owner(
        &self,
        update: UpdateItemFluentBuilder,
        lease: &Lease,
        action: &'static str,
    ) -> Result<(), StoreError> {
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) if update_refused(&error) => Err(StoreError::Lost {
                what: format!("the lease of {}", lease.shard),
            }),
            Err(error) => Err(StoreError::unavailable("ledger", action, error)),
        }
    }
}

/// What ends later than this was written by a clock that is wrong: it would keep everybody away for
/// as long as that clock is ahead.
pub(crate) fn too_late(now: Timestamp) -> Timestamp {
    now.checked_add(LONGEST).unwrap_or(Timestamp::MAX)
}

fn millis(instant: Timestamp) -> aws_sdk_dynamodb::types::AttributeValue {
    number(instant.as_millisecond())
}

fn millis_or_null(instant: Option<Timestamp>) -> aws_sdk_dynamodb::types::AttributeValue {
    instant.map_or(aws_sdk_dynamodb::types::AttributeValue::Null(true), millis)
}

pub(crate) fn instant(item: &Item, name: &str) -> Option<Timestamp> {
    Timestamp::from_millisecond(get_number(item, name)?).ok()
}

/// What was sent and not settled.
pub(crate) fn sent(lease: &Item) -> Option<Sent> {
    Some(Sent {
        from: get_text(lease, "sent_from")?.to_owned(),
        to: get_text(lease, "sent_to")?.to_owned(),
        at: instant(lease, "sent_at")?,
    })
}

/// What was tried without success. It only informs people, so what cannot be read is left out.
pub(crate) fn tries(lease: &Item) -> Tries {
    let text = get_text(lease, "tries").unwrap_or("[]");
    serde_json::from_str(text).unwrap_or_default()
}
