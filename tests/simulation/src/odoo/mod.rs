//! Odoo 19 in memory: the part of its JSON-2 API that time needs, with its transactions.
//!
//! <https://www.odoo.com/documentation/19.0/developer/reference/external_api.html>

mod calls;
mod erp;
mod load;
mod wire;

pub use calls::{Call, Said, Snapshot};
pub use erp::{Erp, Fields, LINES, Line};
pub use wire::{SimulatedOdoo, Way};
