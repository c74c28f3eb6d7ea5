//! Fresh Odoo databases for tests, all on one Odoo that starts when a test first asks.
//!
//! A test connects to the address in [`ADDRESS`] and reads one line of JSON: where its own database
//! is, or why there is none. Making one takes PostgreSQL 0.15 s, and Odoo 0.4 s at the first call.
//!
//! The databases (56 MB each) go with the world, not with their test: on ext4, thousands of files
//! that were just removed make the next database ten times as slow to create.

use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::symlink;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::{Value, json};

use crate::cache::{Cache, at};
use crate::progress::Progress;
use crate::stack::{DATABASE, Installed, OdooWorld, StackError};

/// The environment variable that tells tests the address.
pub const ADDRESS: &str = "TENON_TEST_DATABASES";

/// Where PostgreSQL's complaints go.
const LOG: &str = "databases.log";

/// Gives out databases until it is dropped, which ends Odoo and removes them all.
#[derive(Debug)]
pub struct Databases {
    address: SocketAddr,
    shelf: Arc<Mutex<Shelf>>,
}

impl Databases {
    /// Listens on 127.0.0.1. Nothing is installed or started before a test asks.
    ///
    /// # Errors
    /// When the machine gives no port.
    pub fn offer(cache: &Cache, progress: &Progress) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shelf = Arc::new(Mutex::new(Shelf {
            cache: cache.clone(),
            progress: progress.clone(),
            running: None,
            given: 0,
        }));
        let served = Arc::clone(&shelf);
        // Ends with the process: it holds nothing but the listener.
        thread::spawn(move || {
            for mut test in listener.incoming().flatten() {
                let answer = take(&served).answer();
                // A test that was ended meanwhile needs no answer.
                writeln!(test, "{answer}").ok();
            }
        });
        Ok(Self { address, shelf })
    }

    /// Where tests ask.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        drop(take(&self.shelf).running.take());
    }
}

fn take(shelf: &Mutex<Shelf>) -> std::sync::MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct Shelf {
    cache: Cache,
    progress: Progress,
    running: Option<Running>,
    given: u32,
}

#[derive(Debug)]
struct Running {
    world: OdooWorld,
    /// How PostgreSQL is told to copy files: from 15 on it has a choice, and takes the slower way.
    strategy: &'static str,
}

impl Shelf {
    fn answer(&mut self) -> Value {
        match self.next() {
            Ok((url, database)) => json!({"url": url, "database": database}),
            Err(error) => json!({"error": error.to_string()}),
        }
    }

    /// A new database, as it is after the installation.
    fn next(&mut self) -> Result<(String, String), StackError> {
        let running = match self.running.take() {
            Some(running) => running,
            None => start(&self.cache, &self.progress)?,
        };
        let Running { world, strategy } = self.running.insert(running);
        self.given += 1;
        let name = format!("{DATABASE}_test_{}", self.given);
        let run = world.run_folder();
        let create = format!("CREATE DATABASE {name} TEMPLATE {DATABASE} OWNER odoo {strategy}");
        world.postgres().sql(&create, &run.path(LOG))?;
        // Odoo names a file after its content, so that databases may share them.
        let files = run.path("odoo/filestore").join(&name);
        symlink(DATABASE, &files).map_err(at(&files))?;
        Ok((world.url().to_owned(), name))
    }
}

/// Starts Odoo and then takes its database from it, because PostgreSQL copies only what nobody uses.
fn start(cache: &Cache, progress: &Progress) -> Result<Running, StackError> {
    let installed = Installed::ensure(cache, progress)?;
    let step = progress.step("Start Odoo for the tests that share one");
    let world = OdooWorld::start(&installed)?;
    let log = world.run_folder().path(LOG);
    let postgres = world.postgres();
    postgres.sql(
        &format!("ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS false"),
        &log,
    )?;
    let close = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{DATABASE}'"
    );
    postgres.sql(&close, &log)?;
    step.done();
    let strategy = match installed.postgres.major() {
        ..15 => "",
        _ => "STRATEGY FILE_COPY",
    };
    Ok(Running { world, strategy })
}
