//! Builds the function crates, always with the same flags so that nothing is compiled twice.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::env;
use crate::progress::Progress;

/// How many lines of the compiler's output are shown.
const SHOWN_LINES: usize = 40;

/// The functions could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo could not be asked.
    #[error("`cargo metadata` failed; run it in the workspace to see why")]
    NoMetadata,
    /// The compiler found errors.
    #[error("the functions do not compile:\n{tail}")]
    Failed {
        /// The end of what cargo said.
        tail: String,
    },
    /// Cargo could not be started.
    #[error("cargo could not be started; install Rust (https://rustup.rs) and try again")]
    NoCargo(#[source] std::io::Error),
}

/// A build profile of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Made for a quick first run.
    #[default]
    Quick,
    /// As the functions ship.
    Release,
}

impl Profile {
    /// Its name, which is also the name of cargo's folder for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Release => "release",
        }
    }
}

/// The workspace as cargo describes it.
#[derive(Debug, Clone, Deserialize)]
pub struct Workspace {
    /// Its folder.
    #[serde(rename = "workspace_root")]
    pub root: PathBuf,
    /// Where cargo puts what it builds.
    #[serde(rename = "target_directory")]
    pub target: PathBuf,
    packages: Vec<Package>,
}

#[derive(Debug, Clone, Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

impl Workspace {
    /// The workspace that this command was built from.
    ///
    /// # Errors
    /// When cargo cannot describe it.
    pub fn read() -> Result<Self, BuildError> {
        let mut command = Command::new(env::cargo());
        command.args([
            "metadata",
            "--no-deps",
            "--format-version=1",
            "--manifest-path",
        ]);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
        let output = command.output().map_err(BuildError::NoCargo)?;
        serde_json::from_slice(&output.stdout).map_err(|_| BuildError::NoMetadata)
    }

    /// The names of the function crates, in order: those under `functions/`.
    #[must_use]
    pub fn functions(&self) -> Vec<String> {
        let folder = self.root.join("functions");
        let ours = self
            .packages
            .iter()
            .filter(|package| package.manifest_path.starts_with(&folder));
        let mut names: Vec<String> = ours.map(|package| package.name.clone()).collect();
        names.sort_unstable();
        names
    }
}

/// The functions, built.
#[derive(Debug, Clone)]
pub struct Built {
    /// The workspace they belong to.
    pub workspace: Workspace,
    /// Each function's name and program.
    pub programs: Vec<(String, PathBuf)>,
}

impl Built {
    /// Programs that were built by somebody else.
    ///
    /// # Errors
    /// When cargo cannot describe the workspace.
    pub fn given(programs: &[(String, PathBuf)]) -> Result<Self, BuildError> {
        Ok(Self {
            workspace: Workspace::read()?,
            programs: programs.to_vec(),
        })
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.programs.len()
    }

    /// True when the workspace has no function.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.programs.is_empty()
    }
}

/// Builds all functions.
///
/// # Errors
/// When they do not compile.
pub fn build(profile: Profile, progress: &Progress) -> Result<Built, BuildError> {
    let workspace = Workspace::read()?;
    let names = workspace.functions();
    let folder = workspace.target.join(profile.name());
    if !names.is_empty() {
        let step = progress.step(format!(
            "Build {} functions ({})",
            names.len(),
            profile.name()
        ));
        cargo_build(&workspace, &names, profile)?;
        step.done();
    }
    let programs = names
        .into_iter()
        .map(|name| (name.clone(), folder.join(name)))
        .collect();
    Ok(Built {
        workspace,
        programs,
    })
}

fn cargo_build(
    workspace: &Workspace,
    names: &[String],
    profile: Profile,
) -> Result<(), BuildError> {
    let mut command = Command::new(env::cargo());
    command
        .current_dir(&workspace.root)
        .args(["build", "--bins", "--profile", profile.name()]);
    for name in names {
        command.args(["--package", name]);
    }
    let output = command.output().map_err(BuildError::NoCargo)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().collect();
    let from = lines.len().saturating_sub(SHOWN_LINES);
    Err(BuildError::Failed {
        tail: lines
            .iter()
            .skip(from)
            .map(|line| format!("  | {line}\n"))
            .collect(),
    })
}
