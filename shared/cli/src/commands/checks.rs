//! Programs that `tenon test` runs: cargo's checks and the tests. All of them end when [`stop`] is
//! called, with whatever they started.

use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::commands::CommandError;
use crate::env;
use crate::functions::Workspace;
use crate::process;
use crate::progress::{Progress, seconds};

/// One run of cargo.
pub struct Check<'a> {
    /// What it checks.
    pub what: &'a str,
    /// Cargo's arguments.
    pub arguments: &'a [&'a str],
    /// What is set in its environment.
    pub environment: &'a [(&'a str, &'a str)],
}

impl Check<'_> {
    /// Runs it with its output on our own. Programs that print their own progress get no spinner.
    pub fn run(&self, workspace: &Workspace, progress: &Progress) -> Result<(), CommandError> {
        progress.line(&format!("==  {}", self.what));
        let mut command = Command::new(env::cargo());
        command
            .current_dir(&workspace.root)
            .args(self.arguments)
            .envs(self.environment.iter().copied());
        let began = Instant::now();
        let mut group = Group::start(&mut command).map_err(CommandError::NoCargo)?;
        let status = group.wait().map_err(CommandError::NoCargo)?;
        if !status.success() {
            return Err(CommandError::Check {
                what: self.what.to_owned(),
                command: self.command_line(),
            });
        }
        progress.line(&format!(
            "  ok  {} ({})",
            self.what,
            seconds(began.elapsed())
        ));
        Ok(())
    }

    /// Runs it without its output, which is shown when it fails.
    pub fn run_quietly(
        &self,
        workspace: &Workspace,
        progress: &Progress,
    ) -> Result<(), CommandError> {
        let step = progress.step(self.what);
        let mut command = Command::new(env::cargo());
        command
            .current_dir(&workspace.root)
            .args(self.arguments)
            .envs(self.environment.iter().copied());
        let (status, said) = read(&mut command).map_err(CommandError::NoCargo)?;
        if status.success() {
            step.done();
            return Ok(());
        }
        drop(step);
        progress.line(&said);
        Err(CommandError::Check {
            what: self.what.to_owned(),
            command: self.command_line(),
        })
    }

    fn command_line(&self) -> String {
        let variables = self
            .environment
            .iter()
            .map(|(name, value)| format!("{name}='{value}' "));
        format!(
            "{}cargo {}",
            variables.collect::<String>(),
            self.arguments.join(" ")
        )
    }
}

/// Runs a command to its end; its status and its standard output.
///
/// # Errors
/// When it cannot be started or read.
pub fn read(command: &mut Command) -> io::Result<(ExitStatus, String)> {
    let mut group = Group::start(command.stdout(Stdio::piped()))?;
    let mut said = String::new();
    if let Some(mut pipe) = group.child.stdout.take() {
        pipe.read_to_string(&mut said)?;
    }
    Ok((group.wait()?, said))
}

/// The process groups of everything that runs now.
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// A program in a process group of its own, so that [`stop`] also reaches what it started.
#[derive(Debug)]
pub struct Group {
    child: Child,
    id: i32,
}

impl Group {
    /// Starts a program.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        // Held while it starts, so that no program slips through while all are stopped.
        let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        if stopped() {
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        let child = command.process_group(0).spawn()?;
        let id = i32::try_from(child.id()).map_err(io::Error::other)?;
        groups.insert(id);
        drop(groups);
        Ok(Self { child, id })
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait()
    }

    /// Its end, if it has ended.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        groups.remove(&self.id);
    }
}

/// Set once everything is to end.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// True once everything is to end.
pub fn stopped() -> bool {
    STOPPED.load(Ordering::SeqCst)
}

/// Ends everything that runs now. Nothing can be started any more.
pub fn stop() {
    let groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    STOPPED.store(true, Ordering::SeqCst);
    for group in groups.iter().copied().filter_map(Pid::from_raw) {
        // A group that has just ended by itself is as good.
        kill_process_group(group, Signal::TERM).ok();
    }
}

/// True when a component of the toolchain is there, such as `clippy`.
pub fn has(subcommand: &str) -> bool {
    process::answer(Command::new(env::cargo()).args([subcommand, "--version"])).is_some()
}
