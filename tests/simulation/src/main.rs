//! `simulate`: plays seeds.

use simulation::mutant::Mutant;
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
    let name = arguments.next().unwrap_or_default();
    let began = std::time::Instant::now();
    if name == "all" {
        for mutant in Mutant::ALL {
            let found = (from..to).find_map(|seed| {
                let verdict = stage.play(&Scenario::of(seed), Some(mutant), false);
                verdict.violations.first().map(|v| (seed, v.clone()))
            });
            println!("{:<25} {found:?}", mutant.name());
        }
        return;
    }
    let mutant = Mutant::named(&name);
    for seed in from..to {
        let scenario = Scenario::of(seed);
        let verdict = stage.play(&scenario, mutant, to == from + 1);
        if to == from + 1 {
            println!("{scenario:#?}");
            for line in &verdict.lines {
                println!("{line}");
            }
            simulation::logs::with(|log| println!("{log}"));
        }
        if !verdict.violations.is_empty() {
            println!("seed {seed}: {:?}", verdict.violations);
        }
    }
    println!("{:?}", began.elapsed());
}
