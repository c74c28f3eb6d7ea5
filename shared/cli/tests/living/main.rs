//! The command as people use it: what it leaves running, what it finds again, what it ends.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod command;
mod elsewhere;
mod events;
mod kept;
mod stopped;
