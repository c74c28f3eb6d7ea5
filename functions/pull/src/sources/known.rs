//! Which records a source had when it was read, so that a deleted one is missed.
//!
//! The ids are spread over a fixed number of items of the control table. Each has when its record was
//! last changed, and when a walk last saw it.

use std::collections::BTreeMap;

use aws::{Cursor, Cursors, StoreError};
use jiff::Timestamp;

/// How many items hold the ids of one stream. One has room for ten thousand.
const ITEMS: u32 = 64;

/// Milliseconds: when a record was last changed, and when a walk last saw it.
type Seen = (i64, i64);

/// The ids of one stream, as far as this run has looked at them.
pub struct Known<'a> {
    cursors: &'a Cursors,
    stream: &'a Cursor,
    items: BTreeMap<u32, BTreeMap<String, Seen>>,
}

impl<'a> Known<'a> {
    /// Nothing looked at yet.
    pub const fn of(cursors: &'a Cursors, stream: &'a Cursor) -> Self {
        Self {
            cursors,
            stream,
            items: BTreeMap::new(),
        }
    }

    /// Notes that a walk which began then saw a record. Answers whether it is new, or was changed.
    pub async fn see(
        &mut self,
        id: &str,
        changed: Timestamp,
        walk: Timestamp,
    ) -> Result<bool, StoreError> {
        let seen = (changed.as_millisecond(), walk.as_millisecond());
        let before = self.item(item_of(id)).await?.insert(id.to_owned(), seen);
        Ok(before.is_none_or(|(changed, _)| changed != seen.0))
    }

    /// The records that changed since then and that the walk which began at `walk` did not see. Older
    /// ones are forgotten.
    pub async fn missing(
        &mut self,
        since: Timestamp,
        walk: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        let (since, walk) = (since.as_millisecond(), walk.as_millisecond());
        let mut missing = Vec::new();
        for number in 0..ITEMS {
            let item = self.item(number).await?;
            item.retain(|_, (changed, _)| *changed >= since);
            let unseen = item.iter().filter(|(_, (_, seen))| *seen < walk);
            missing.extend(unseen.map(|(id, _)| id.clone()));
        }
        Ok(missing)
    }

    /// A record that is gone, or that is not asked about again.
    pub async fn forget(&mut self, id: &str) -> Result<(), StoreError> {
        self.item(item_of(id)).await?.remove(id);
        Ok(())
    }

    /// Writes what was looked at.
    pub async fn keep(&self) -> Result<(), StoreError> {
        for (number, ids) in &self.items {
            self.cursors.note(&self.place(*number), ids).await?;
        }
        Ok(())
    }

    async fn item(&mut self, number: u32) -> Result<&mut BTreeMap<String, Seen>, StoreError> {
        if !self.items.contains_key(&number) {
            let noted = self.cursors.noted(&self.place(number)).await?;
            self.items.insert(number, noted.unwrap_or_default());
        }
        Ok(self.items.entry(number).or_default())
    }

    fn place(&self, number: u32) -> Cursor {
        Cursor {
            stream: format!("{}#{number:02}", self.stream.stream),
            ..self.stream.clone()
        }
    }
}

fn item_of(id: &str) -> u32 {
    let mix = |sum: u32, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte));
    id.bytes().fold(7, mix) % ITEMS
}
