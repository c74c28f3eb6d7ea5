//! A customer that may be in Odoo already, under another name than ours: how it is found, how its
//! values are compared, and what was decided about it.

mod normal;

pub use normal::{core, domain_of, host, mailbox, tax_number, words};

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Reference;
use crate::policy::{CustomerField, Owner};

/// What helps to find a customer that is in Odoo already. It is no content of the customer: it is
/// never written, and no part of a fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Hints {
    /// Customers of the source that were merged into this one.
    pub also_known_as: Vec<Reference>,
    /// Its domains of web and mail, in lower case, without those where anybody has a mailbox.
    pub domains: BTreeSet<String>,
}

/// Where a customer is, as far as its source says it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Postcode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
}

impl Address {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is remembered of a customer when it was posted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Noted {
    /// For a partner that was taken on: what it had then and nobody of us has written since. It is what
    /// a later change of the source is compared with.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub base: BTreeMap<CustomerField, String>,
    /// Changes of the source that were rejected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<Rejected>,
}

impl Noted {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A change of the source that Odoo did not follow, because the source does not own the field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The field.
    pub field: CustomerField,
    /// Who owns it.
    pub owner: Owner,
    /// The value that Odoo keeps, where that may be told: payment terms by external id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Hints {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which partner in Odoo a customer is, once somebody or a rule has said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What was decided.
    pub identity: Identity,
    /// Who said so: a person as IAM knows them, or the rule in plain words.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What was decided about a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Identity {
    /// It is a partner that was there before.
    Partner {
        /// Its `res.partner` id at the time of the decision.
        id: i64,
    },
    /// It is none of those that are there: a branch, or a member of a group.
    Distinct,
}
