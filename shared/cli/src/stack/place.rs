//! Where the Odoo of a world is: ours on this machine, or somebody else's behind a forwarder.

use crate::stack::forwarder::Forwarder;
use crate::stack::{DATABASE, OdooWorld, StackError};

/// An Odoo that is not ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignOdoo {
    /// Its address, such as `https://firm.odoo.com`.
    pub url: String,
    /// The name of its database.
    pub database: String,
}

/// The Odoo of a world.
#[derive(Debug)]
pub(super) enum OdooPlace {
    /// PostgreSQL and Odoo in the run folder.
    Ours(Box<OdooWorld>),
    /// Another one. Only the way to it can be stopped.
    Foreign {
        /// Where it is.
        odoo: ForeignOdoo,
        /// The way to it.
        forwarder: Forwarder,
    },
}

impl OdooPlace {
    /// The address that people open in a browser.
    pub(super) fn url(&self) -> &str {
        match self {
            Self::Ours(world) => world.url(),
            Self::Foreign { odoo, .. } => &odoo.url,
        }
    }

    /// The address that the functions call.
    pub(super) fn address_for_functions(&self) -> &str {
        match self {
            Self::Ours(world) => world.url(),
            Self::Foreign { forwarder, .. } => forwarder.url(),
        }
    }

    pub(super) fn database(&self) -> &str {
        match self {
            Self::Ours(_) => DATABASE,
            Self::Foreign { odoo, .. } => &odoo.database,
        }
    }

    /// Waits until calls are answered; somebody else's Odoo is expected to run.
    pub(super) fn wait(&mut self) -> Result<(), StackError> {
        match self {
            Self::Ours(world) => world.odoo().wait(),
            Self::Foreign { .. } => Ok(()),
        }
    }

    /// Nobody reaches Odoo any more. Nothing happens when it is stopped already.
    pub(super) fn stop(&mut self) {
        match self {
            Self::Ours(world) => world.odoo().stop(),
            Self::Foreign { forwarder, .. } => forwarder.stop(),
        }
    }

    pub(super) fn start_again(&mut self) -> Result<(), StackError> {
        match self {
            Self::Ours(world) => world.odoo().start_again(),
            Self::Foreign { forwarder, .. } => forwarder.start(),
        }
    }
}
