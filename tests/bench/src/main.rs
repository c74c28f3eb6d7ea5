//! Measures the functions that ship beside a reference in the same run. Run by
//! `cargo tenon bench posting`.

// The SDK's futures nest deeper than the default allows.
#![recursion_limit = "256"]

mod cloud;
mod drain;
mod emulated;
mod figures;
mod firm;
mod lines;
mod measure;
mod pacing;
mod reference;
mod stopwatch;
mod table;

use std::fs;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Approved time entries from the ledger into a real Odoo.
    Posting {
        /// Entries of each measurement.
        #[arg(long)]
        rows: usize,
        /// How often the first posting and its reference are measured.
        #[arg(long)]
        rounds: usize,
        /// Where the figures are kept: `posting.json`, and `posting.md` with a table of them.
        #[arg(long)]
        folder: PathBuf,
    },
}

// One thread, as a function has.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let What::Posting {
        rows,
        rounds,
        folder,
    } = Bench::parse().what;
    let figures = measure::all(rows, rounds, |what| eprintln!("  ..  {what}")).await;
    let json = serde_json::to_string_pretty(&figures).expect("JSON");
    fs::create_dir_all(&folder).expect("a folder for the figures");
    fs::write(folder.join("posting.json"), json).expect("the figures can be kept");
    fs::write(folder.join("posting.md"), figures.table()).expect("the table can be kept");
}
