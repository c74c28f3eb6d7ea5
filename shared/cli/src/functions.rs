//! Builds the function crates, always with the same flags so that nothing is compiled twice.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::env;
use crate::process;
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
    /// Almost as fast as what ships, and built in a fraction of its time.
    Fast,
}

impl Profile {
    /// Its name, which is also the name of cargo's folder for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Release => "release",
            Self::Fast => "fast",
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
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Clone, Deserialize)]
struct Dependency {
    /// Its folder, where it belongs to the workspace.
    path: Option<PathBuf>,
    /// `dev` or `build`; nothing for what a program is made of.
    kind: Option<String>,
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

    /// Where the programs of the functions are once they are built.
    #[must_use]
    pub fn programs(&self, profile: Profile) -> Vec<(String, PathBuf)> {
        let folder = self.target.join(profile.name());
        let names = self.functions().into_iter();
        names
            .map(|name| (name.clone(), folder.join(name)))
            .collect()
    }

    /// The folders of the function crates and of every crate of the workspace that they are made of.
    #[must_use]
    pub fn sources_of_functions(&self) -> Vec<PathBuf> {
        let functions = self.functions();
        let packages = |folder: &Path| {
            self.packages
                .iter()
                .find(|package| package.manifest_path.parent() == Some(folder))
        };
        let mut found: Vec<PathBuf> = self
            .packages
            .iter()
            .filter(|package| functions.contains(&package.name))
            .filter_map(|package| Some(package.manifest_path.parent()?.to_owned()))
            .collect();
        let mut next = 0;
        while let Some(package) = found.get(next).map(|folder| packages(folder)) {
            let uses = package
                .into_iter()
                .flat_map(|package| &package.dependencies);
            for folder in uses
                .filter(|used| used.kind.is_none())
                .filter_map(|used| used.path.clone())
            {
                if !found.contains(&folder) {
                    found.push(folder);
                }
            }
            next += 1;
        }
        found
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
    if !names.is_empty() {
        let step = progress.step(format!(
            "Build {} functions ({})",
            names.len(),
            profile.name()
        ));
        cargo_build(&workspace, &names, profile)?;
        step.done();
    }
    Ok(Built {
        programs: workspace.programs(profile),
        workspace,
    })
}

/// Builds the programs of one crate that is not a function, and answers the folder they are in.
///
/// # Errors
/// When it does not compile.
pub fn build_tool(
    name: &str,
    profile: Profile,
    progress: &Progress,
) -> Result<(Workspace, PathBuf), BuildError> {
    let workspace = Workspace::read()?;
    let step = progress.step(format!("Build {name} ({})", profile.name()));
    cargo_build(&workspace, &[name.to_owned()], profile)?;
    step.done();
    let folder = workspace.target.join(profile.name());
    Ok((workspace, folder))
}

fn cargo_build(
    workspace: &Workspace,
    names: &[String],
    profile: Profile,
) -> Result<(), BuildError> {
    let mut cargo = Command::new(env::cargo());
    cargo
        .current_dir(&workspace.root)
        .args(["build", "--bins", "--profile", profile.name()]);
    for name in names {
        cargo.args(["--package", name]);
    }
    let mut command = process::bound_to_us(&cargo, None, "TERM");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sources_of_the_functions_are_theirs_and_what_they_use_but_not_this_command() {
        let workspace = Workspace::read().unwrap();
        let sources = workspace.sources_of_functions();
        let has = |folder: &str| sources.contains(&workspace.root.join(folder));
        assert!(has("functions/post") && has("shared/odoo") && has("shared/domain"));
        assert!(!has("shared/cli") && !has("tests"));
        assert_eq!(sources.len(), workspace.functions().len() + 6);
    }
}
