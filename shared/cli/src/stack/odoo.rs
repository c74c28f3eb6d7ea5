//! The Odoo server of one world.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::cache::{CacheError, at};
use crate::install::OdooFiles;
use crate::process;
use crate::stack::child::Server;
use crate::stack::ministack::answers;
use crate::stack::ports::Port;
use crate::stack::{DATABASE, RunFolder, StackError, seed};

/// How long Odoo may take until it answers the first call, which loads its registry.
const START_LIMIT: Duration = Duration::from_secs(240);
/// How long one call may take during the start.
const ASK_LIMIT: Duration = Duration::from_secs(60);

/// What an Odoo process needs to know.
#[derive(Debug)]
pub struct OdooSettings<'a> {
    /// Its own files (attachments, sessions).
    pub files: &'a Path,
    /// The folder of PostgreSQL's socket.
    pub socket: &'a Path,
    /// The port it listens on, if it is to listen.
    pub port: Option<u16>,
    /// Where its configuration file is written.
    pub config: &'a Path,
}

impl OdooSettings<'_> {
    /// Writes the configuration file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, odoo: &OdooFiles) -> Result<(), CacheError> {
        let port = self
            .port
            .map_or_else(String::new, |port| format!("http_port = {port}\n"));
        let text = format!(
            "[options]\naddons_path = {}\ndata_dir = {}\ndb_host = {}\ndb_user = odoo\ndb_maxconn = 32\n\
             dbfilter = ^{DATABASE}(_test_[0-9]+)?$\nlist_db = False\nhttp_interface = 127.0.0.1\n{port}\
             server_wide_modules = base,rpc,web\nmax_cron_threads = 0\n",
            odoo.addons().display(),
            self.files.display(),
            self.socket.display(),
        );
        fs::write(self.config, text).map_err(at(self.config))
    }
}

/// An Odoo command on our database; `before` are the words before its options, such as `shell`.
#[must_use]
pub fn odoo_command(odoo: &OdooFiles, settings: &OdooSettings<'_>, before: &[&str]) -> Command {
    let mut command = Command::new(&odoo.python);
    command
        .args(["-m", "odoo"])
        .args(before)
        .arg("-c")
        .arg(settings.config)
        .args(["-d", DATABASE]);
    command
        .env("PYTHONPATH", &odoo.folder)
        .env_remove("PYTHONHOME")
        .env_remove("ODOO_RC")
        .env_remove("PGUSER");
    command
        .env_remove("PGPASSWORD")
        .env_remove("PGPORT")
        .env("LANG", "C.UTF-8")
        .current_dir(&odoo.folder);
    command
}

/// Copies Odoo's own files from the template.
pub fn copy_files(from: &Path, to: &Path, log: &Path) -> Result<(), StackError> {
    fs::create_dir_all(to).map_err(at(to))?;
    if from.exists() {
        let mut command = Command::new("cp");
        command
            .args(["--archive", "--reflink=auto", "--no-target-directory"])
            .arg(from)
            .arg(to);
        process::run("copying Odoo's files", &command, log)?;
    }
    Ok(())
}

/// A server that can be stopped and started at the same address.
#[derive(Debug)]
pub struct OdooServer {
    odoo: OdooFiles,
    files: PathBuf,
    socket: PathBuf,
    config: PathBuf,
    log: PathBuf,
    url: String,
    // In the order in which they must end.
    server: Option<Server>,
    port: Port,
}

impl OdooServer {
    /// Starts Odoo on a free port of 127.0.0.1; [`OdooServer::wait`] tells when it answers.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn launch(odoo: &OdooFiles, socket: &Path, run: &RunFolder) -> Result<Self, StackError> {
        let port = Port::reserve()?;
        let mut odoo = Self {
            odoo: odoo.clone(),
            files: run.path("odoo"),
            socket: socket.to_owned(),
            config: run.path("odoo.conf"),
            log: run.path("odoo.log"),
            url: format!("http://127.0.0.1:{}", port.number()),
            server: None,
            port,
        };
        odoo.settings().write(&odoo.odoo)?;
        odoo.server = Some(odoo.spawn()?);
        Ok(odoo)
    }

    fn settings(&self) -> OdooSettings<'_> {
        OdooSettings {
            files: &self.files,
            socket: &self.socket,
            port: Some(self.port.number()),
            config: &self.config,
        }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops it as an administrator would.
    pub fn stop(&mut self) {
        drop(self.server.take());
    }

    /// Starts it, unless it runs, and waits until it answers calls.
    ///
    /// # Errors
    /// When it does not.
    pub fn start_again(&mut self) -> Result<(), StackError> {
        if self.server.is_some() {
            return Ok(());
        }
        self.server = Some(self.spawn()?);
        self.wait()
    }

    /// Waits until it answers calls.
    ///
    /// # Errors
    /// When it ends, or does not answer in time.
    pub fn wait(&mut self) -> Result<(), StackError> {
        let port = self.port.number();
        let server = self.server.as_mut().ok_or(StackError::OdooStopped)?;
        server.wait_until(START_LIMIT, || {
            answers(port, "/web/health") && answers_calls(port)
        })
    }

    fn spawn(&self) -> Result<Server, StackError> {
        let command = odoo_command(&self.odoo, &self.settings(), &[]);
        Server::start("Odoo", &command, Signal::TERM, &self.log)
    }
}

/// True when a call with an API key is answered with 200: the registry is loaded then.
fn answers_calls(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(ASK_LIMIT))?;
        write!(
            stream,
            "POST /json/2/res.users/context_get HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nAuthorization: bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}",
            seed::MASTER.key
        )?;
        let mut start = [0_u8; 12];
        stream.read_exact(&mut start)?;
        Ok(start.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}
