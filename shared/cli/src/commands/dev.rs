//! `tenon dev`.

use std::path::Path;
use std::time::Instant;

use clap::Args;

use crate::aws_api::Aws;
use crate::cache::Cache;
use crate::commands::CommandError;
use crate::commands::firm_options::FirmOptions;
use crate::dev::redeploy::Deployed;
use crate::dev::variables;
use crate::dev::watch::Watcher;
use crate::functions::{self, Profile, Workspace};
use crate::install::pip_program::CARGO_LAMBDA;
use crate::progress::{Progress, seconds};

/// Options of `tenon dev`.
#[derive(Debug, Args)]
pub struct Dev {
    #[command(flatten)]
    firm: FirmOptions,
    /// Play the story first, so that there is something to look at.
    #[arg(long)]
    story: bool,
    /// Install cargo-lambda as well, and say how to run the functions with it.
    #[arg(long)]
    lambda: bool,
}

impl Dev {
    /// Starts everything, then redeploys what is changed until a signal says stop.
    pub async fn run(self, progress: &Progress) -> Result<(), CommandError> {
        // Before anything is built: what is changed meanwhile is built again afterwards.
        let workspace = Workspace::read()?;
        let watcher = Watcher::start(&workspace.sources_of_functions())?;
        let (mut firm, world) = self.firm.open("tenon dev", progress).await?;
        let profile = self.firm.profile();
        let deployed = Deployed::note(&workspace.programs(profile))?;
        let file = firm.stack.run_folder().path("lambda.env");
        let file = variables::write(firm.stack.aws(), &file).await?;
        if self.story {
            self.firm.play(None, &mut firm, progress).await?;
        }
        self.firm.tell(&world, self.story, progress);
        progress.tell(&format!("   variables  {}", file.display()));
        if self.lambda {
            tell_lambda(&file, profile, progress).await?;
        }
        progress.tell("   end it     Ctrl-C, or cargo tenon down\n");
        progress.tell("Watching the functions and the shared crates they use");
        redeploy_changes(watcher, deployed, firm.stack.aws(), profile, progress).await
    }
}

/// Says how to run the functions outside the emulator.
async fn tell_lambda(
    variables: &Path,
    profile: Profile,
    progress: &Progress,
) -> Result<(), CommandError> {
    let silent = progress.clone();
    let install = move || CARGO_LAMBDA.ensure(&Cache::locate()?, &silent);
    let program = tokio::task::spawn_blocking(install).await;
    let program = program.map_err(|_| CommandError::Interrupted)??;
    let program = program.display();
    progress.tell(&format!(
        "   lambda     {program} lambda watch --profile {} --env-file {}",
        profile.name(),
        variables.display()
    ));
    progress.tell(&format!(
        "              {program} lambda invoke sweep --data-file events/sweep-minute.json"
    ));
    Ok(())
}

async fn redeploy_changes(
    mut watcher: Watcher,
    mut deployed: Deployed,
    aws: &Aws,
    profile: Profile,
    progress: &Progress,
) -> Result<(), CommandError> {
    while watcher.changed().await {
        let began = Instant::now();
        let build = move || functions::build(profile, &Progress::silent());
        let built = tokio::task::spawn_blocking(build).await;
        let built = match built.map_err(|_| CommandError::Interrupted)? {
            Ok(built) => built,
            Err(error) => {
                progress.tell(&format!("{error}\n  !!  the functions run on as they were"));
                continue;
            }
        };
        let compiled = began.elapsed();
        for name in deployed.replace_changed(aws, &built.programs).await? {
            let (all, compiled) = (seconds(began.elapsed()), seconds(compiled));
            progress.tell(&format!(
                "  ok  {name} is redeployed ({all}, of which {compiled} to build)"
            ));
        }
    }
    Ok(())
}
