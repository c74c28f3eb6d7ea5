//! Plays a story that a consultant wrote: the functions that ship, on a real Odoo, with an AWS in
//! memory, stand-ins for the CRMs and PSAs, and a clock that the story moves.
//!
//! Read in this order: [`format`](mod@format) (what a story may say), [`stage`] (what it is played
//! with), `act` (what happens in a step), `rest` (how the functions come to rest), `look`
//! (what is expected), [`play`](mod@play).

mod act;
mod book;
pub mod cloud;
mod deliver;
pub mod document;
pub mod format;
pub mod functions;
mod json;
mod log;
mod look;
pub mod people;
pub mod play;
pub mod report;
mod rest;
pub mod stage;
pub mod standins;
pub mod value;
