//! Every flow on a real Odoo. Run by `cargo tenon test`, which starts one.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on shall stop"
)]

mod agreements;
mod amendments;
mod bad_rows;
mod both_ways;
mod chain;
mod changed_customers;
mod changed_time;
mod contracts;
mod doctor;
mod duplicates;
mod earned;
mod edges;
mod errors;
mod logged_time;
mod looks;
mod many_changes;
mod projects_by_odoo;
#[path = "../support/mod.rs"]
mod support;
mod survey;
