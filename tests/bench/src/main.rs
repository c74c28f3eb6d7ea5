//! Measures the functions that ship beside a reference in the same run. Run by
//! `cargo tenon bench`.

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
mod webhooks;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
struct Bench {
    #[command(subcommand)]
    what: What,
    /// Where the figures are kept: `posting.json` or `intake.json`, and a table of them beside it.
    #[arg(long, global = true, default_value = ".")]
    folder: PathBuf,
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
    },
    /// Signed webhooks into the queue.
    Intake {
        /// Webhooks of the long run.
        #[arg(long)]
        webhooks: usize,
        /// How often what is compared is measured.
        #[arg(long)]
        rounds: usize,
    },
}

// One thread, as a function has.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let Bench { what, folder } = Bench::parse();
    let say = |what: &str| eprintln!("  ..  {what}");
    match what {
        What::Posting { rows, rounds } => {
            let figures = measure::all(rows, rounds, say).await;
            let json = serde_json::to_string_pretty(&figures).expect("JSON");
            keep(&folder, "posting", &json, &figures.table());
        }
        What::Intake { webhooks, rounds } => {
            let figures = webhooks::all(webhooks, rounds, say).await;
            let json = serde_json::to_string_pretty(&figures.json()).expect("JSON");
            keep(&folder, "intake", &json, &figures.table());
        }
    }
}

fn keep(folder: &Path, name: &str, json: &str, table: &str) {
    fs::create_dir_all(folder).expect("a folder for the figures");
    let keep = |kind: &str, text: &str| fs::write(folder.join(format!("{name}.{kind}")), text);
    keep("json", json).expect("the figures can be kept");
    keep("md", table).expect("the table can be kept");
}
