//! A server that we started and that must not outlive us.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::stack::StackError;
use crate::{ending, process};

/// How long a server may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(10);
/// How often we look whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// A running server. Dropping it ends it and everything it started.
#[derive(Debug)]
pub struct Server {
    name: &'static str,
    child: Child,
    stop: Signal,
    log: PathBuf,
}

impl Server {
    /// Starts `command` with its output in `log`. `stop` is the signal that ends it properly; the
    /// kernel sends it as well should we die first.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(
        name: &'static str,
        command: &Command,
        stop: Signal,
        log: &Path,
    ) -> Result<Self, StackError> {
        Self::start_as(name, None, command, stop, log)
    }

    /// As [`Server::start`], as another user and group.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start_as(
        name: &'static str,
        user: Option<(u32, u32)>,
        command: &Command,
        stop: Signal,
        log: &Path,
    ) -> Result<Self, StackError> {
        if ending::requested() {
            return Err(StackError::Interrupted);
        }
        let refused = |source| StackError::NotStarted { name, source };
        let file = process::open_log(log).map_err(refused)?;
        let copy = file.try_clone().map_err(refused)?;
        let mut launcher = process::bound_to_us(command, user, signal_name(stop));
        launcher
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(copy)
            .process_group(0);
        let child = spawn(launcher).map_err(refused)?;
        Ok(Self {
            name,
            child,
            stop,
            log: log.to_owned(),
        })
    }

    /// Waits until `ready` says yes.
    ///
    /// # Errors
    /// When the server ends before that, or takes longer than `limit`.
    pub fn wait_until(
        &mut self,
        limit: Duration,
        mut ready: impl FnMut() -> bool,
    ) -> Result<(), StackError> {
        let began = Instant::now();
        while !ready() {
            self.check_alive()?;
            if began.elapsed() > limit {
                return Err(StackError::NotReady {
                    name: self.name,
                    limit,
                    tail: process::tail(&self.log),
                    log: self.log.clone(),
                });
            }
            thread::sleep(LOOK);
        }
        Ok(())
    }

    /// An error if the server has ended.
    ///
    /// # Errors
    /// When the server has ended.
    pub fn check_alive(&mut self) -> Result<(), StackError> {
        match self.child.try_wait() {
            Ok(Some(status)) => Err(self.ended(status)),
            _ => Ok(()),
        }
    }

    fn ended(&self, status: ExitStatus) -> StackError {
        StackError::Ended {
            name: self.name,
            status,
            tail: process::tail(&self.log),
            log: self.log.clone(),
        }
    }

    fn pid(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }

    /// Nothing is left to do where the group is gone already.
    fn kill_group(&mut self) {
        if let Some(pid) = self.pid() {
            kill_process_group(pid, Signal::KILL).ok();
        }
        self.child.wait().ok();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let (Some(pid), Ok(None)) = (self.pid(), self.child.try_wait()) {
            kill_process(pid, self.stop).ok();
            let began = Instant::now();
            while matches!(self.child.try_wait(), Ok(None)) && began.elapsed() < GRACE {
                thread::sleep(LOOK);
            }
        }
        self.kill_group();
    }
}

fn signal_name(stop: Signal) -> &'static str {
    if stop == Signal::INT { "INT" } else { "TERM" }
}

/// A command to start, and where to answer.
type Order = (Command, Sender<io::Result<Child>>);

/// Starts a program from a thread that lives as long as we do: the kernel's signal at the death of
/// the parent means the thread that started the child, not the process (prctl(2),
/// `PR_SET_PDEATHSIG`).
fn spawn(command: Command) -> io::Result<Child> {
    static STARTER: OnceLock<Mutex<Sender<Order>>> = OnceLock::new();
    let orders = STARTER.get_or_init(|| {
        let (orders, inbox) = channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in inbox {
                // Nobody waits for the answer only when the asking thread has died.
                answer.send(command.spawn()).ok();
            }
        });
        Mutex::new(orders)
    });
    let gone = || io::Error::other("the thread that starts programs has ended");
    let (answer, result) = channel();
    orders
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .send((command, answer))
        .map_err(|_| gone())?;
    result.recv().map_err(|_| gone())?
}
