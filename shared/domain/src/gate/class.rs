//! Who calls Odoo, and what share of the calls each may count on.

use serde::{Deserialize, Serialize};

use crate::Lane;

/// A kind of caller, in the order of precedence when two are equally entitled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Invoices.
    Billing,
    /// Customers, contracts, projects, links.
    Master,
    /// Time, expenses and costs.
    Work,
    /// What a source wants to know of Odoo.
    Feedback,
    /// What changed in Odoo, and whether both sides agree.
    Reconcile,
    /// Questions of people.
    People,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 6] = [
        Self::Billing,
        Self::Master,
        Self::Work,
        Self::Feedback,
        Self::Reconcile,
        Self::People,
    ];

    /// The name in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Billing => "billing",
            Self::Master => "master",
            Self::Work => "work",
            Self::Feedback => "feedback",
            Self::Reconcile => "reconcile",
            Self::People => "people",
        }
    }

    /// The percentage of calls that it gets when every class wants more than there is. What one
    /// does not use, the others get.
    pub const fn share(self) -> u64 {
        match self {
            Self::Billing => 30,
            Self::Master | Self::Work => 25,
            Self::Reconcile => 10,
            Self::Feedback | Self::People => 5,
        }
    }
}

impl From<Lane> for Class {
    fn from(lane: Lane) -> Self {
        match lane {
            Lane::Master => Self::Master,
            Lane::Work => Self::Work,
            Lane::Billing => Self::Billing,
        }
    }
}
