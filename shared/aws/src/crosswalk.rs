//! Every identifier, from every side.

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{document, key, text, to_document};
use crate::{Connection, StoreError};

/// The crosswalk table.
#[derive(Debug, Clone)]
pub struct Crosswalk {
    client: Client,
    table: String,
}

/// Two identifiers of the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// One of them: a reference, or `odoo#<model>#<id>`.
    pub from: String,
    /// The other.
    pub to: String,
    /// Who or what says so.
    pub by: String,
    /// Since when.
    pub since: Timestamp,
}

impl Crosswalk {
    /// The crosswalk in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            client: connection.dynamodb(),
            table: table.into(),
        }
    }

    /// Writes a link, readable from both sides. Repeating it changes nothing that matters.
    pub async fn link(&self, link: &Link) -> Result<(), StoreError> {
        let back = Link {
            from: link.to.clone(),
            to: link.from.clone(),
            ..link.clone()
        };
        for side in [link, &back] {
            let mut item = key(&side.from, &side.to);
            item.insert("doc".to_owned(), to_document(side)?);
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item))
                .send()
                .await
                .map_err(|error| StoreError::unavailable("crosswalk", "link", error))?;
        }
        Ok(())
    }

    /// What else an identifier is known as.
    pub async fn of(&self, identifier: &str) -> Result<Vec<Link>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(identifier))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("crosswalk", "read", error))?;
        answer.items().iter().map(document).collect()
    }
}
