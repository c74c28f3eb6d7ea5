//! Who agreed to a contract that several people have to confirm.
//!
//! One item per person and version of the deal in the control table: what somebody agreed to is not
//! what the deal says later.

use domain::{Reference, Version};
use jiff::Timestamp;

use crate::control::Control;
use crate::item::{get_text, key, text};
use crate::person::distinct;
use crate::{Connection, StoreError, keys};

/// The agreements in the control table.
#[derive(Debug, Clone)]
pub struct Agreements {
    control: Control,
}

impl Agreements {
    /// The agreements in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            control: Control::new(connection, table),
        }
    }

    /// Notes that somebody agrees to a version of a deal. Answers how many people do by now.
    pub async fn agree(
        &self,
        deal: &Reference,
        version: Version,
        by: &str,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let pk = keys::agreements(deal);
        let mut item = key(&pk, keys::agreement(version, by));
        item.insert("by".to_owned(), text(by));
        item.insert("at".to_owned(), text(now.to_string()));
        self.control.put_new(item).await?;
        let of_version = keys::agreement(version, "");
        let items = self.control.all(&pk).await?;
        let of_version = items.iter().filter(|item| {
            let sort = get_text(item, "sk").unwrap_or_default();
            sort.starts_with(&of_version)
        });
        Ok(distinct(of_version.filter_map(|item| get_text(item, "by"))))
    }
}
