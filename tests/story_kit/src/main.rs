//! `story`: plays story files, or only reads them.

use std::fs;
use std::io::Read as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use serde_json::Value;
use story_kit::format::{self, Story};
use story_kit::functions::Place;
use story_kit::play::play;

/// Plays stories.
#[derive(Debug, Parser)]
struct Options {
    /// Only read them.
    #[arg(long)]
    check: bool,
    /// Where databases are given out.
    #[arg(long, required_unless_present = "check")]
    databases: Option<String>,
    /// Where a file is left for each story that plays it again.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The stories.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let mut failed = 0;
    for file in &options.files {
        let went_well = match format::load(file) {
            Ok(story) if options.check => {
                println!(
                    "{}: {} steps, {}",
                    file.display(),
                    story.steps.len(),
                    story.name
                );
                true
            }
            Ok(story) => tell(&options, file, &story),
            Err(error) => {
                eprintln!("{}", with_causes(&error));
                false
            }
        };
        failed += u32::from(!went_well);
    }
    match failed {
        0 => ExitCode::SUCCESS,
        _ => {
            eprintln!("{failed} of {} stories failed", options.files.len());
            ExitCode::FAILURE
        }
    }
}

/// Plays a story and prints what became of it.
fn tell(options: &Options, file: &Path, story: &Story) -> bool {
    let began = Instant::now();
    let played = database(options.databases.as_deref().unwrap_or_default())
        .and_then(|odoo| play(story, &odoo).map_err(|error| with_causes(&error)));
    let holds = match played {
        Ok(report) => {
            print!("{report}");
            report.holds()
        }
        Err(error) => {
            println!("{}: {error}", file.display());
            false
        }
    };
    let again = keep(options.folder.as_deref(), file, story);
    println!(
        "  {:.1} s{}\n",
        began.elapsed().as_secs_f32(),
        again.unwrap_or_default()
    );
    holds
}

/// Leaves a file that plays the story again, with everything in it; says how.
fn keep(folder: Option<&Path>, file: &Path, story: &Story) -> Option<String> {
    let folder = folder?;
    let place = folder.join(file.file_stem()?).with_extension("json");
    fs::create_dir_all(folder).ok()?;
    fs::write(&place, serde_json::to_string_pretty(story).ok()?).ok()?;
    Some(format!(
        "; again, wherever you are: tenon story run {}",
        place.display()
    ))
}

/// A new database.
fn database(address: &str) -> Result<Place, String> {
    let mut answer = String::new();
    let asked =
        TcpStream::connect(address).and_then(|mut stream| stream.read_to_string(&mut answer));
    asked.map_err(|error| format!("nobody gives out databases at {address}: {error}"))?;
    let answer: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
    let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
    match text("url").zip(text("database")) {
        Some((url, database)) => Ok(Place { url, database }),
        None => Err(text("error").unwrap_or_default()),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}\n  because: {}", with_causes(source)),
        None => error.to_string(),
    }
}
