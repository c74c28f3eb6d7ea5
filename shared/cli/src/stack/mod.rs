//! One running world: PostgreSQL and Odoo with a database of their own, the AWS emulator, and our
//! functions deployed in it. Several worlds may run side by side on one machine.

mod child;
mod error;
mod forwarder;
mod installed;
mod ministack;
mod odoo;
mod place;
mod ports;
mod postgres;
mod prepare;
mod run_folder;
pub mod seed;
mod template;
mod world;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

pub use error::StackError;
pub use installed::Installed;
pub use ministack::MiniStack;
pub use odoo::{OdooServer, OdooSettings, odoo_command};
pub use place::ForeignOdoo;
pub use postgres::PostgresServer;
pub use run_folder::{RunFolder, is_alive};
pub use seed::DATABASE;
pub use template::OdooTemplate;
pub use world::OdooWorld;

use crate::aws_api::Aws;
use crate::deploy;
use crate::functions::{Profile, Workspace};
use crate::progress::Progress;
use crate::stack::forwarder::Forwarder;
use crate::stack::place::OdooPlace;
use crate::stack::prepare::{Prepared, logs_stay, prepare};

/// How to start a world.
#[derive(Debug, Clone, Default)]
pub struct StackOptions {
    /// How the functions are built.
    pub profile: Profile,
    /// Parameters of the template. In a value, `{odoo_url}`, `{odoo_database}` and
    /// `{endpoint_url}` stand for what this world has.
    pub parameters: Vec<(String, String)>,
    /// The template, if not the workspace's `infra/template.yaml`.
    pub template: Option<PathBuf>,
    /// Programs by function name, to be deployed instead of building the workspace's functions.
    pub programs: Option<Vec<(String, PathBuf)>>,
    /// An Odoo that is not ours, to be used instead of starting one.
    pub foreign: Option<ForeignOdoo>,
}

impl StackOptions {
    /// For the workspace's own template: its parameters without a default are this world's Odoo.
    #[must_use]
    pub fn standard() -> Self {
        let parameter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let parameters = vec![
            parameter("OdooUrl", "{odoo_url}"),
            parameter("OdooDatabase", "{odoo_database}"),
        ];
        Self {
            parameters,
            ..Self::default()
        }
    }

    /// With one more parameter of the template.
    #[must_use]
    pub fn with(mut self, parameter: &str, value: &str) -> Self {
        self.parameters
            .push((parameter.to_owned(), value.to_owned()));
        self
    }
}

/// One running world. Dropping it stops everything.
#[derive(Debug)]
pub struct Stack {
    // In the order in which they must end: the functions first, their Odoo after them.
    ministack: MiniStack,
    odoo: OdooPlace,
    run: Arc<RunFolder>,
    workspace: Workspace,
    aws: Aws,
    outputs: BTreeMap<String, String>,
}

impl Stack {
    /// Installs and builds what is missing, side by side, starts everything and deploys the template.
    ///
    /// # Errors
    /// When any of it fails; the message says what to do. The logs stay then.
    pub async fn start(options: &StackOptions, progress: &Progress) -> Result<Self, StackError> {
        let prepared = {
            let progress = progress.clone();
            let options = options.clone();
            tokio::task::spawn_blocking(move || prepare(&options, &progress))
        };
        let prepared = prepared.await.map_err(|_| StackError::Interrupted)??;
        let run = Arc::clone(&prepared.run);
        let started = Self::deploy(prepared, options, progress).await;
        started.inspect_err(|_| logs_stay(&run, progress))
    }

    /// Deploys the functions while Odoo starts.
    async fn deploy(
        prepared: Prepared,
        options: &StackOptions,
        progress: &Progress,
    ) -> Result<Self, StackError> {
        let Prepared {
            ministack,
            world,
            built,
            run,
        } = prepared;
        let mut odoo = place(world, options)?;
        let aws = Aws::root(ministack.url());
        let parameters = parameters(&options.parameters, &odoo, ministack.url());
        let step = progress.step(format!("Start Odoo at {}", odoo.url()));
        let waiting = tokio::task::spawn_blocking(move || {
            odoo.wait()?;
            step.done();
            Ok::<_, StackError>(odoo)
        });
        let step = progress.step(format!(
            "Deploy {} functions to {}",
            built.len(),
            ministack.url()
        ));
        let outputs = deploy::deploy(&aws, &built, options.template.as_deref(), &parameters).await;
        if outputs.is_ok() {
            step.done();
        }
        // Both are awaited whatever happens, so that nothing is left running behind an error.
        let odoo = waiting.await.map_err(|_| StackError::Interrupted)??;
        let outputs = outputs?;
        Ok(Self {
            ministack,
            odoo,
            run,
            workspace: built.workspace,
            aws,
            outputs,
        })
    }

    /// Odoo's address, such as `http://127.0.0.1:20017`.
    #[must_use]
    pub fn odoo_url(&self) -> &str {
        self.odoo.url()
    }

    /// The name of Odoo's database.
    #[must_use]
    pub fn odoo_database(&self) -> &str {
        self.odoo.database()
    }

    /// The address of the AWS emulator.
    #[must_use]
    pub fn endpoint_url(&self) -> &str {
        self.ministack.url()
    }

    /// The workspace whose functions are deployed.
    #[must_use]
    pub const fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The folder with the logs.
    #[must_use]
    pub fn run_folder(&self) -> &RunFolder {
        &self.run
    }

    /// A client that may do everything in the emulated account.
    #[must_use]
    pub const fn aws(&self) -> &Aws {
        &self.aws
    }

    /// What the deployed template gave back.
    #[must_use]
    pub const fn outputs(&self) -> &BTreeMap<String, String> {
        &self.outputs
    }

    /// One output of the deployed template.
    ///
    /// # Errors
    /// When the template has no such output.
    pub fn output(&self, name: &str) -> Result<&str, StackError> {
        self.outputs
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| StackError::NoOutput(name.to_owned()))
    }

    /// The address of a deployed REST API on the emulator, without a slash at the end. `output` names
    /// an output that holds its id or its address on AWS.
    ///
    /// # Errors
    /// When the template has no such output.
    pub fn api_url(&self, output: &str) -> Result<String, StackError> {
        Ok(deploy::local_api_url(
            self.endpoint_url(),
            self.output(output)?,
        ))
    }

    /// The address that webhooks are sent to: [`Stack::api_url`] of the output `ApiUrl`.
    ///
    /// # Errors
    /// When the template has no such output.
    pub fn intake_url(&self) -> Result<String, StackError> {
        self.api_url("ApiUrl")
    }

    /// Keeps the logs when the world ends, because something failed in it, and says where.
    pub fn keep_logs(&self, progress: &Progress) {
        logs_stay(&self.run, progress);
    }

    /// Stops Odoo, or the way to it where it is not ours. Nothing happens when it is stopped already.
    pub fn stop_odoo(&mut self) {
        self.odoo.stop();
    }

    /// Starts Odoo again at the same address and waits until it answers.
    ///
    /// # Errors
    /// When it does not.
    pub fn start_odoo(&mut self) -> Result<(), StackError> {
        self.odoo.start_again()
    }
}

/// Where Odoo is: the world that was started, or the forwarder to somebody else's.
fn place(world: Option<OdooWorld>, options: &StackOptions) -> Result<OdooPlace, StackError> {
    match (world, &options.foreign) {
        (Some(world), _) => Ok(OdooPlace::Ours(Box::new(world))),
        (None, Some(odoo)) => Ok(OdooPlace::Foreign {
            odoo: odoo.clone(),
            forwarder: Forwarder::open(&odoo.url)?,
        }),
        (None, None) => Err(StackError::OdooStopped),
    }
}

fn parameters(
    wanted: &[(String, String)],
    odoo: &OdooPlace,
    endpoint_url: &str,
) -> Vec<(String, String)> {
    let fill = |value: &String| {
        value
            .replace("{odoo_url}", odoo.address_for_functions())
            .replace("{odoo_database}", odoo.database())
            .replace("{endpoint_url}", endpoint_url)
    };
    wanted
        .iter()
        .map(|(name, value)| (name.clone(), fill(value)))
        .collect()
}
