//! The functions that ship, in a world that is made up: tables, queues, secrets and an Odoo in
//! memory, and a time that passes as fast as nobody has anything to do.
//!
//! Whatever can go wrong there goes wrong, by chance or as planned, and always the same way for the
//! same seed. Read in this order: [`run`] (one run), [`scenario`] (what happens in it), [`fate`]
//! (what goes wrong), [`oracle`] (what must be true in the end), [`mutant`] (that it can see).

pub mod dice;
mod door;
pub mod entry;
pub mod fate;
pub mod firm;
pub mod fleet;
pub mod logs;
pub mod mutant;
pub mod names;
pub mod odoo;
pub mod oracle;
pub mod people;
pub mod queue;
pub mod run;
pub mod scenario;
pub mod schedules;
pub mod seeds;
mod services;
pub mod table;
pub mod threads;
pub mod trace;
pub mod triggers;
pub mod worker;
pub mod world;
