//! What can be billed, and what is on which invoice.

use aws_sdk_dynamodb::Client;
use domain::Reference;
use domain::billing::{Allocation, Contract, Manifest, Unit};
use futures::{StreamExt, TryStreamExt};

use crate::item::{Item, document, get_text, key, put_refused, text, to_document};
use crate::{Connection, StoreError, keys};

/// The billing table.
#[derive(Debug, Clone)]
pub struct Billing {
    client: Client,
    table: String,
}

/// Everything the billing table knows of one order, from one strongly consistent query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OrderBook {
    /// What can be billed.
    pub units: Vec<Unit>,
    /// What is on invoices.
    pub allocations: Vec<Allocation>,
    /// The frozen runs, oldest first.
    pub manifests: Vec<Manifest>,
}

impl Billing {
    /// The billing data in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            client: connection.dynamodb(),
            table: table.into(),
        }
    }

    /// Registers a confirmed order. Repeating it changes nothing.
    pub async fn put_contract(&self, contract: &Contract) -> Result<(), StoreError> {
        let mut item = key(
            keys::contracts(contract.company.id),
            contract.order.to_string(),
        );
        item.insert("doc".to_owned(), to_document(contract)?);
        self.put_once(item).await.map(|_| ())
    }

    /// Registers a unit, or what a newer version of its fact makes of it. Repeating it, or an older
    /// version, changes nothing.
    pub async fn put_unit(&self, order: &Reference, unit: &Unit) -> Result<(), StoreError> {
        let mut item = key(keys::order(order), keys::unit(&unit.reference));
        item.insert("doc".to_owned(), to_document(unit)?);
        item.insert("version".to_owned(), text(keys::version(unit.version)));
        let newer = "attribute_not_exists(pk) OR #version < :version";
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(newer)
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":version", text(keys::version(unit.version)))
            .send()
            .await;
        match put {
            Ok(_) => Ok(()),
            Err(error) if put_refused(&error) => Ok(()),
            Err(error) => Err(StoreError::unavailable("billing", "put", error)),
        }
    }

    /// The confirmed orders of a company.
    pub async fn contracts(&self, company: i64) -> Result<Vec<Contract>, StoreError> {
        let items = self.query(keys::contracts(company)).await?;
        items.iter().map(document).collect()
    }

    /// Everything known of one order.
    pub async fn order(&self, order: &Reference) -> Result<OrderBook, StoreError> {
        let mut book = OrderBook::default();
        for item in self.query(keys::order(order)).await? {
            let kind = get_text(&item, "sk").and_then(|sk| sk.split('#').next());
            match kind {
                Some("u") => book.units.push(document(&item)?),
                Some("a") => book.allocations.push(document(&item)?),
                Some("m") => book.manifests.push(document(&item)?),
                _ => return Err(StoreError::unreadable(format!("{kind:?}"), "unknown item")),
            }
        }
        Ok(book)
    }

    /// Freezes a run, then notes its allocations. When this number was frozen before, that
    /// manifest is answered instead and nothing of the offered one is kept.
    pub async fn freeze(&self, manifest: &Manifest) -> Result<Manifest, StoreError> {
        let order = &manifest.draft.order;
        let mut item = key(keys::order(order), keys::manifest(manifest.number));
        item.insert("doc".to_owned(), to_document(manifest)?);
        let frozen = match self.put_once(item).await? {
            true => manifest.clone(),
            false => {
                let frozen = self.manifest(order, manifest.number).await?;
                let gone = || StoreError::unreadable(keys::order(order), "the manifest is gone");
                frozen.ok_or_else(gone)?
            }
        };
        self.allocate(&frozen).await?;
        Ok(frozen)
    }

    /// Writes the allocations of a manifest; an interrupted freeze is completed by repeating it.
    pub async fn allocate(&self, manifest: &Manifest) -> Result<(), StoreError> {
        futures::stream::iter(&manifest.allocations)
            .map(|allocation| async {
                let sk = keys::allocation(&allocation.unit, &allocation.invoice);
                let mut item = key(keys::order(&manifest.draft.order), sk);
                item.insert("doc".to_owned(), to_document(allocation)?);
                self.put_once(item).await
            })
            .buffer_unordered(16)
            .try_collect::<Vec<bool>>()
            .await?;
        Ok(())
    }

    /// The frozen content of an order's invoice.
    pub async fn manifest(
        &self,
        order: &Reference,
        number: u32,
    ) -> Result<Option<Manifest>, StoreError> {
        self.get(order, keys::manifest(number)).await
    }

    /// One unit of an order.
    pub async fn unit(
        &self,
        order: &Reference,
        unit: &Reference,
    ) -> Result<Option<Unit>, StoreError> {
        self.get(order, keys::unit(unit)).await
    }

    /// On which invoices a unit is.
    pub async fn allocations(
        &self,
        order: &Reference,
        unit: &Reference,
    ) -> Result<Vec<Allocation>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :unit)")
            .expression_attribute_values(":pk", text(keys::order(order)))
            .expression_attribute_values(":unit", text(keys::allocations(unit)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("billing", "allocations", error))?;
        answer.items().iter().map(document).collect()
    }

    async fn get<T: serde::de::DeserializeOwned>(
        &self,
        order: &Reference,
        sk: String,
    ) -> Result<Option<T>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(keys::order(order), sk)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("billing", "get", error))?;
        answer.item().map(document).transpose()
    }

    async fn put_once(&self, item: Item) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match put {
            Ok(_) => Ok(true),
            Err(error) if put_refused(&error) => Ok(false),
            Err(error) => Err(StoreError::unavailable("billing", "put", error)),
        }
    }

    async fn query(&self, pk: String) -> Result<Vec<Item>, StoreError> {
        self.client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(pk))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(|error| StoreError::unavailable("billing", "query", error))
    }
}
