//! Whatever strangers may send, by the million.
//!
//! A [`target::Target`] is one place where a stranger's bytes come in. An [`input::Input`] is made from
//! a sample of it by [`mutate`] with what [`hostile`] knows, and [`run`] looks whether all holds that
//! must. Every input follows from a seed and its number; one that breaks something is kept in a file.

pub mod account;
pub mod canary;
pub mod hostile;
pub mod input;
pub mod mutate;
pub mod proof;
pub mod run;
pub mod samples;
pub mod target;
mod targets;
