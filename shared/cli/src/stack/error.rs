//! Why a world could not be started.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use crate::aws_api::AwsError;
use crate::cache::CacheError;
use crate::deploy::DeployError;
use crate::functions::BuildError;
use crate::install::InstallError;
use crate::process::ToolError;

/// A world could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// A server's program could not be started.
    #[error("{name} could not be started; run `cargo tenon clean` and try again")]
    NotStarted {
        /// The server.
        name: &'static str,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A server ended by itself.
    #[error("{name} ended ({status}); the last lines of {}:\n{tail}", log.display())]
    Ended {
        /// The server.
        name: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// The last lines of its log.
        tail: String,
        /// Its log.
        log: PathBuf,
    },
    /// A server did not answer in time.
    #[error("{name} did not answer within {limit:?}; is the machine very busy? The last lines of {}:\n{tail}", log.display())]
    NotReady {
        /// The server.
        name: &'static str,
        /// How long we waited.
        limit: Duration,
        /// The last lines of its log.
        tail: String,
        /// Its log.
        log: PathBuf,
    },
    /// No connection to an Odoo elsewhere can be made.
    #[error("the forwarder to Odoo cannot be made; are the system's certificates installed?")]
    NoForwarder(#[source] reqwest::Error),
    /// No free port was found.
    #[error("no free port was found on 127.0.0.1; end some servers and try again")]
    NoPort,
    /// The script that fills the template database failed.
    #[error("the Odoo database could not be filled; the last lines of {}:\n{tail}", log.display())]
    Seed {
        /// What Odoo said.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// Something was asked of Odoo while it was stopped.
    #[error("Odoo is stopped; start it first")]
    OdooStopped,
    /// The stack's outputs lack a name.
    #[error("the deployed stack has no output `{0}`; add it to the template's Outputs")]
    NoOutput(String),
    /// The cache folder is not usable.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// A program failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// Something could not be installed.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The functions could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The emulator refused something.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The template could not be deployed.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// A thread of ours ended without a result.
    #[error("the installation or the start was interrupted; try again")]
    Interrupted,
}
