//! `simulate`: plays seeds.

use simulation::run::Stage;
use simulation::scenario::Scenario;

fn main() {
    let stage = Stage::set();
    let mut arguments = std::env::args().skip(1);
    let from: u64 = arguments.next().and_then(|a| a.parse().ok()).unwrap_or(0);
    let to: u64 = arguments
        .next()
        .and_then(|a| a.parse().ok())
        .unwrap_or(from + 1);
    let began = std::time::Instant::now();
    for seed in from..to {
        let scenario = Scenario::of(seed);
        let one = std::time::Instant::now();
        let verdict = stage.play(&scenario, None, to == from + 1);
        if to == from + 1 {
            println!("{scenario:#?}");
            for line in &verdict.lines {
                println!("{line}");
            }
            simulation::logs::with(|log| println!("{log}"));
        }
        if one.elapsed().as_secs() >= 2 {
            eprintln!(
                "seed {seed} took {:?}: {} ops",
                one.elapsed(),
                verdict.operations.len()
            );
        }
        if !verdict.violations.is_empty() {
            println!("seed {seed}: {:?}", verdict.violations);
        }
    }
    println!("{:?}", began.elapsed());
}
