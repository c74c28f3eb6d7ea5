//! Tries what strangers may send. Run by `cargo tenon fuzz`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum as _};
use fuzz::input::Input;
use fuzz::run::{self, Broken, Outcome};
use fuzz::target::{Range, Target};

#[derive(Debug, Parser)]
struct Fuzz {
    /// How long, shared among the targets.
    #[arg(long)]
    seconds: u64,
    /// One target instead of all.
    #[arg(long, value_enum)]
    target: Option<Target>,
    /// What the inputs are made of.
    #[arg(long)]
    seed: u64,
    /// Where an input that breaks something is kept.
    #[arg(long)]
    folder: PathBuf,
    /// Try one kept input again.
    #[arg(long)]
    input: Option<PathBuf>,
}

fn main() -> ExitCode {
    let fuzz = Fuzz::parse();
    let result = match &fuzz.input {
        Some(file) => again(file),
        None => fuzz.all(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

impl Fuzz {
    fn all(&self) -> Result<(), String> {
        let targets = match self.target {
            Some(target) => vec![target],
            None => Target::value_variants().to_vec(),
        };
        let shares = u32::try_from(targets.len()).unwrap_or(1);
        let each = Duration::from_secs(self.seconds) / shares;
        for target in targets {
            let last = self.folder.join(format!("{target}-last.json"));
            let begin = Instant::now();
            let outcome = run::run(
                target,
                self.seed,
                |_| begin.elapsed() < each,
                |input| write(&last, input),
            );
            // It did not end the program.
            fs::remove_file(&last).ok();
            match outcome {
                Ok(outcome) => println!("{}", line(&outcome)),
                Err(broken) => return Err(self.kept(&broken)),
            }
        }
        Ok(())
    }

    /// Keeps what broke something, and says how to see it again.
    fn kept(&self, broken: &Broken) -> String {
        let file = self
            .folder
            .join(format!("{}-{}.json", broken.input.target, self.seed));
        write(&file, &broken.input);
        format!(
            "{}: {}\n  made from {}; try it again by\n  cargo tenon fuzz --input {}",
            broken.input.target,
            broken.why,
            broken.input.sample,
            file.display()
        )
    }
}

fn again(file: &Path) -> Result<(), String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let input: Input = serde_json::from_str(&text)
        .map_err(|error| format!("{} is no kept input: {error}", file.display()))?;
    match run::once(&Range::of(input.target), &input) {
        Ok(took) => {
            println!(
                "{} holds; it took {took:?} of the processor",
                file.display()
            );
            Ok(())
        }
        Err(broken) => Err(format!("{}: {}", input.target, broken.why)),
    }
}

fn line(outcome: &Outcome) -> String {
    format!(
        "{:8} {:>9} inputs hold; the slowest took {:?} of the processor, memory grew by at most {} KiB",
        outcome.target.to_string(),
        outcome.inputs,
        outcome.slowest,
        outcome.more_memory_kb
    )
}

fn write(file: &Path, input: &Input) {
    let text = serde_json::to_string_pretty(input).expect("JSON");
    let folder = file.parent().unwrap_or(Path::new("."));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(file, text));
    written.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}
