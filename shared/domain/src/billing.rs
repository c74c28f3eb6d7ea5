//! Which time entry and which instalment is on which invoice.
//!
//! A unit is what can be billed once. An allocation is a signed quantity of it on one invoice;
//! what is left to bill is the unit's quantity less its allocations, so a credit gives it back
//! by an allocation of its own and nothing is counted twice.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::command::{Company, OrderLine};
use crate::{Lane, LaneShard, Reference, Version};

/// What can be billed once: the billable hours of a time entry, or an instalment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// The time entry, or the order line of the instalment.
    pub reference: Reference,
    /// The order line that bills it.
    pub line: Reference,
    /// The day of the work, or the day on which the instalment becomes due.
    pub day: Date,
    /// Hours, or one; nothing for time that is not billed.
    pub quantity: Decimal,
    /// What kind of unit.
    pub kind: UnitKind,
    /// The version of the fact that says so.
    #[serde(default)]
    pub version: Version,
}

/// What kind of unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// Billable hours of a time entry.
    Time,
    /// A fixed amount that becomes due.
    Instalment,
}

/// A signed quantity of a unit on one invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The unit.
    pub unit: Reference,
    /// The invoice.
    pub invoice: Reference,
    /// Positive on an invoice, negative on a credit note.
    pub quantity: Decimal,
    /// Without tax, in the order's currency.
    pub amount: Decimal,
}

/// A contract that bills: what the billing run needs to know of a confirmed order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    /// The deal.
    pub order: Reference,
    /// Where it bills.
    pub company: Company,
    /// ISO 4217 code.
    pub currency: String,
    /// Its lines with their pinned prices.
    pub lines: Vec<OrderLine>,
}

impl Contract {
    /// The pending partition of its billing steps.
    pub fn shard(&self) -> LaneShard {
        LaneShard::of(Lane::Billing, &self.order)
    }

    /// The contract's `number`-th invoice.
    pub fn invoice(&self, number: u32) -> Reference {
        invoice_of(&self.order, number)
    }
}

/// The `number`-th invoice of a deal: the deal's id, a slash, and the number.
pub fn invoice_of(deal: &Reference, number: u32) -> Reference {
    Reference::new(
        deal.system(),
        deal.account(),
        "invoice",
        format!("{}/{number}", deal.id()),
    )
}

/// The frozen content of one billing run for one contract. Once written it never changes, so that
/// a run that dies half-way continues with exactly the same entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The contract's invoice number, from 1.
    pub number: u32,
    /// The run that froze it.
    pub run: String,
    /// The last day whose work is in it.
    pub cut_off: Date,
    /// What is billed, unit by unit.
    pub allocations: Vec<Allocation>,
    /// What will be drafted.
    pub draft: crate::command::DraftInvoice,
}
