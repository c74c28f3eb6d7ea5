//! A private PostgreSQL server, reachable by a socket of the file system only.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::cache::{self, CacheError, at};
use crate::install::PostgresFiles;
use crate::process;
use crate::stack::child::Server;
use crate::stack::{DATABASE, StackError};

/// The longest path of a socket that the kernel takes, less the socket's own name.
const LONGEST_SOCKET_FOLDER: usize = 80;
/// How long the server may take to start.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A running server. Dropping it shuts it down.
#[derive(Debug)]
pub struct PostgresServer {
    files: PostgresFiles,
    socket: PathBuf,
    // Dropped before the folder is removed in `Drop`.
    server: Option<Server>,
}

impl PostgresServer {
    /// Nothing in a world has to survive a power cut, so nothing waits for the disk.
    pub const SETTINGS: &str = "listen_addresses = ''\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n\
        wal_level = minimal\nmax_wal_senders = 0\nmax_wal_size = 32MB\nmin_wal_size = 8MB\nshared_buffers = 128MB\nmax_connections = 100\n\
        dynamic_shared_memory_type = mmap\nautovacuum = on\ntimezone = 'UTC'\n";

    /// Creates an empty cluster.
    ///
    /// # Errors
    /// When `initdb` fails.
    pub fn create_cluster(
        files: &PostgresFiles,
        cluster: &Path,
        log: &Path,
    ) -> Result<(), StackError> {
        own_folder(cluster)?;
        let mut command = as_database_user(&files.program("initdb"));
        files.prepare(&mut command);
        command.args([
            "--auth=trust",
            "--username=postgres",
            "--locale=C.UTF-8",
            "--encoding=UTF8",
            "--no-sync",
            "--wal-segsize=4",
        ]);
        process::run(
            "creating the database cluster",
            command.arg("--pgdata").arg(cluster),
            log,
        )?;
        let config = cluster.join("postgresql.conf");
        let mut file = process::open_log(&config).map_err(at(&config))?;
        file.write_all(Self::SETTINGS.as_bytes())
            .map_err(at(&config))?;
        Ok(())
    }

    /// Copies a cluster that is shut down. File systems that can share blocks do.
    ///
    /// # Errors
    /// When the copy fails.
    pub fn copy_cluster(from: &Path, to: &Path, log: &Path) -> Result<(), StackError> {
        own_folder(to)?;
        let mut command = as_database_user(Path::new("cp"));
        command
            .args(["--archive", "--reflink=auto", "--no-target-directory"])
            .arg(from)
            .arg(to);
        Ok(process::run("copying the database", &command, log)?)
    }

    /// Starts the server of a cluster.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(files: &PostgresFiles, cluster: &Path, log: &Path) -> Result<Self, StackError> {
        let socket = socket_folder(cluster);
        own_folder(&socket)?;
        let mut command = Command::new(files.program("postgres"));
        files.prepare(&mut command);
        command
            .arg("-D")
            .arg(cluster)
            .arg("-k")
            .arg(&socket)
            .current_dir(cluster);
        let server = Server::start_as("PostgreSQL", database_user(), &command, Signal::INT, log)?;
        let mut started = Self {
            files: files.clone(),
            socket,
            server: Some(server),
        };
        let mut probe = started.client("pg_isready");
        let ready = || process::answer(&mut probe).is_some();
        if let Some(server) = &mut started.server {
            server.wait_until(START_LIMIT, ready)?;
        }
        Ok(started)
    }

    /// The folder of the server's socket, which clients take as host name.
    #[must_use]
    pub fn socket_folder(&self) -> &Path {
        &self.socket
    }

    /// Runs a statement as the database's administrator.
    ///
    /// # Errors
    /// When the statement fails.
    pub fn sql(&self, statement: &str, log: &Path) -> Result<(), StackError> {
        let mut command = self.client("psql");
        command.args([
            "-qX",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            "postgres",
            "-c",
            statement,
        ]);
        Ok(process::run(
            "running a statement in PostgreSQL",
            &command,
            log,
        )?)
    }

    /// The rows of a query on Odoo's database, one line each, with `|` between the columns.
    #[must_use]
    pub fn rows(&self, query: &str) -> Option<String> {
        process::answer(
            self.client("psql")
                .args(["-qAtX", "-d", DATABASE, "-c", query]),
        )
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.files.program(program));
        self.files.prepare(&mut command);
        command.arg("-h").arg(&self.socket).args(["-U", "postgres"]);
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        drop(self.server.take());
        // An empty folder that stays behind does no harm.
        fs::remove_dir_all(&self.socket).ok();
    }
}

/// Beside the cluster if the path is short enough for a socket.
fn socket_folder(cluster: &Path) -> PathBuf {
    let beside = cluster.with_extension("socket");
    if beside.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
        return beside;
    }
    let digest = cache::digest(cluster.as_os_str().as_encoded_bytes());
    let short: String = digest.chars().take(16).collect();
    std::env::temp_dir().join(format!("tenon-{short}"))
}

/// A folder that belongs to the user PostgreSQL runs as.
fn own_folder(folder: &Path) -> Result<(), CacheError> {
    fs::create_dir_all(folder).map_err(at(folder))?;
    if let Some((user, group)) = database_user() {
        chown(folder, Some(user), Some(group)).map_err(at(folder))?;
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(at(folder))
}

/// For root, the user and group that PostgreSQL runs as instead; nothing for anyone else.
fn database_user() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| user(&users, name))
}

/// The user's and group's number in a text like `/etc/passwd`.
fn user(users: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = users
        .lines()
        .map(|line| line.split(':'))
        .find(|fields| fields.clone().next() == Some(name))?
        .skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// A command that runs as the user of PostgreSQL.
fn as_database_user(program: &Path) -> Command {
    let Some((user, group)) = database_user() else {
        return Command::new(program);
    };
    let mut command = Command::new("setpriv");
    command
        .args([
            format!("--reuid={user}"),
            format!("--regid={group}"),
            "--clear-groups".to_owned(),
        ])
        .arg(program);
    // A folder of root's would be closed to it.
    command.current_dir("/");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\nnobody2:x:7:7::/:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\n";
        assert_eq!(user(users, "nobody"), Some((65534, 65533)));
        assert_eq!(user(users, "postgres"), None);
    }

    #[test]
    fn a_socket_never_has_too_long_a_path() {
        let long = PathBuf::from(format!("/{}/cluster", "x".repeat(120)));
        assert!(socket_folder(&long).as_os_str().len() <= LONGEST_SOCKET_FOLDER);
        assert_eq!(
            socket_folder(Path::new("/a/cluster")),
            Path::new("/a/cluster.socket")
        );
    }
}
