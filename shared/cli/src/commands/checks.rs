//! Programs that check the code, as steps of `tenon test`.

use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use crate::commands::CommandError;
use crate::env;
use crate::functions::Workspace;
use crate::process;
use crate::progress::{Progress, seconds};

/// One run of such a program.
pub struct Check<'a> {
    /// What it checks.
    pub what: &'a str,
    /// The program; cargo when it is none.
    pub program: Option<&'a Path>,
    /// Its arguments.
    pub arguments: &'a [&'a str],
    /// What is set in its environment.
    pub environment: &'a [(&'a str, &'a str)],
}

impl Check<'_> {
    /// Runs it with its output on our own. Programs that print their own progress get no spinner.
    pub fn run(&self, workspace: &Workspace, progress: &Progress) -> Result<(), CommandError> {
        progress.line(&format!("==  {}", self.what));
        let mut command = self.command(workspace);
        let began = Instant::now();
        let status = command.status().map_err(CommandError::NoCargo)?;
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
        let mut command = self.command(workspace);
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

    fn command(&self, workspace: &Workspace) -> Command {
        let program = self.program.map_or_else(env::cargo, Path::to_owned);
        let mut command = Command::new(program);
        command
            .current_dir(&workspace.root)
            .args(self.arguments)
            .envs(self.environment.iter().copied());
        command
    }

    fn command_line(&self) -> String {
        let variables = self
            .environment
            .iter()
            .map(|(name, value)| format!("{name}='{value}' "));
        let program = self.program.unwrap_or_else(|| Path::new("cargo"));
        format!(
            "{}{} {}",
            variables.collect::<String>(),
            program.display(),
            self.arguments.join(" ")
        )
    }
}

/// Runs a command to its end; its status and its standard output.
///
/// # Errors
/// When it cannot be started or read.
pub fn read(command: &mut Command) -> io::Result<(ExitStatus, String)> {
    let output = command.stderr(Stdio::inherit()).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((output.status, said))
}

/// True when a component of the toolchain is there, such as `clippy`.
pub fn has(subcommand: &str) -> bool {
    process::answer(Command::new(env::cargo()).args([subcommand, "--version"])).is_some()
}
