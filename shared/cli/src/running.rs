//! What people need to know about a running world: a file in its run folder that only they can read.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::aws_api::Credentials;
use crate::cache::{Cache, CacheError, at};
use crate::ending;
use crate::stack::{RunFolder, is_alive};

/// The file's name.
const FILE: &str = "world.json";
/// How long a world may take to end.
const LIMIT: Duration = Duration::from_secs(40);
/// How often we look.
const LOOK: Duration = Duration::from_millis(50);

/// A running world that people may ask something.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunningWorld {
    /// The command that started it, such as `tenon dev`.
    pub command: String,
    /// The process that ends everything when it ends.
    pub process: i32,
    /// The folder of the workspace whose functions run.
    pub checkout: PathBuf,
    /// When it was ready.
    pub started_at: Timestamp,
    /// Odoo's address.
    pub odoo_url: String,
    /// The name of Odoo's database.
    pub odoo_database: String,
    /// The AWS emulator's address.
    pub endpoint_url: String,
    /// Where webhooks and people call.
    pub api_url: String,
    /// Who may use the console there.
    pub person: Person,
    /// Who may use it too, so that one person's work can be approved by another one.
    pub approver: Person,
}

/// A person's credentials. They are worth nothing outside the emulator.
#[derive(Clone, Serialize, Deserialize)]
pub struct Person {
    /// The IAM user.
    pub name: String,
    /// The access key's id.
    pub access_key_id: String,
    /// The access key's secret.
    pub secret_access_key: String,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Person({})", self.name)
    }
}

impl Person {
    /// To sign requests with.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials::new(&self.access_key_id, &self.secret_access_key, None)
    }
}

/// The folder of the workspace that this command was built from.
#[must_use]
pub fn this_checkout() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    folder.ancestors().nth(2).unwrap_or(folder).to_owned()
}

impl RunningWorld {
    /// Writes the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, run: &RunFolder) -> Result<(), CacheError> {
        let (file, draft) = (run.path(FILE), run.path("world.draft"));
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        let write = || {
            let mut options = fs::OpenOptions::new();
            options.create_new(true).write(true).mode(0o600);
            options.open(&draft)?.write_all(text.as_bytes())?;
            fs::rename(&draft, &file)
        };
        write().map_err(at(&file))
    }

    /// All that run from this cache and that people may ask, with their run folders.
    #[must_use]
    pub fn all(cache: &Cache) -> Vec<(PathBuf, Self)> {
        let read = |folder: PathBuf| {
            let text = fs::read_to_string(folder.join(FILE)).ok()?;
            Some((folder, serde_json::from_str(&text).ok()?))
        };
        let running = RunFolder::running(cache).into_iter();
        let mut worlds: Vec<(PathBuf, Self)> = running.filter_map(read).collect();
        worlds.sort_by_key(|(_, world)| world.started_at);
        worlds
    }

    /// Those of one checkout.
    #[must_use]
    pub fn of(cache: &Cache, checkout: &Path) -> Vec<(PathBuf, Self)> {
        let mut all = Self::all(cache);
        all.retain(|(_, world)| world.checkout == checkout);
        all
    }

    /// Ends it as Ctrl-C would, and waits until it is gone. False when it does not go.
    #[must_use]
    pub fn end(&self, folder: &Path) -> bool {
        let Some(process) = Pid::from_raw(self.process) else {
            return false;
        };
        if is_alive(folder) {
            // Gone between two looks is as good.
            kill_process(process, Signal::TERM).ok();
        }
        let began = Instant::now();
        while is_alive(folder) || ending::is_running(process) {
            if began.elapsed() > LIMIT {
                return false;
            }
            thread::sleep(LOOK);
        }
        true
    }
}
