//! Approved work as timesheet lines (`account.analytic.line`).
//!
//! An entry becomes one line with the billable hours on its order line, and one line on no order
//! line with what is left of the worked hours: negative when more is billed than was worked.
//! Together they cost the worked hours and deliver the billable ones.
//!
//! [`insert`] is for what was never sent, [`look`] for what may have been, [`change`] for what is
//! there in an older version. Each gives every entry its own outcome, in the order of the entries,
//! and reads back what it wrote.

mod analytic;
mod change;
mod content;
mod found;
mod insert;
mod look;
mod plan;
mod read_back;
mod rows;
mod task;
mod three_way;
mod write;

pub use change::change;
pub use insert::insert;
pub use look::{Look, look};
pub use plan::TimeChange;
pub use rows::TimeRow;
