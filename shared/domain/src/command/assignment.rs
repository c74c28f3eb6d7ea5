//! A place on a project as it is kept here. Odoo Community has no planning, so that nothing of it goes
//! to Odoo.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Reference;
use crate::event::Personal;

/// Somebody's place on a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeepAssignment {
    /// The PSA project.
    pub project: Reference,
    /// The task's id in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Who is to work, as the source names members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Personal>,
    /// External id of the employee in Odoo, where the book knows the member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employee: Option<String>,
    /// The role in the source's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_role: Option<String>,
    /// The book's service that the role is billed as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// The hours that are planned in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Decimal>,
    /// What an hour costs, in the source's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_rate: Option<Decimal>,
    /// What an hour is billed at, in the source's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_rate: Option<Decimal>,
    /// Whether it is a possibility, and not agreed yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_tentative: bool,
    /// Whether its source has it no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_gone: bool,
}
