//! Cargo's own checks as steps of `tenon test`.

use std::process::Command;

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

/// True when a component of the toolchain is there, such as `clippy`.
pub fn has(subcommand: &str) -> bool {
    process::answer(Command::new(env::cargo()).args([subcommand, "--version"])).is_some()
}
