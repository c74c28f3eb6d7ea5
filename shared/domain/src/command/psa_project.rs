//! A project that a contract gets in a PSA.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Company, Milestone};
use crate::Reference;

/// A confirmed contract gets a project in a PSA. Only what was sold is here; how the PSA wants it is asked
/// of the book when it is created. Its reference is the deal's, entity `psa_project`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatePsaProject {
    /// Where.
    pub company: Company,
    /// The PSA.
    pub source: String,
    /// Its account.
    pub account: String,
    /// The deal whose contract it delivers.
    pub deal: Reference,
    /// The customer in the CRM.
    pub customer: Reference,
    /// Its name.
    pub name: String,
    /// The customer's purchase order number; empty when there is none.
    pub purchase_order: String,
    /// What is sold, one line each.
    pub scope: Vec<String>,
    /// Whether hours are sold.
    pub takes_time: bool,
    /// The hours that are planned, or sold where nobody planned any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Decimal>,
    /// The day of the signature, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// The last day of anything that was sold, where anything has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<Date>,
    /// The order's milestones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub milestones: Vec<Milestone>,
}

/// The name that a deal's project in a PSA is created under.
pub fn psa_project_of(deal: &Reference) -> Reference {
    deal.sibling("psa_project")
}
