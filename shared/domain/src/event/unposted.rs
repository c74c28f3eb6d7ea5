//! Facts that are read and kept, and that nothing is posted for yet.
//!
//! They carry what their flow will decide by, and nothing more about a person than that: no name,
//! no address, no reason of an absence.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Approval, BillingOption, Personal};
use crate::{Reference, Version};

/// Money that somebody spent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expense {
    /// Entity `expense`.
    pub reference: Reference,
    /// When the source last changed it.
    pub version: Version,
    /// The PSA project; none for what is on no project.
    pub project: Option<Reference>,
    /// Who spent it, as the source names members.
    pub member: Option<Personal>,
    /// The civil day on which it was spent.
    pub date: Date,
    /// What it cost, with tax as far as the source knows it.
    pub amount: Decimal,
    /// ISO 4217 code; none where the source leaves it to the account.
    pub currency: Option<String>,
    /// What kind of cost, in the source's words.
    pub category: Option<String>,
    /// Whether the source wants it billed.
    pub billing: BillingOption,
    /// Where it stands in the source's approval.
    pub approval: Approval,
    /// The source's own word for that.
    pub status: String,
    /// What it was for, as written by the one who spent it.
    pub notes: Personal,
}

/// Somebody who works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Entity `person`.
    pub reference: Reference,
    /// When the source last changed it.
    pub version: Version,
    /// Whether they work here, in the source's words.
    pub status: Option<String>,
}

/// Days on which somebody does not work. Why is nobody's business here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeOff {
    /// Entity `time_off`.
    pub reference: Reference,
    /// When the source last changed it.
    pub version: Version,
    /// Who is absent: entity `person`.
    pub person: Reference,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Where it stands in the source's approval.
    pub approval: Approval,
    /// The source's own word for that.
    pub status: String,
}

/// A customer's request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Entity `ticket`.
    pub reference: Reference,
    /// When the source last changed it.
    pub version: Version,
    /// Where it stands, in the source's words.
    pub status: String,
}
