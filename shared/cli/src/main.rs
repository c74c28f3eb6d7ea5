//! The command `tenon`. What it can do is in [`cli::commands`].

use std::process::ExitCode;

use clap::Parser;
use cli::commands::{self, Tenon};

#[tokio::main]
async fn main() -> ExitCode {
    commands::run(Tenon::parse()).await
}
