//! A database cluster in which Odoo's modules are installed and our users, people and products
//! exist. Every running world starts as a copy of it, which takes less than a second.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cache::{Cache, at};
use crate::install::{OdooFiles, PostgresFiles};
use crate::process;
use crate::progress::Progress;
use crate::stack::{OdooSettings, PostgresServer, StackError, odoo_command, seed};

/// Installed in the template; what they depend on comes with them.
const MODULES: &str = "contacts,crm,sale_management,sale_crm,project,sale_project,hr_timesheet,sale_timesheet,account,base_vat";

/// Runs in Odoo's shell once the modules are installed.
const SEED: &str = include_str!("seed.py");

/// Where to find the template.
#[derive(Debug, Clone)]
pub struct OdooTemplate {
    /// The database cluster, cleanly shut down.
    pub cluster: PathBuf,
    /// Odoo's own files (attachments), to be copied with the cluster.
    pub files: PathBuf,
}

/// Makes the template if it is not there.
pub fn ensure(
    cache: &Cache,
    odoo: &OdooFiles,
    postgres: &PostgresFiles,
    progress: &Progress,
) -> Result<OdooTemplate, StackError> {
    let major = postgres.major();
    let script = format!("{}\n{SEED}", seed::as_python());
    let recipe = format!(
        "{}\npostgresql {major}\n{MODULES}\n{script}\n{}",
        odoo.recipe,
        PostgresServer::SETTINGS
    );
    let component = cache.database_component("odoo-template", &recipe);
    component.ensure(progress, |folder| {
        make(cache, odoo, postgres, folder, &script, progress)
    })?;
    let folder = component.folder();
    Ok(OdooTemplate {
        cluster: folder.join("cluster"),
        files: folder.join("files"),
    })
}

fn make(
    cache: &Cache,
    odoo: &OdooFiles,
    postgres: &PostgresFiles,
    folder: &Path,
    script: &str,
    progress: &Progress,
) -> Result<(), StackError> {
    let step = progress.step("Make the Odoo database (modules, users, products)");
    let log = cache.log("odoo-template");
    fs::remove_file(&log)
        .or_else(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                Ok(())
            } else {
                Err(error)
            }
        })
        .map_err(at(&log))?;
    let cluster = folder.join("cluster");
    PostgresServer::create_cluster(postgres, &cluster, &log)?;
    let server = PostgresServer::start(postgres, &cluster, &cache.log("odoo-template-postgresql"))?;
    server.sql("CREATE ROLE odoo LOGIN CREATEDB", &log)?;
    let settings = OdooSettings {
        files: &folder.join("files"),
        socket: server.socket_folder(),
        port: None,
        config: &folder.join("odoo.conf"),
    };
    settings.write(odoo)?;
    step.now("installing the modules");
    let mut install = odoo_command(odoo, &settings, &[]);
    install.args([
        "--no-http",
        "--stop-after-init",
        "--log-level=warn",
        "-i",
        MODULES,
    ]);
    process::run("installing Odoo's modules", &install, &log)?;
    step.now("users, people and products");
    let mut shell = odoo_command(odoo, &settings, &["shell"]);
    shell.args(["--no-http", "--log-level=warn"]);
    process::run_with_input("filling the Odoo database", &shell, script.as_bytes(), &log)?;
    seeded(&log)?;
    drop(server);
    step.done();
    Ok(())
}

/// Odoo's shell ends with success even when a script in it failed.
fn seeded(log: &Path) -> Result<(), StackError> {
    let said = fs::read_to_string(log).map_err(at(log))?;
    if said
        .lines()
        .any(|line| line.contains("tenon: database is ready"))
    {
        return Ok(());
    }
    Err(StackError::Seed {
        log: log.to_owned(),
        tail: process::tail(log),
    })
}
