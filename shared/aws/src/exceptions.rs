//! What people must decide.

use std::cmp::Ordering;

use aws_sdk_dynamodb::Client;
use domain::{Exception, Reference, Version};

use crate::item::{Item, document, get_text, key, put_refused, text, to_document};
use crate::{Connection, StoreError};

/// The exceptions table.
#[derive(Debug, Clone)]
pub struct Exceptions {
    client: Client,
    table: String,
}

impl Exceptions {
    /// The exceptions in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            client: connection.dynamodb(),
            table: table.into(),
        }
    }

    /// Raises an exception. The same question about the same version stays one exception, and is
    /// open again when it was closed; a newer version's answer replaces the older one's, never the
    /// other way round.
    pub async fn raise(&self, exception: &Exception) -> Result<(), StoreError> {
        let mut item = key(exception.reference.to_string(), &exception.code);
        item.insert("doc".to_owned(), to_document(exception)?);
        item.insert("version".to_owned(), text(exception.version.to_string()));
        item.insert("open_owner".to_owned(), text(&exception.owner));
        item.insert(
            "raised_at".to_owned(),
            text(exception.raised_at.to_string()),
        );
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(
                "attribute_not_exists(pk) OR version < :version \
                 OR (version = :version AND attribute_exists(resolved))",
            )
            .expression_attribute_values(":version", text(exception.version.to_string()))
            .send()
            .await;
        match put {
            Err(error) if !put_refused(&error) => {
                Err(StoreError::unavailable("exceptions", "raise", error))
            }
            _ => Ok(()),
        }
    }

    /// Closes every open exception about a reference, because its cause is gone.
    pub async fn resolve(&self, reference: &Reference) -> Result<(), StoreError> {
        for item in &self.items(reference).await? {
            self.resolve_one(reference, item).await?;
        }
        Ok(())
    }

    /// Closes what was asked about a version of a reference or about older ones. What a newer one
    /// made somebody ask stays open.
    pub async fn resolve_up_to(
        &self,
        reference: &Reference,
        version: Version,
    ) -> Result<(), StoreError> {
        self.resolve_where(reference, |about, _| about <= version.to_string().as_str())
            .await
    }

    /// The same, but not one question about this version: it may have been raised a moment ago by
    /// somebody who knew more.
    pub async fn resolve_but(
        &self,
        reference: &Reference,
        code: &str,
        version: Version,
    ) -> Result<(), StoreError> {
        let version = version.to_string();
        let closes = |about: &str, asked: &str| match about.cmp(&version) {
            Ordering::Less => true,
            Ordering::Equal => asked != code,
            Ordering::Greater => false,
        };
        self.resolve_where(reference, closes).await
    }

    async fn resolve_where(
        &self,
        reference: &Reference,
        closes: impl Fn(&str, &str) -> bool,
    ) -> Result<(), StoreError> {
        for item in &self.items(reference).await? {
            let about = get_text(item, "version").unwrap_or_default();
            if closes(about, get_text(item, "sk").unwrap_or_default()) {
                self.resolve_one(reference, item).await?;
            }
        }
        Ok(())
    }

    async fn resolve_one(&self, reference: &Reference, item: &Item) -> Result<(), StoreError> {
        let Some(code) = get_text(item, "sk").filter(|_| item.contains_key("open_owner")) else {
            return Ok(());
        };
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(reference.to_string(), code)))
            .update_expression("REMOVE open_owner SET resolved = :yes")
            .expression_attribute_values(":yes", text("yes"))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("exceptions", "resolve", error))?;
        Ok(())
    }

    /// The open exceptions about a reference. Strongly consistent.
    pub async fn of(&self, reference: &Reference) -> Result<Vec<Exception>, StoreError> {
        let items = self.items(reference).await?;
        let open = items.iter().filter(|item| item.contains_key("open_owner"));
        open.map(document).collect()
    }

    async fn items(&self, reference: &Reference) -> Result<Vec<Item>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(reference.to_string()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("exceptions", "read", error))?;
        Ok(answer.items.unwrap_or_default())
    }

    /// The open exceptions of some roles, oldest first. For people: eventually consistent.
    pub async fn open(&self, owners: &[&str]) -> Result<Vec<Exception>, StoreError> {
        let mut open = Vec::new();
        for owner in owners {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("open")
                .key_condition_expression("open_owner = :owner")
                .expression_attribute_values(":owner", text(*owner))
                .send()
                .await
                .map_err(|error| StoreError::unavailable("exceptions", "open", error))?;
            for item in answer.items() {
                open.push(document(item)?);
            }
        }
        Ok(open)
    }
}
