//! The subcommands of `tenon`.

mod bench;
mod book;
mod book_text;
mod build;
mod checks;
mod clean;
mod cli_page;
mod completions;
mod databases;
mod demo;
mod deployment;
mod dev;
mod docs;
mod doctor;
mod down;
mod error;
mod exit;
mod firm_options;
mod fuzz;
mod init_error;
mod keeper;
mod people;
mod simulate;
mod source;
mod source_error;
mod story;
mod test;
mod their_odoo;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

pub use book_text::book_text;
pub use error::CommandError;

use crate::cache::Cache;
use crate::commands::exit::Exit;
use crate::ending;
use crate::progress::Progress;
use crate::stack::Installed;

/// Exit code when something failed.
const FAILED: u8 = Exit::Failed.code();
/// Exit code after Ctrl-C.
const INTERRUPTED: u8 = Exit::Interrupted.code();
/// Exit code after a request to end.
const TERMINATED: u8 = Exit::Terminated.code();

/// Tenon on one machine, with a real Odoo and an emulated AWS.
#[derive(Debug, Parser)]
#[command(name = "tenon", bin_name = "cargo tenon", version, after_help = exit::help())]
pub struct Tenon {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install, start and deploy everything, then play the story from a won deal to a paid invoice.
    #[command(
        after_help = "Examples:\n  cargo tenon demo\n  cargo tenon demo --keep      # leave everything running, to look around\n  \
        cargo tenon demo --release   # functions built as they ship\n  \
        cargo tenon demo --odoo-url http://localhost:8069 --odoo-db empty --odoo-keys keys.toml"
    )]
    Demo(demo::Demo),
    /// The process that `demo --keep` leaves running.
    #[command(hide = true)]
    Keep(demo::Demo),
    /// Start everything and redeploy the functions as their sources change.
    #[command(
        after_help = "Examples:\n  cargo tenon dev\n  cargo tenon dev --story    # with the story's records to look at\n  \
        cargo tenon dev --lambda   # and with cargo-lambda, to invoke functions one by one"
    )]
    Dev(dev::Dev),
    /// End what `demo --keep` or `dev` left running.
    #[command(
        after_help = "Examples:\n  cargo tenon down\n  cargo tenon down --all   # also what other checkouts started"
    )]
    Down(down::Down),
    /// Run every check and test, up to the flows on the real Odoo.
    #[command(
        after_help = "Examples:\n  cargo tenon test\n  cargo tenon test invoice       # tests whose name contains it\n  \
        cargo tenon test real_odoo     # those of the file tests/real_odoo\n  \
        cargo tenon test --jobs 1      # one after the other"
    )]
    Test(test::Test),
    /// Play what can go wrong: the functions that ship, in a world in memory with a time of its own.
    #[command(
        after_help = "Examples:\n  cargo tenon simulate                      # 1,000 seeds, each twice\n  \
        cargo tenon simulate --seeds 100000 --twice 10\n  \
        cargo tenon simulate --seed 42            # everything that happens under this seed\n  \
        cargo tenon simulate --schedules          # every placement of up to three faults\n  \
        cargo tenon simulate --mutant all         # which seed finds which deliberate fault"
    )]
    Simulate(simulate::Simulate),
    /// Send what strangers may send, by the million, to whatever reads or proves it.
    ///
    /// What breaks something is kept in target/fuzz, with the command that tries it again.
    #[command(
        after_help = "Examples:\n  cargo tenon fuzz                              # every target, a minute together\n  \
        cargo tenon fuzz --target read --seconds 3600 --seed 7\n  \
        cargo tenon fuzz --input target/fuzz/read-7.json"
    )]
    Fuzz(fuzz::Fuzz),
    /// Stories that a consultant writes: what happens, and what Odoo must show then.
    #[command(subcommand)]
    Story(story::Story),
    /// Examine this machine and what runs on it, or an Odoo before Tenon uses it. Nothing is changed.
    #[command(after_help = "Examples:\n  cargo tenon doctor\n  \
        cargo tenon doctor --odoo-url https://erp.example.com --odoo-db firm --odoo-keys keys.toml\n  \
        cargo tenon doctor --odoo-url http://localhost:8069 --odoo-db firm --odoo-keys keys.toml --book my-book.toml --json")]
    Doctor(doctor::Doctor),
    /// Install what the other commands need, and nothing else.
    #[command(
        after_help = "Examples:\n  cargo tenon install\n  TENON_CACHE=/mnt/big cargo tenon install"
    )]
    Install,
    /// Remove everything that was installed.
    #[command(
        after_help = "Examples:\n  cargo tenon clean\n  cargo tenon clean --dry-run   # only say how much it would free"
    )]
    Clean(clean::Clean),
    /// Print a script that lets a shell complete the commands of `tenon`.
    ///
    /// Shells complete programs, not cargo's aliases: install the program first.
    #[command(
        after_help = "Examples:\n  cargo install --path shared/cli --profile quick   # the program tenon, in ~/.cargo/bin\n  \
        cargo tenon completions bash > ~/.local/share/bash-completion/completions/tenon\n  \
        cargo tenon completions zsh > ~/.zfunc/_tenon      # with fpath+=~/.zfunc before compinit\n  \
        cargo tenon completions fish > ~/.config/fish/completions/tenon.fish"
    )]
    Completions(completions::Completions),
    /// Print the page docs/cli.md.
    #[command(hide = true)]
    CliPage,
    /// Measure how fast the functions are, beside a reference in the same run.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Build the functions for AWS, where infra/template.yaml looks for them.
    #[command(after_help = "Example:\n  cargo tenon build   # then: aws cloudformation package …")]
    Build(build::Build),
    /// Make the pages of docs/ into a book, and say where it is.
    #[command(after_help = "Example:\n  cargo tenon docs")]
    Docs,
    /// What the firm configures: written in files, published, approved, valid from a day on.
    #[command(subcommand)]
    Book(book::BookCommand),
    /// What is known about the systems that send, tried on a file.
    #[command(subcommand)]
    Source(source::Source),
    #[command(flatten)]
    People(people::Question),
}

/// Runs a command to its end, or until a signal says stop. Whatever was started is stopped then; the
/// caller waits until it has ended.
pub async fn run(tenon: Tenon) -> ExitCode {
    let progress = Progress::new();
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return ExitCode::from(FAILED);
    };
    // A task of its own: the work may just be waiting for a server without looking up.
    let mut stopped = tokio::spawn(async move {
        let code = tokio::select! {
            _ = interrupt.recv() => INTERRUPTED,
            _ = terminate.recv() => TERMINATED,
        };
        eprintln!("\nstopping what was started");
        ending::begin();
        code
    });
    let result = tokio::select! {
        result = execute(tenon.command, &progress) => result,
        code = &mut stopped => return ExitCode::from(code.unwrap_or(FAILED)),
    };
    if ending::requested() {
        return ExitCode::from(stopped.await.unwrap_or(FAILED));
    }
    finish(result)
}

fn finish(result: Result<(), CommandError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::Told) => ExitCode::from(FAILED),
        Err(error) => {
            eprintln!("\nerror: {error}");
            let mut cause = error.source();
            while let Some(source) = cause {
                eprintln!("  because: {source}");
                cause = source.source();
            }
            ExitCode::from(FAILED)
        }
    }
}

async fn execute(command: Command, progress: &Progress) -> Result<(), CommandError> {
    match command {
        Command::Demo(demo) => demo.run(progress).await,
        Command::Keep(demo) => demo.keep(progress).await,
        Command::Dev(dev) => dev.run(progress).await,
        Command::Down(down) => in_thread(progress, move |progress| down.run(progress)).await,
        Command::Test(test) => in_thread(progress, move |progress| test.run(progress)).await,
        Command::Doctor(doctor) => doctor.run().await,
        Command::Install => in_thread(progress, install).await,
        Command::Clean(clean) => clean.run(progress),
        Command::Completions(completions) => {
            completions.run();
            Ok(())
        }
        Command::CliPage => {
            print!("{}", cli_page::page());
            Ok(())
        }
        Command::Bench(bench) => in_thread(progress, move |progress| bench.run(progress)).await,
        Command::Build(build) => in_thread(progress, move |progress| build.run(progress)).await,
        Command::Simulate(simulate) => {
            in_thread(progress, move |progress| simulate.run(progress)).await
        }
        Command::Fuzz(fuzz) => in_thread(progress, move |progress| fuzz.run(progress)).await,
        Command::Story(story) => in_thread(progress, move |progress| story.run(progress)).await,
        Command::Docs => in_thread(progress, docs::build).await,
        Command::Book(command) => command.run().await,
        Command::Source(question) => question.run(),
        Command::People(question) => question.ask().await,
    }
}

/// Runs a command that waits for programs in a thread, so that signals are still heard.
async fn in_thread(
    progress: &Progress,
    work: impl FnOnce(&Progress) -> Result<(), CommandError> + Send + 'static,
) -> Result<(), CommandError> {
    let progress = progress.clone();
    tokio::task::spawn_blocking(move || work(&progress))
        .await
        .map_err(|_| CommandError::Interrupted)?
}

fn install(progress: &Progress) -> Result<(), CommandError> {
    let cache = Cache::locate()?;
    Installed::ensure(&cache, progress)?;
    progress.line(&format!(
        "Everything is installed in {}",
        cache.root().display()
    ));
    Ok(())
}
