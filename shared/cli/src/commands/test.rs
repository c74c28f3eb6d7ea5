//! `tenon test`.

use clap::Args;

use crate::cache::Cache;
use crate::commands::CommandError;
use crate::commands::checks::{Check, has};
use crate::functions::{self, Profile, Workspace};
use crate::progress::Progress;
use crate::stack::{DATABASE, Installed, OdooWorld};

/// Options of `tenon test`.
#[derive(Debug, Args)]
pub struct Test {
    /// Only tests whose name contains this; the checks of style and documentation are left out then.
    filter: Option<String>,
    /// Options of the test programs.
    #[arg(last = true)]
    extra: Vec<String>,
}

impl Test {
    /// Checks the style, installs and builds side by side, then runs every test.
    pub fn run(self, progress: &Progress) -> Result<(), CommandError> {
        let workspace = Workspace::read()?;
        let everything = self.filter.is_none();
        let cache = Cache::locate()?;
        let installed = std::thread::scope(|scope| {
            // The downloads need the network and hardly the processor: they go beside the compiler.
            let installed = scope.spawn(|| Installed::ensure(&cache, progress));
            if everything {
                style(&workspace, progress)?;
            }
            functions::build(Profile::Quick, progress)?;
            let installed = installed.join().map_err(|_| CommandError::Interrupted)??;
            Ok::<_, CommandError>(installed)
        })?;
        self.tests(&workspace, &cache, &installed, progress)?;
        if everything {
            documentation(&workspace, progress)?;
        }
        progress.line("Everything passed");
        Ok(())
    }

    fn tests(
        &self,
        workspace: &Workspace,
        cache: &Cache,
        installed: &Installed,
        progress: &Progress,
    ) -> Result<(), CommandError> {
        let mut arguments = vec!["test", "--workspace", "--profile", Profile::Quick.name()];
        arguments.extend(self.filter.as_deref());
        if !self.extra.is_empty() {
            arguments.push("--");
            arguments.extend(self.extra.iter().map(String::as_str));
        }
        let place = cache.root().to_string_lossy();
        // The tests of the Odoo client share one Odoo; every other test that needs one starts its
        // own world.
        let odoo = OdooWorld::start(installed)?;
        let environment = [
            ("TENON_CACHE", place.as_ref()),
            ("TENON_TEST_ODOO_URL", odoo.url()),
            ("TENON_TEST_ODOO_DATABASE", DATABASE),
        ];
        let check = Check {
            what: "Tests",
            arguments: &arguments,
            environment: &environment,
        };
        check.run(workspace, progress)
    }
}

fn style(workspace: &Workspace, progress: &Progress) -> Result<(), CommandError> {
    if has("fmt") {
        let check = Check {
            what: "Format",
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

fn documentation(workspace: &Workspace, progress: &Progress) -> Result<(), CommandError> {
    let arguments = ["doc", "--no-deps", "--workspace", "--profile", "quick"];
    let check = Check {
        what: "Documentation",
        arguments: &arguments,
        environment: &[("RUSTDOCFLAGS", "-Dwarnings")],
    };
    check.run(workspace, progress)
}
