//! The canonical words of planning-to-cash, and the rules that decide what may reach Odoo.
//!
//! Read in this order: [`delivery`] (what a source sent), [`event`] (a fact, in our words),
//! [`book`] (what the firm configured), [`judge`] (the only maker of commands), [`command`]
//! (permission to change Odoo), [`record`] (what became of it, version by version) and
//! [`billing`] (which time and which instalment is on which invoice). [`gate`] stands beside them:
//! how often Odoo may be called, and by whom.
//!
//! **Rule of this crate:** no I/O, no clock, no environment, no AWS types. Time and identity are
//! parameters, so that every rule can be tried with a table of examples.

pub mod audit;
pub mod billing;
pub mod book;
pub mod command;
pub mod customer;
pub mod decimal_text;
pub mod delivery;
pub mod event;
pub mod exception;
pub mod feedback;
pub mod fingerprint;
pub mod flow;
pub mod gate;
pub mod judge;
pub mod lane;
pub mod limits;
pub mod next_step;
pub mod policy;
pub mod record;
pub mod reference;
pub mod retry_after;
pub mod version;

pub use decimal_text::DecimalText;
pub use exception::{Exception, ExceptionClass};
pub use fingerprint::Fingerprint;
pub use flow::{Flow, Hold};
pub use lane::{Lane, LaneShard};
pub use next_step::NextStep;
pub use record::{Record, State};
pub use reference::Reference;
pub use retry_after::retry_after;
pub use version::Version;
