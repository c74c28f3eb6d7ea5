//! One budget of calls for one Odoo, shared by everything that calls it.
//!
//! Read in this order: [`class`] (who calls, and what share each may count on), [`budget`] (how
//! much may be called), [`state`] (what the callers know of each other, and who is let in),
//! [`breaker`] (when nobody is, because Odoo does not answer or asked to be left alone) and
//! [`keeper`] (the port through which a call is asked for).
//!
//! The state is one small value. Whoever calls Odoo reads it, decides, and writes it back only if
//! nobody else did in between. So everything here is a pure decision about that value.

pub mod breaker;
pub mod budget;
pub mod class;
pub mod keeper;
pub mod state;
#[cfg(test)]
mod tests;

pub use breaker::{Breaker, Closed, Went};
pub use budget::Budget;
pub use class::Class;
pub use keeper::{Entering, Gatekeeper, Leaving, NotNow, Pass};
pub use state::{Asker, Decision, Gate, Minute};
