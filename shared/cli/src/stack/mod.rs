//! One running world: PostgreSQL and Odoo with a database of their own, the AWS emulator, and our
//! functions deployed in it. Several worlds may run side by side on one machine.

mod child;
mod error;
mod installed;
mod ministack;
mod odoo;
mod ports;
mod postgres;
mod run_folder;
pub mod seed;
mod template;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use error::StackError;
pub use installed::Installed;
pub use ministack::{MiniStack, REGION};
pub use odoo::{OdooServer, OdooSettings, odoo_command};
pub use postgres::PostgresServer;
pub use run_folder::RunFolder;
pub use template::{DATABASE, OdooTemplate};

use crate::aws_api::Aws;
use crate::cache::Cache;
use crate::deploy;
use crate::functions::{self, Built, Profile};
use crate::progress::Progress;

/// How to start a world.
#[derive(Debug, Clone, Default)]
pub struct StackOptions {
    /// How the functions are built.
    pub profile: Profile,
    /// Keep the world's folder (logs, database) after its end.
    pub keep: bool,
    /// Parameters of the template. In a value, `{odoo_url}`, `{odoo_database}` and
    /// `{endpoint_url}` stand for what this world has.
    pub parameters: Vec<(String, String)>,
    /// The template, if not the workspace's `infra/template.yaml`.
    pub template: Option<PathBuf>,
    /// Programs by function name, to be deployed instead of building the workspace's functions.
    pub programs: Option<Vec<(String, PathBuf)>>,
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

/// PostgreSQL and Odoo with a fresh database: what a test of the Odoo client alone needs.
#[derive(Debug)]
pub struct OdooWorld {
    // In the order in which they must end.
    odoo: OdooServer,
    postgres: PostgresServer,
    run: RunFolder,
}

impl OdooWorld {
    /// Starts PostgreSQL on a copy of the template, then Odoo, and waits until it answers calls.
    ///
    /// # Errors
    /// When a server does not start.
    pub fn start(installed: &Installed, keep: bool) -> Result<Self, StackError> {
        let mut world = Self::launch(installed, RunFolder::create(&installed.cache, keep)?)?;
        world.odoo.wait()?;
        Ok(world)
    }

    /// Starts both without waiting for Odoo.
    fn launch(installed: &Installed, run: RunFolder) -> Result<Self, StackError> {
        let cluster = run.path("postgresql");
        let log = run.path("start.log");
        PostgresServer::copy_cluster(&installed.template.cluster, &cluster, &log)?;
        odoo::copy_files(&installed.template.files, &run.path("odoo"), &log)?;
        let postgres =
            PostgresServer::start(&installed.postgres, &cluster, &run.path("postgresql.log"))?;
        let odoo = OdooServer::launch(installed, postgres.socket_folder(), &run)?;
        Ok(Self {
            odoo,
            postgres,
            run,
        })
    }

    /// Odoo's address.
    #[must_use]
    pub fn url(&self) -> &str {
        self.odoo.url()
    }

    /// Odoo, to stop and start it.
    pub const fn odoo(&mut self) -> &mut OdooServer {
        &mut self.odoo
    }

    /// PostgreSQL, to look behind Odoo's back.
    #[must_use]
    pub const fn postgres(&self) -> &PostgresServer {
        &self.postgres
    }

    /// The folder with the logs.
    #[must_use]
    pub const fn run_folder(&self) -> &RunFolder {
        &self.run
    }
}

/// One running world. Dropping it stops everything.
#[derive(Debug)]
pub struct Stack {
    // In the order in which they must end: the functions first, their Odoo after them.
    ministack: MiniStack,
    world: OdooWorld,
    aws: Aws,
    outputs: BTreeMap<String, String>,
}

impl Stack {
    /// Installs and builds what is missing, side by side, starts everything and deploys the template.
    ///
    /// # Errors
    /// When any of it fails; the message says what to do.
    pub async fn start(options: &StackOptions, progress: &Progress) -> Result<Self, StackError> {
        let prepared = {
            let progress = progress.clone();
            let options = options.clone();
            tokio::task::spawn_blocking(move || prepare(&options, &progress))
        };
        let (mut world, ministack, built) =
            prepared.await.map_err(|_| StackError::Interrupted)??;
        let aws = Aws::root(ministack.url());
        let parameters = parameters(&options.parameters, world.url(), ministack.url());
        let step = progress.step(format!("Start Odoo at {}", world.url()));
        let waiting = tokio::task::spawn_blocking(move || {
            world.odoo.wait()?;
            step.done();
            Ok::<_, StackError>(world)
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
        let world = waiting.await.map_err(|_| StackError::Interrupted)??;
        let outputs = outputs?;
        Ok(Self {
            ministack,
            world,
            aws,
            outputs,
        })
    }

    /// Odoo's address, such as `http://127.0.0.1:20017`.
    #[must_use]
    pub fn odoo_url(&self) -> &str {
        self.world.url()
    }

    /// The name of Odoo's database.
    #[must_use]
    pub const fn odoo_database(&self) -> &'static str {
        DATABASE
    }

    /// The address of the AWS emulator.
    #[must_use]
    pub fn endpoint_url(&self) -> &str {
        self.ministack.url()
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

    /// Stops Odoo. Nothing happens when it is stopped already.
    pub fn stop_odoo(&mut self) {
        self.world.odoo.stop();
    }

    /// Ends Odoo as a crash would.
    pub fn kill_odoo(&mut self) {
        self.world.odoo.kill();
    }

    /// Starts Odoo again at the same address and waits until it answers.
    ///
    /// # Errors
    /// When it does not.
    pub fn start_odoo(&mut self) -> Result<(), StackError> {
        self.world.odoo.start_again()
    }

    /// PostgreSQL and Odoo.
    #[must_use]
    pub const fn world(&self) -> &OdooWorld {
        &self.world
    }
}

/// Installs, builds, and starts the servers; whatever does not depend on each other side by side.
fn prepare(
    options: &StackOptions,
    progress: &Progress,
) -> Result<(OdooWorld, MiniStack, Built), StackError> {
    std::thread::scope(|scope| {
        let built = scope.spawn(|| match &options.programs {
            Some(programs) => Built::given(programs),
            None => functions::build(options.profile, progress),
        });
        // Said at once: the compiler beside it may work on for minutes before this can end.
        let installed = Installed::ensure(&Cache::locate()?, progress)
            .inspect_err(|error| progress.warn(&error.to_string()))?;
        let step = progress.step("Start PostgreSQL and the AWS emulator");
        let run = RunFolder::create(&installed.cache, options.keep)?;
        let (folder, files) = (run.path("aws"), installed.ministack.clone());
        let ministack = scope.spawn(move || MiniStack::start(&files, &folder));
        let world = OdooWorld::launch(&installed, run)?;
        let ministack = ministack.join().map_err(|_| StackError::Interrupted)??;
        step.done();
        let built = built.join().map_err(|_| StackError::Interrupted)??;
        Ok((world, ministack, built))
    })
}

fn parameters(
    wanted: &[(String, String)],
    odoo_url: &str,
    endpoint_url: &str,
) -> Vec<(String, String)> {
    let fill = |value: &String| {
        value
            .replace("{odoo_url}", odoo_url)
            .replace("{odoo_database}", DATABASE)
            .replace("{endpoint_url}", endpoint_url)
    };
    wanted
        .iter()
        .map(|(name, value)| (name.clone(), fill(value)))
        .collect()
}
