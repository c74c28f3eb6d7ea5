//! The control table: how far each pull has read, and what others keep there.

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::item::{
    Item, document, get_number, get_text, key, number, put_refused, text, to_document,
};
use crate::{Connection, StoreError};

/// How often somebody who was overtaken by another function looks again.
const TRIES: u32 = 40;

/// The cursors in the control table.
#[derive(Debug, Clone)]
pub struct Cursors {
    control: Control,
}

/// Names one stream of one account of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// For example `odoo`.
    pub source: String,
    /// Its account.
    pub account: String,
    /// For example `invoices`.
    pub stream: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Control {
    client: Client,
    table: String,
}

impl Cursors {
    /// The cursors in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            control: Control::new(connection, table),
        }
    }

    /// What the reader of a stream has to remember.
    pub async fn noted<T: DeserializeOwned>(
        &self,
        cursor: &Cursor,
    ) -> Result<Option<T>, StoreError> {
        let item = self.control.get(&cursor.pk(), &cursor.stream).await?;
        item.as_ref().map(document).transpose()
    }

    /// Notes what the reader of a stream has to remember, in place of what it was.
    pub async fn note<T: Serialize>(&self, cursor: &Cursor, noted: &T) -> Result<(), StoreError> {
        let mut item = key(cursor.pk(), &cursor.stream);
        item.insert("doc".to_owned(), to_document(noted)?);
        self.control.put(item).await
    }

    /// How far a stream was read.
    pub async fn read(&self, cursor: &Cursor) -> Result<Option<Timestamp>, StoreError> {
        let item = self.control.get(&cursor.pk(), &cursor.stream).await?;
        let Some(item) = item else { return Ok(None) };
        let text = get_text(&item, "until").unwrap_or_default();
        text.parse()
            .map(Some)
            .map_err(|error| StoreError::unreadable(cursor.pk(), error))
    }

    /// Notes how far a stream was read, after everything up to there was handed on.
    pub async fn advance(&self, cursor: &Cursor, until: Timestamp) -> Result<(), StoreError> {
        let mut item = key(cursor.pk(), &cursor.stream);
        item.insert("until".to_owned(), text(until.to_string()));
        self.control.put(item).await
    }
}

impl Cursor {
    fn pk(&self) -> String {
        format!("cursor#{}#{}", self.source, self.account)
    }
}

impl Control {
    pub(crate) fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            client: connection.dynamodb(),
            table: table.into(),
        }
    }

    pub(crate) async fn get(&self, pk: &str, sk: &str) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(pk, sk)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("control", "read", error))?;
        Ok(answer.item)
    }

    /// Everything under one partition key, which must be a small number of items.
    pub(crate) async fn all(&self, pk: &str) -> Result<Vec<Item>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(pk))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("control", "list", error))?;
        Ok(answer.items.unwrap_or_default())
    }

    pub(crate) async fn put(&self, item: Item) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("control", "write", error))?;
        Ok(())
    }

    /// Writes an item unless there is one with its key; answers whether there was none.
    pub(crate) async fn put_new(&self, item: Item) -> Result<bool, StoreError> {
        self.put_if_still(item, None).await
    }

    /// Changes the document of an item that carries its `revision`, and answers what the change says;
    /// none when others were faster each time. What changes nothing is not written.
    pub(crate) async fn change<D, T>(
        &self,
        pk: &str,
        sk: &str,
        change: impl Fn(&mut D) -> T,
    ) -> Result<Option<T>, StoreError>
    where
        D: Clone + Default + PartialEq + Serialize + DeserializeOwned,
    {
        for _ in 0..TRIES {
            let item = self.get(pk, sk).await?;
            let revision = item.as_ref().and_then(|item| get_number(item, "revision"));
            let known: D = item.as_ref().map(document).transpose()?.unwrap_or_default();
            let mut changed = known.clone();
            let said = change(&mut changed);
            if changed == known {
                return Ok(Some(said));
            }
            let mut item = key(pk, sk);
            item.insert("doc".to_owned(), to_document(&changed)?);
            item.insert("revision".to_owned(), number(revision.unwrap_or(0) + 1));
            if self.put_if_still(item, revision).await? {
                return Ok(Some(said));
            }
        }
        Ok(None)
    }

    /// Writes an item that carries its `revision`, if the one in the table is still the given one,
    /// or if there is none. Answers whether it was.
    pub(crate) async fn put_if_still(
        &self,
        item: Item,
        revision: Option<i64>,
    ) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item));
        let put = match revision {
            Some(revision) => put
                .condition_expression("revision = :revision")
                .expression_attribute_values(":revision", number(revision)),
            None => put.condition_expression("attribute_not_exists(pk)"),
        };
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if put_refused(&error) => Ok(false),
            Err(error) => Err(StoreError::unavailable("control", "write", error)),
        }
    }
}
