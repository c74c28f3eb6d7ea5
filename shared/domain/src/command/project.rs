//! A PSA project and the project in Odoo that it stands for.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Company;
use crate::Reference;
use crate::book::ProjectState;

/// Who earns the price of an order line, beside its project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earned {
    /// The order line.
    pub line: Reference,
    /// External ids of the cost centres' analytic accounts, with the share of each in percent; together
    /// 100.
    pub shares: BTreeMap<String, Decimal>,
}

/// A PSA project stands for a project in Odoo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkProject {
    /// Where.
    pub company: Company,
    /// The deal whose project it is.
    pub deal: Reference,
    /// Who or what made the link: `steward` or `deal id in the project`.
    pub by: String,
}

/// Where a PSA project stands, and what Odoo's project takes over from it. Its reference is the
/// project's, entity `project_state`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowProject {
    /// The PSA project.
    pub project: Reference,
    /// Where it stands; none where the book does not say what the PSA's words mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ProjectState>,
    /// While it is closed: the last day of work on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<Date>,
    /// External id of the stage that Odoo's project goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Its name, where Odoo's project is called as the PSA's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its code, where Odoo's analytic account has it as its reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl FollowProject {
    /// The last day of work on it, while it is closed.
    pub fn last_day(&self) -> Option<Date> {
        self.closed_on
            .filter(|_| self.state == Some(ProjectState::Closed))
    }
}
