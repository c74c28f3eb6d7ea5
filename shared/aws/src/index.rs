//! What people look up by something else than a key: by state, and by delivery.
//!
//! The indexes are eventually consistent, so no decision is taken from them; the records behind
//! them are read strongly.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use domain::{Record, State};

use crate::item::{Item, get_text, text};
use crate::{Ledger, Pending, StoreError, keys};

/// How many records people are shown at once.
const MOST: i32 = 500;

impl Ledger {
    /// Records that wait for a reference or are held, oldest first.
    pub async fn attention(&self, state: State) -> Result<Vec<Record>, StoreError> {
        let query = self
            .index("attention")
            .key_condition_expression("attention = :state")
            .expression_attribute_values(":state", text(state.name()));
        self.behind(query, "attention").await
    }

    /// The records that a delivery, a billing run or a person's decision brought.
    pub async fn brought_by(&self, correlation: &str) -> Result<Vec<Record>, StoreError> {
        let query = self
            .index("correlation")
            .key_condition_expression("correlation = :correlation")
            .expression_attribute_values(":correlation", text(correlation));
        self.behind(query, "brought by").await
    }

    fn index(&self, name: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .index_name(name)
            .limit(MOST)
    }

    async fn behind(
        &self,
        query: QueryFluentBuilder,
        action: &'static str,
    ) -> Result<Vec<Record>, StoreError> {
        let answer = query
            .send()
            .await
            .map_err(|error| StoreError::unavailable("ledger", action, error))?;
        let pointers = answer
            .items()
            .iter()
            .map(read_record_key)
            .collect::<Result<Vec<_>, _>>()?;
        self.records(&pointers).await
    }
}

fn read_record_key(item: &Item) -> Result<Pending, StoreError> {
    let pk = get_text(item, "pk").unwrap_or_default();
    let sk = get_text(item, "sk").unwrap_or_default();
    let pointer = format!(
        "{}#{}",
        pk.trim_start_matches("r#"),
        sk.trim_start_matches("v#")
    );
    let (reference, version) =
        keys::read_pointer(&pointer).ok_or_else(|| StoreError::unreadable(pk, "not a record"))?;
    Ok(Pending { reference, version })
}
