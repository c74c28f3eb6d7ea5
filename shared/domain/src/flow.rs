//! Flows: the kinds of business that a firm can hold back, put off or switch on, each for itself.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Reference;

/// A kind of business on its way to Odoo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Companies with their billing contacts.
    Customers,
    /// Orders, their confirmations and cancellations.
    Contracts,
    /// Projects, and which project of a PSA stands for which.
    Projects,
    /// Approved work.
    Time,
    /// Invoices, step by step.
    Invoices,
    /// Who is to work on what; kept here, and not in Odoo.
    Assignments,
}

impl Flow {
    /// Every flow, in the order in which business passes them.
    pub const ALL: [Self; 6] = [
        Self::Customers,
        Self::Contracts,
        Self::Projects,
        Self::Time,
        Self::Invoices,
        Self::Assignments,
    ];

    /// Its name in the book, on the command line and in keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Contracts => "contracts",
            Self::Projects => "projects",
            Self::Time => "time",
            Self::Invoices => "invoices",
            Self::Assignments => "assignments",
        }
    }

    /// Whether Odoo keeps drafts of what it makes: orders and invoices.
    pub const fn has_drafts(self) -> bool {
        matches!(self, Self::Contracts | Self::Invoices)
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What holds a record of a flow back before it may go to Odoo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// The flow's next turn; it comes by itself, or when a person says so.
    Schedule,
    /// The flow is off.
    Off,
    /// The flow is only watched.
    Shadow,
    /// The flow leaves drafts in Odoo, and this would be more.
    Draft,
}

impl Hold {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Schedule, Self::Off, Self::Shadow, Self::Draft];

    /// Its name in keys and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Off => "off",
            Self::Shadow => "shadow",
            Self::Draft => "draft",
        }
    }

    /// The reference that stands for it: what is held back waits for this, and nothing is ever
    /// posted under it.
    pub fn of(self, flow: Flow) -> Reference {
        Reference::new(SYSTEM, ACCOUNT, self.name(), flow.name())
    }

    /// What a reference holds back, if it stands for such a thing.
    pub fn read(reference: &Reference) -> Option<(Self, Flow)> {
        if (reference.system(), reference.account()) != (SYSTEM, ACCOUNT) {
            return None;
        }
        let hold = Self::ALL
            .into_iter()
            .find(|hold| hold.name() == reference.entity())?;
        let flow = Flow::ALL
            .into_iter()
            .find(|flow| flow.name() == reference.id())?;
        Some((hold, flow))
    }

    /// Why a record of the flow does not go on, in a sentence for people.
    pub fn reason(self, flow: Flow) -> String {
        match self {
            Self::Schedule => format!("waits for the next turn of the flow {flow}"),
            Self::Off => format!("the flow {flow} is off"),
            Self::Shadow => format!("the flow {flow} is in shadow: this would have been posted"),
            Self::Draft => format!("the flow {flow} leaves drafts: a person goes on from there"),
        }
    }
}

const SYSTEM: &str = "tenon";
const ACCOUNT: &str = "flow";

/// That a record is held back by its flow, now or as soon as what it stands on is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// The flow.
    pub flow: Flow,
    /// What holds it back.
    pub by: Hold,
    /// Since when, in UTC. A newer version takes this over from the one that it supersedes, so that
    /// many changes do not put a turn off for ever.
    pub since: Timestamp,
    /// What else must be posted first, once the flow lets it go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Reference>,
}

impl HeldBack {
    /// The reference that it waits for.
    pub fn reference(&self) -> Reference {
        self.by.of(self.flow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_back_is_read_from_its_reference_and_from_no_other() {
        for hold in Hold::ALL {
            for flow in Flow::ALL {
                assert_eq!(Hold::read(&hold.of(flow)), Some((hold, flow)));
            }
        }
        let of_a_source = Reference::new("hubspot", "flow", "schedule", "time");
        assert_eq!(Hold::read(&of_a_source), None);
    }
}
