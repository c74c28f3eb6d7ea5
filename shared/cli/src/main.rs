//! The command `tenon`. What it can do is in [`cli::commands`].

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use cli::commands::{self, Tenon};
use cli::ending;

/// How long a thread of ours may take to notice that everything ends; most notice at once, because
/// the program ends that they wait for.
const THREADS: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let tenon = Tenon::parse();
    ending::adopt_orphans();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the command cannot start its threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(commands::run(tenon));
    runtime.shutdown_timeout(THREADS);
    if ending::requested() {
        ending::wait();
    }
    code
}
