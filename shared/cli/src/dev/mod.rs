//! What `tenon dev` does while people change the functions: it [`watch`]es their sources, builds
//! what is affected, and puts the programs that changed into the running world ([`redeploy`]).
//! [`variables`] lets `cargo lambda watch` run them outside of it.

pub mod redeploy;
pub mod variables;
pub mod watch;
