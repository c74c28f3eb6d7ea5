//! The process behind `tenon demo --keep`: it holds the running world after the command has returned.
//!
//! The command starts it as a session of its own, so that Ctrl-C reaches only the command, and holds
//! one end of a socket. If the command dies before the keeper has said that it is ready, the keeper
//! hears the socket close and ends everything.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Signal, getpid, kill_process};
use rustix::stdio;

use crate::commands::CommandError;
use crate::process::open_log;

/// The hidden subcommand that the keeper runs instead of `demo`, with the same options.
const SUBCOMMAND: &str = "keep";

/// The keeper as the command sees it. What the keeper starts is below the command until it is ready,
/// so a signal to the command ends it as well.
#[derive(Debug)]
pub struct Keeper {
    child: Child,
    socket: UnixStream,
}

impl Keeper {
    /// Starts it with our own options.
    pub fn start() -> Result<Self, CommandError> {
        let (socket, its_end) = UnixStream::pair().map_err(CommandError::NoKeeper)?;
        let program = std::env::current_exe().map_err(CommandError::NoKeeper)?;
        let child = Command::new(program)
            .arg(SUBCOMMAND)
            // After our own name and the subcommand.
            .args(std::env::args_os().skip(2))
            .stdin(Stdio::from(OwnedFd::from(its_end)))
            .spawn()
            .map_err(CommandError::NoKeeper)?;
        Ok(Self { child, socket })
    }

    /// Waits until it is ready and has left the terminal.
    pub async fn until_ready(mut self) -> Result<(), CommandError> {
        let ended = tokio::task::spawn_blocking(move || {
            let ready = matches!(self.socket.read(&mut [0]), Ok(1));
            if ready { None } else { Some(self.child.wait()) }
        });
        match ended.await.map_err(|_| CommandError::Interrupted)? {
            None => Ok(()),
            // It has said itself what was wrong.
            Some(_) => Err(CommandError::Told),
        }
    }
}

/// The keeper's own end of the socket: its standard input.
#[derive(Debug)]
pub struct Detachment {
    socket: UnixStream,
    detached: Arc<AtomicBool>,
}

impl Detachment {
    /// Leaves the command's session, and ends us when the command dies before we are ready.
    pub fn prepare() -> Result<Self, CommandError> {
        rustix::process::setsid().map_err(|error| CommandError::NoKeeper(error.into()))?;
        let copy = || rustix::io::dup(stdio::stdin()).map(UnixStream::from);
        let socket = copy().map_err(|error| CommandError::NoKeeper(error.into()))?;
        let mut listening = copy().map_err(|error| CommandError::NoKeeper(error.into()))?;
        let detached = Arc::new(AtomicBool::new(false));
        let now = Arc::clone(&detached);
        std::thread::spawn(move || {
            // The command never writes: whatever comes is the end.
            listening.read_exact(&mut [0]).ok();
            if !now.load(Ordering::SeqCst) {
                kill_process(getpid(), Signal::TERM).ok();
            }
        });
        Ok(Self { socket, detached })
    }

    /// Leaves the terminal, then tells the command that we are ready.
    pub fn detach(mut self, log: &Path) -> Result<(), CommandError> {
        let nothing = File::open("/dev/null").map_err(CommandError::NoKeeper)?;
        let log = open_log(log).map_err(CommandError::NoKeeper)?;
        let onto = || {
            stdio::dup2_stdin(&nothing)?;
            stdio::dup2_stdout(&log)?;
            stdio::dup2_stderr(&log)
        };
        onto().map_err(|error| CommandError::NoKeeper(error.into()))?;
        self.detached.store(true, Ordering::SeqCst);
        self.socket.write_all(b"r").map_err(CommandError::NoKeeper)
    }
}
