//! Input that means no good, or comes from a program that is wrong: through intake's own handler, as
//! the gateway calls it, and through validate's, as its queue does, over an AWS in memory.
//!
//! The faults have the numbers of `docs/faults.md`.

mod bodies;
mod dates;
mod desk;
mod door;
mod leaks;
mod numbers;
mod orders;
mod signatures;
mod texts;
