//! The bell queues of the lanes.

use std::time::Duration;

use domain::{Lane, LaneShard};

use crate::{Bell, Connection, Queue, StoreError};

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
        let queue = self
            .0
            .iter()
            .find(|(lane, _)| *lane == shard.lane)
            .map(|(_, queue)| queue);
        let Some(queue) = queue else {
            return Err(StoreError::Missing {
                what: format!("the bell queue of lane {}", shard.lane.name()),
                fix: "give this function the queue's address in the template",
            });
        };
        queue.send_after(&Bell::new(shard), delay).await
    }
}
