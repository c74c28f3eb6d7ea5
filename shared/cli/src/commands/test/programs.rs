//! The workspace's test programs, and the tests in them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::commands::CommandError;
use crate::commands::checks;
use crate::env;
use crate::functions::{Profile, Workspace};
use crate::process;

/// One program that cargo made of tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The crate, and for a file under `tests/` its name: `odoo::real_odoo`.
    pub name: String,
    /// True for a file under `tests/`: these take long, unit tests do not.
    pub is_integration: bool,
    /// The crate's folder, in which its tests run.
    pub folder: PathBuf,
    /// The program itself.
    pub file: PathBuf,
}

impl Program {
    /// For tests that never ran here: those of the deployed whole take longest, unit tests no time.
    #[must_use]
    pub fn rank(&self) -> u64 {
        match (self.is_integration, self.name.starts_with("tests::")) {
            (true, true) => u64::MAX,
            (true, false) => u64::MAX - 1,
            (false, _) => 0,
        }
    }
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// Its program.
    pub program: Program,
    /// Its path in the program: `chain::a_contract_becomes_a_paid_invoice`.
    pub name: String,
}

impl Test {
    /// Its program's name and its own.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.program.name, self.name)
    }
}

/// One line of what cargo says about its work.
#[derive(Debug, Deserialize)]
struct Artifact {
    executable: Option<PathBuf>,
    manifest_path: PathBuf,
    target: Target,
    profile: ProfileOf,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct ProfileOf {
    test: bool,
}

/// Builds every test program. Cargo's own words go to standard error.
///
/// # Errors
/// When they do not compile.
pub fn build(workspace: &Workspace) -> Result<Vec<Program>, CommandError> {
    let mut command = Command::new(env::cargo());
    command.current_dir(&workspace.root).args([
        "test",
        "--workspace",
        "--no-run",
        "--profile",
        Profile::Quick.name(),
        "--message-format=json-render-diagnostics",
    ]);
    let (status, said) = checks::read(&mut command).map_err(CommandError::NoCargo)?;
    if !status.success() {
        return Err(CommandError::Check {
            what: "Building the tests".to_owned(),
            command: "cargo test --workspace --no-run --profile quick".to_owned(),
        });
    }
    Ok(said.lines().filter_map(program).collect())
}

/// The program that a line of cargo's tells of.
fn program(line: &str) -> Option<Program> {
    let artifact: Artifact = serde_json::from_str(line).ok()?;
    if !artifact.profile.test {
        return None;
    }
    let folder = artifact.manifest_path.parent()?.to_owned();
    let package = folder.file_name()?.to_string_lossy().into_owned();
    let is_integration = artifact.target.kind.iter().any(|kind| kind == "test");
    let name = match is_integration {
        true => format!("{package}::{}", artifact.target.name),
        false => package,
    };
    Some(Program {
        name,
        is_integration,
        folder,
        file: artifact.executable?,
    })
}

/// The tests whose name contains `filter`, or all of a program of which it is the name.
///
/// # Errors
/// When a program does not start.
pub fn tests(programs: &[Program], filter: &str) -> Result<Vec<Test>, CommandError> {
    let mut found = Vec::new();
    for program in programs {
        let names = list(&program.file)?;
        let whole = program.name.split("::").last() == Some(filter) && program.is_integration;
        let wanted = names
            .into_iter()
            .filter(|name| whole || name.contains(filter));
        found.extend(wanted.map(|name| Test {
            program: program.clone(),
            name,
        }));
    }
    Ok(found)
}

fn list(program: &Path) -> Result<Vec<String>, CommandError> {
    let unusable = || CommandError::Check {
        what: "Listing the tests".to_owned(),
        command: format!("{} --list", program.display()),
    };
    let mut command = Command::new(program);
    command
        .args(["--list", "--format", "terse"])
        .stdin(Stdio::null());
    let said = process::answer(&mut command).ok_or_else(unusable)?;
    Ok(said
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_words_name_crate_and_file_of_a_test_program() {
        let line = |kind: &str, is_test: bool| {
            format!(
                r#"{{"manifest_path":"/w/shared/odoo/Cargo.toml","profile":{{"test":{is_test}}},
                "target":{{"name":"real_odoo","kind":["{kind}"]}},"executable":"/t/odoo-1"}}"#
            )
        };
        let found = program(&line("test", true)).unwrap();
        assert_eq!(found.name, "odoo::real_odoo");
        assert_eq!(found.folder, Path::new("/w/shared/odoo"));
        assert_eq!(program(&line("lib", true)).unwrap().name, "odoo");
        assert_eq!(program(&line("bin", false)), None);
        assert_eq!(
            program(r#"{"reason":"build-finished","success":true}"#),
            None
        );
    }
}
