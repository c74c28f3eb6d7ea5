//! Trouble that ends by itself, but has not for so long that a person must look.

use aws::{Partition, StoreError};
use domain::judge::Objection;
use domain::{ExceptionClass, LaneShard, Reference, Version};
use jiff::{SignedDuration, Timestamp};
use tracing::warn;

use crate::Sweep;

/// Nobody is called for an evening's maintenance of Odoo; what takes longer is none.
const TOO_LONG: SignedDuration = SignedDuration::from_hours(4);
/// Who looks.
const OWNER: &str = "operations";
/// The exception's code.
const CODE: &str = "waits_too_long";
/// How many pending records are looked at for the oldest.
const LOOKED_AT: i32 = 500;

impl Sweep {
    /// Raises an exception for each partition whose oldest record is pending for too long, and
    /// closes it when that is over. `seen` are the partitions in which something is pending.
    pub(crate) async fn tell_who_waits_too_long(
        &self,
        seen: &[LaneShard],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut late = Vec::new();
        for shard in seen {
            let partition = self.ledger.partition(*shard, LOOKED_AT).await?;
            if let Some(since) = since_too_long(&partition, now) {
                late.push(reference(*shard));
                self.raise(*shard, &partition, since, now).await?;
            }
        }
        for open in self.exceptions.open(&[OWNER]).await? {
            if open.code == CODE && !late.contains(&open.reference) {
                self.exceptions.resolve(&open.reference).await?;
            }
        }
        Ok(())
    }

    async fn raise(
        &self,
        shard: LaneShard,
        partition: &Partition,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let answer = partition.tries.last().map(|last| last.answer.clone());
        let objection = Objection {
            code: CODE,
            class: ExceptionClass::Transient,
            sentence: format!("Records of {shard} wait for Odoo since {since}"),
            items: answer.into_iter().collect(),
            fix: "See tenon status; the records go on by themselves when Odoo does".to_owned(),
            owner: OWNER,
        };
        // The same wait is one question, a later one another.
        let version = Version::at(since);
        let exception = objection.raise(reference(shard), version, now, String::new());
        warn!(%shard, %since, "records wait for Odoo for too long");
        self.exceptions.raise(&exception).await
    }
}

/// Since when the oldest waits, if that is too long.
fn since_too_long(partition: &Partition, now: Timestamp) -> Option<Timestamp> {
    partition
        .oldest
        .filter(|oldest| now.duration_since(*oldest) > TOO_LONG)
}

/// A partition as what an exception is about.
fn reference(shard: LaneShard) -> Reference {
    Reference::new("tenon", "odoo", "partition", shard.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_hours_are_not_too_long_and_a_minute_more_is() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let pending = |minutes: i64| Partition {
            oldest: Some(now - SignedDuration::from_mins(minutes)),
            ..Partition::default()
        };
        assert_eq!(since_too_long(&Partition::default(), now), None);
        assert_eq!(since_too_long(&pending(240), now), None);
        assert!(since_too_long(&pending(241), now).is_some());
    }
}
