//! Posting to Odoo 19 over its external JSON-2 API; [`older`] is all that knows of Odoo 14 to 18.
//!
//! Read in this order: [`wire`] (a request and its answer), [`client`] (one call), [`error`] (what a failure means), [`load`] (create
//! once, under an external id), `isolate` (bad rows do not hold the good ones), then one file per flow: [`customer`], [`order`], [`project`],
//! [`time`], [`invoice`]. [`status`] reads back what became of the invoices; [`doctor`] examines
//! an Odoo before it is used, and [`survey`] lists what a first book can name.
//!
//! **Rules of this crate:** every flow can be repeated and then returns the same ids and changes
//! nothing; every flow reads back what it wrote and reports what differs; business methods are
//! called only after their state was read; one call names one company.

mod amounts;
mod answer;
pub mod batch_size;
mod chosen_pricelist;
pub mod client;
mod compare;
mod context;
mod cost_center;
mod credit;
mod currency;
pub mod customer;
pub mod delivered;
mod differences;
pub mod doctor;
mod earned;
pub mod error;
mod exchange;
mod external;
mod gate;
pub mod invoice;
mod invoice_rows;
mod isolate;
mod key;
pub mod load;
pub mod memory;
mod milestones;
pub mod older;
pub mod order;
pub mod order_change;
mod order_check;
pub mod ours;
pub mod project;
pub mod project_adopt;
pub mod project_change;
mod project_maker;
pub mod project_state;
mod project_template;
mod project_values;
pub mod status;
pub mod survey;
mod tax_check;
mod terms;
pub mod time;
mod unit_check;
pub mod wire;

pub use client::{LastStart, Odoo, OdooConfig};
pub use context::Context;
pub use error::OdooError;
pub use gate::NoGate;
pub use key::ApiKey;
pub use memory::Memory;
pub use older::OlderWire;
pub use wire::{HttpWire, Wire};
