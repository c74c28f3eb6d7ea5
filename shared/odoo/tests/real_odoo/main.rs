//! Every flow on a real Odoo. Run by `cargo tenon test`, which starts one.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on shall stop"
)]

mod both_ways;
mod chain;
mod doctor;
mod edges;
mod errors;
mod logged_time;
#[path = "../support/mod.rs"]
mod support;
