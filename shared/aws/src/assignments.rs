//! Who is to work on what: kept beside the work list, by project.

use domain::command::{Command, CreateOrder, KeepAssignment};
use domain::{Reference, Version};
use serde::{Deserialize, Serialize};

use crate::item::{Item, document, get_text, key, put_refused, text, to_document};
use crate::{Ledger, StoreError, keys};

/// An assignment as it was kept last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptAssignment {
    /// Its name.
    pub reference: Reference,
    /// Which state of it this is.
    pub version: Version,
    /// What it says.
    pub assignment: KeepAssignment,
}

impl Ledger {
    /// Keeps an assignment in place of an older state of it; one that is gone is taken away.
    pub async fn keep_assignment(&self, kept: &KeptAssignment) -> Result<(), StoreError> {
        let project = &kept.assignment.project;
        if kept.assignment.is_gone {
            return self.forget_assignment(project, &kept.reference).await;
        }
        // First the project, so that no assignment is there which nobody finds.
        self.put_item(key(keys::ASSIGNED, project.to_string()))
            .await?;
        let mut item = key(keys::assignments(project), kept.reference.to_string());
        item.insert("version".to_owned(), text(kept.version.to_string()));
        item.insert("doc".to_owned(), to_document(kept)?);
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR version <= :version")
            .expression_attribute_values(":version", text(kept.version.to_string()))
            .send()
            .await;
        match put {
            Err(error) if !put_refused(&error) => {
                Err(StoreError::unavailable("ledger", "keep assignment", error))
            }
            _ => Ok(()),
        }
    }

    /// Takes an assignment away from a project.
    pub async fn forget_assignment(
        &self,
        project: &Reference,
        assignment: &Reference,
    ) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key(
                keys::assignments(project),
                assignment.to_string(),
            )))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("ledger", "forget assignment", error))?;
        Ok(())
    }

    /// The assignments of a project. Strongly consistent.
    pub async fn assignments(
        &self,
        project: &Reference,
    ) -> Result<Vec<KeptAssignment>, StoreError> {
        let items = self.items(keys::assignments(project)).await?;
        items.iter().map(document).collect()
    }

    /// Every project that was assigned to somebody. Strongly consistent.
    pub async fn assigned_projects(&self) -> Result<Vec<Reference>, StoreError> {
        let items = self.items(keys::ASSIGNED.to_owned()).await?;
        let project = |item: &Item| {
            let name = get_text(item, "sk").unwrap_or_default();
            name.parse()
                .map_err(|error| StoreError::unreadable(name, error))
        };
        items.iter().map(project).collect()
    }

    /// The contract that a PSA project is linked to, as it is in Odoo: its deal and what was sold.
    pub async fn contract_of(
        &self,
        project: &Reference,
    ) -> Result<Option<(Reference, CreateOrder)>, StoreError> {
        let link = self
            .posted(project)
            .await?
            .and_then(|record| record.command);
        let Some(Command::LinkProject(link)) = link else {
            return Ok(None);
        };
        let order = self
            .posted(&link.deal)
            .await?
            .and_then(|record| record.command);
        Ok(match order {
            Some(Command::CreateOrder(order)) => Some((link.deal, order)),
            Some(_) | None => None,
        })
    }

    pub(crate) async fn put_item(&self, item: Item) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("ledger", "put", error))?;
        Ok(())
    }

    pub(crate) async fn items(&self, pk: String) -> Result<Vec<Item>, StoreError> {
        let pages = self
            .pointer_query(pk, keys::LEASE.to_owned())
            .into_paginator()
            .items()
            .send();
        pages
            .try_collect()
            .await
            .map_err(|error| StoreError::unavailable("ledger", "items", error))
    }
}
