//! Which partner in Odoo a customer is, where somebody or a rule has decided it.
//!
//! One item per customer in the control table, written before Odoo is asked to follow it.

use domain::Reference;
use domain::customer::Decision;

use crate::control::Control;
use crate::item::{document, key, to_document};
use crate::{Connection, StoreError, keys};

/// The decisions in the control table.
#[derive(Debug, Clone)]
pub struct Identities {
    control: Control,
}

impl Identities {
    /// The decisions in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            control: Control::new(connection, table),
        }
    }

    /// What was decided about a customer.
    pub async fn of(&self, customer: &Reference) -> Result<Option<Decision>, StoreError> {
        let pk = keys::identity(customer);
        let item = self.control.get(&pk, keys::DECISION).await?;
        item.as_ref().map(document).transpose()
    }

    /// A person decides; it takes the place of what was decided before.
    pub async fn decide(
        &self,
        customer: &Reference,
        decision: &Decision,
    ) -> Result<(), StoreError> {
        let mut item = key(keys::identity(customer), keys::DECISION);
        item.insert("doc".to_owned(), to_document(decision)?);
        self.control.put(item).await
    }

    /// A rule decides, unless somebody has decided before; answers whether it was the first.
    pub async fn decide_first(
        &self,
        customer: &Reference,
        decision: &Decision,
    ) -> Result<bool, StoreError> {
        let mut item = key(keys::identity(customer), keys::DECISION);
        item.insert("doc".to_owned(), to_document(decision)?);
        self.control.put_new(item).await
    }
}
