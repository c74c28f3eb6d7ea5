//! The table of what happened: chains that only grow.
//!
//! A block is put under the next number of its chain, if nothing is there; two who write at the same
//! time cannot both follow the same block. No role may delete or update one; a put that left the
//! condition out would show as a change.

use aws_sdk_dynamodb::Client;
use domain::Fingerprint;
use domain::audit::{Block, Entry, Head, Kept};
use jiff::Timestamp;

use crate::item::{Item, get_text, key, put_refused, text};
use crate::{Connection, StoreError, compressed, keys};

/// How often somebody who was overtaken tries the next number.
const TRIES: u32 = 40;
/// Among how many of the last blocks one is looked for that may have been written already: as many
/// as others can have put behind it until its writer is asked again.
const RECENT: i32 = 20;
/// How many blocks are read at once.
const PAGE: i32 = 100;

/// The audit.
#[derive(Debug, Clone)]
pub struct Audit {
    client: Client,
    table: String,
}

impl Audit {
    /// The audit in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            client: connection.dynamodb(),
            table: table.into(),
        }
    }

    /// Puts a block behind the last one of a chain. `name` is the same when the same block is put
    /// again; then it stands there once.
    pub async fn append(
        &self,
        chain: &str,
        name: &str,
        entries: &[Entry],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let last = self.last(chain, RECENT).await?;
            if last.iter().any(|item| get_text(item, "name") == Some(name)) {
                return Ok(());
            }
            let head = last.first().map_or(Ok(Head::START), head)?;
            let block = Block {
                chain: chain.to_owned(),
                number: head.number + 1,
                before: head.digest,
                at: now,
                entries: entries.to_vec(),
            };
            if self.put(&block, name).await? {
                return Ok(());
            }
        }
        let what = format!("the end of the chain {chain}");
        Err(StoreError::Lost { what })
    }

    /// The last block of a chain.
    pub async fn head(&self, chain: &str) -> Result<Head, StoreError> {
        let last = self.last(chain, 1).await?;
        last.first().map_or(Ok(Head::START), head)
    }

    /// The blocks of a chain behind a number, as many as are read at once; fewer at the end.
    pub async fn read(&self, chain: &str, after: u64) -> Result<Vec<Kept>, StoreError> {
        self.read_some(chain, after, PAGE).await
    }

    /// The first block of a chain behind a number.
    pub async fn next(&self, chain: &str, after: u64) -> Result<Option<Kept>, StoreError> {
        Ok(self.read_some(chain, after, 1).await?.pop())
    }

    async fn read_some(&self, chain: &str, after: u64, many: i32) -> Result<Vec<Kept>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk > :after")
            .expression_attribute_values(":pk", text(keys::audit(chain)))
            .expression_attribute_values(":after", text(keys::block(after)))
            .limit(many)
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("audit", "read", error))?;
        let items = answer.items.unwrap_or_default();
        items.iter().map(kept).collect()
    }

    /// The number of the last block of a chain that was written before an instant. Blocks are
    /// written in the order of their numbers, so that halving finds it.
    pub async fn written_before(&self, chain: &str, instant: Timestamp) -> Result<u64, StoreError> {
        let (mut before, mut after) = (0, self.head(chain).await?.number + 1);
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            let found = self.next(chain, middle - 1).await?;
            let block = found.and_then(|kept| kept.block().ok());
            match block.is_some_and(|block| block.at < instant) {
                true => before = middle,
                false => after = middle,
            }
        }
        Ok(before)
    }

    async fn put(&self, block: &Block, name: &str) -> Result<bool, StoreError> {
        let text_of_block =
            serde_json::to_string(block).map_err(|error| StoreError::unreadable("audit", error))?;
        let mut item = key(keys::audit(&block.chain), keys::block(block.number));
        let digest = Fingerprint::of(&text_of_block);
        item.insert("digest".to_owned(), text(digest.as_str()));
        item.insert("name".to_owned(), text(name));
        compressed::put(&mut item, compressed::compress(&text_of_block)?);
        let put = self.client.put_item().table_name(&self.table);
        let put = put.set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(pk)");
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if put_refused(&error) => Ok(false),
            Err(error) => Err(StoreError::unavailable("audit", "write", error)),
        }
    }

    /// The last blocks of a chain, the newest first.
    async fn last(&self, chain: &str, many: i32) -> Result<Vec<Item>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(keys::audit(chain)))
            .scan_index_forward(false)
            .limit(many)
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("audit", "look", error))?;
        Ok(answer.items.unwrap_or_default())
    }
}

fn head(item: &Item) -> Result<Head, StoreError> {
    let number = number(item)?;
    let digest = Some(digest(item));
    Ok(Head { number, digest })
}

/// What is unreadable in a block is kept as it is: whoever examines the chain says so.
fn kept(item: &Item) -> Result<Kept, StoreError> {
    Ok(Kept {
        number: number(item)?,
        digest: digest(item),
        text: compressed::text_of(item).unwrap_or_default(),
    })
}

fn digest(item: &Item) -> Fingerprint {
    Fingerprint::kept(get_text(item, "digest").unwrap_or_default())
}

fn number(item: &Item) -> Result<u64, StoreError> {
    let number = get_text(item, "sk").unwrap_or_default();
    number
        .parse()
        .map_err(|error| StoreError::unreadable(format!("audit {number}"), error))
}
