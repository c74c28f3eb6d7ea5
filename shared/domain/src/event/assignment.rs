//! Who is to work on what, and when.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Personal;
use crate::{Reference, Version};

/// Somebody's place on a project, as a PSA plans it. It costs and bills nothing: only work does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// Entity `assignment`.
    pub reference: Reference,
    /// When the source last changed it.
    pub version: Version,
    /// The PSA project; none for a plan that names none.
    pub project: Option<Reference>,
    /// The task's id in the source, where it names one.
    pub task: Option<String>,
    /// Who is to work, as the source names members; none while nobody is chosen.
    pub member: Option<Personal>,
    /// In which role, in the source's words.
    pub work_role: Option<String>,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// The hours that are planned in all, as far as the source says them.
    pub hours: Option<Decimal>,
    /// What an hour costs, in the source's currency, where it says so.
    pub cost_rate: Option<Decimal>,
    /// What an hour is billed at, in the source's currency, where it says so.
    pub bill_rate: Option<Decimal>,
    /// Whether it is a possibility, and not agreed yet.
    pub is_tentative: bool,
}
