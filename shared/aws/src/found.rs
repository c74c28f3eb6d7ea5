//! Records that were found in Odoo after the ledger was lost.

use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use domain::Record;

use crate::item::put_refused;
use crate::ledger::record_item;
use crate::{Ledger, StoreError};

impl Ledger {
    /// Notes a record that was found in Odoo, in place of what was noted about it before.
    pub async fn note_found(&self, record: &Record) -> Result<(), StoreError> {
        match self.put_found(record)?.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(StoreError::unavailable("ledger", "note found", error)),
        }
    }

    /// Notes a record that was found in Odoo, if nothing was noted about it before.
    pub async fn note_found_once(&self, record: &Record) -> Result<(), StoreError> {
        let put = self.put_found(record)?;
        match put
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(error) if put_refused(&error) => Ok(()),
            Err(error) => Err(StoreError::unavailable("ledger", "note found", error)),
        }
    }

    fn put_found(&self, record: &Record) -> Result<PutItemFluentBuilder, StoreError> {
        let put = self.client.put_item().table_name(&self.table);
        Ok(put.set_item(Some(record_item(record)?)))
    }
}
