//! The bell queues of the lanes.

use std::time::Duration;

use domain::{Lane, LaneShard};

use crate::{Bell, Connection, Queue, Rebuild, StoreError};

/// Rings for pending partitions, each lane in its own queue.
#[derive(Debug, Clone)]
pub struct Bells(Vec<(Lane, Queue)>);

impl Bells {
    /// The bell queues at these addresses.
    pub fn new(connection: &Connection, urls: &[(Lane, String)]) -> Self {
        Self(
            urls.iter()
                .map(|(lane, url)| (*lane, Queue::new(connection, url)))
                .collect(),
        )
    }

    /// Says that something may be pending.
    pub async fn ring(&self, shard: LaneShard) -> Result<(), StoreError> {
        self.ring_after(shard, Duration::ZERO).await
    }

    /// Says so later.
    pub async fn ring_after(&self, shard: LaneShard, delay: Duration) -> Result<(), StoreError> {
        self.queue(shard.lane)?
            .send_after(&Bell::new(shard), delay)
            .await
    }

    /// Asks for a lane's part of the ledger to be rebuilt.
    pub async fn rebuild(&self, rebuild: &Rebuild) -> Result<(), StoreError> {
        self.queue(rebuild.lane)?.send(rebuild).await
    }

    fn queue(&self, lane: Lane) -> Result<&Queue, StoreError> {
        let found = self.0.iter().find(|(of, _)| *of == lane);
        found
            .map(|(_, queue)| queue)
            .ok_or_else(|| StoreError::Missing {
                what: format!("the bell queue of lane {}", lane.name()),
                fix: "give this function the queue's address in the template",
            })
    }
}
