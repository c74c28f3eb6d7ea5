//! What is pending in a partition and can be posted now.

use aws::Pending;
use domain::{LaneShard, Record};
use tracing::error;

use crate::Post;
use crate::batch::sorted;
use crate::error::PostError;
use crate::piece::{Piece, pieces};

/// How many records are read at once. They go to Odoo in calls of up to 500 rows and are read back
/// together; a worker that dies leaves at most this many to be looked for.
const MOST: i32 = 5_000;

/// What was found after a place of the partition.
#[derive(Debug, Default)]
pub struct Ready {
    /// The last pointer that was read; none when there was none.
    pub last: Option<Pending>,
    /// What can be posted.
    pub pieces: Vec<Piece>,
    /// What is not to be posted any more, and whose pointer is still there.
    pub stale: Vec<Record>,
}

impl Post {
    /// Reads what is pending after a place of the partition.
    pub(crate) async fn ready(
        &self,
        shard: LaneShard,
        after: Option<&Pending>,
    ) -> Result<Ready, PostError> {
        let pointers = self.ledger.pending(shard, after, MOST).await?;
        let Some(last) = pointers.last().cloned() else {
            return Ok(Ready::default());
        };
        let records = self.ledger.records(&pointers).await?;
        self.forget_pointers_to_nothing(shard, &pointers, &records)
            .await?;
        let sorted = sorted(records);
        for (newer, older) in &sorted.following {
            // Before the older one's pointer goes: whoever comes after us must know it, too.
            self.ledger.follow(newer, *older).await?;
        }
        for older in &sorted.overtaken {
            self.ledger.supersede(older).await?;
        }
        // Those who overtake them look for them.
        self.ledger.remove_pending(&sorted.overtaken).await?;
        Ok(Ready {
            last: Some(last),
            pieces: pieces(sorted.newest),
            stale: sorted.stale,
        })
    }

    /// A pointer without a record can only come from a damaged table; it must not be read for ever.
    async fn forget_pointers_to_nothing(
        &self,
        shard: LaneShard,
        pointers: &[Pending],
        records: &[Record],
    ) -> Result<(), PostError> {
        // Both come in the order of references and versions.
        let mut records = records.iter().peekable();
        for pointer in pointers {
            let is_it = |record: &&Record| {
                record.reference == pointer.reference && record.version == pointer.version
            };
            if records.next_if(is_it).is_none() {
                error!(reference = %pointer.reference, version = pointer.version.0, "pending record is not in the ledger");
                self.ledger.forget_pending(shard, pointer).await?;
            }
        }
        Ok(())
    }
}
