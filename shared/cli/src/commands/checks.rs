//! Cargo's own checks as steps of `tenon test`.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicI32, Ordering};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::commands::CommandError;
use crate::env;
use crate::functions::Workspace;
use crate::process;
use crate::progress::Progress;

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
        let began = std::time::Instant::now();
        let status = wait(&mut command).map_err(CommandError::NoCargo)?;
        if !status.success() {
            return Err(CommandError::Check {
                what: self.what.to_owned(),
                command: self.command_line(),
            });
        }
        progress.line(&format!(
            "  ok  {} ({})",
            self.what,
            crate::progress::seconds(began.elapsed())
        ));
        Ok(())
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

/// The process group of the check that runs now; 0 when none does.
static GROUP: AtomicI32 = AtomicI32::new(0);

/// Runs a command in a process group of its own, so that [`stop`] also reaches what cargo started.
fn wait(command: &mut Command) -> io::Result<ExitStatus> {
    let mut child = command.process_group(0).spawn()?;
    GROUP.store(i32::try_from(child.id()).unwrap_or(0), Ordering::SeqCst);
    let status = child.wait();
    GROUP.store(0, Ordering::SeqCst);
    status
}

/// Ends the check that runs now, with every test program that it started.
pub fn stop() {
    if let Some(group) = Pid::from_raw(GROUP.load(Ordering::SeqCst)) {
        // A group that has just ended by itself is as good.
        kill_process_group(group, Signal::TERM).ok();
    }
}

/// True when a component of the toolchain is there, such as `clippy`.
pub fn has(subcommand: &str) -> bool {
    process::answer(Command::new(env::cargo()).args([subcommand, "--version"])).is_some()
}
