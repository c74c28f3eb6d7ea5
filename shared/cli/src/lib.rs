//! Everything that installs, starts and stops the real parts of Tenon on one machine, without
//! Docker and without an AWS account.
//!
//! Read in this order: [`cache`] (where things are kept), [`install`] (what is kept there),
//! [`stack`] (one running world: PostgreSQL, Odoo, the AWS emulator), [`functions`] and
//! [`deploy`] (our functions in that world), [`aws_api`] (how to talk to it), [`commands`].
//!
//! **Rule of this crate:** whatever it starts ends with it, and nothing it installs leaves the cache
//! folder, except system packages that only the machine's own package manager can provide.

pub mod aws_api;
pub mod cache;
pub mod commands;
pub mod deploy;
pub mod dev;
pub mod door;
pub mod ending;
pub mod env;
pub mod functions;
pub mod install;
pub mod odoo_keys;
pub mod process;
pub mod progress;
pub mod running;
pub mod stack;
pub mod standin;
pub mod story;
