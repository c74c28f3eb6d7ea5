//! What `simulate` prints.

use std::time::Duration;

use serde_json::json;
use simulation::mutant::Mutant;
use simulation::run::Verdict;
use simulation::scenario::Scenario;
use simulation::schedules::Schedules;
use simulation::seeds::Seeds;

/// How many failures are printed.
const SHOWN: usize = 10;

/// A mutant, and the seed that found it with what it found.
type Found = (Mutant, Option<(u64, Vec<String>)>);

/// Everything that happened under one seed.
pub fn tell_story(scenario: &Scenario, verdict: &Verdict) {
    println!("{scenario:#?}");
    for line in &verdict.lines {
        println!("{line}");
    }
    println!(
        "digest {:016x}, {} lines in Odoo",
        verdict.digest, verdict.posted
    );
    match verdict.violations.as_slice() {
        [] => println!("It ended well."),
        violations => violations.iter().for_each(|one| println!("WRONG: {one}")),
    }
}

/// What came of many seeds.
pub fn tell_seeds(seeds: &Seeds, took: Duration, as_json: bool) {
    if as_json {
        let failed: Vec<_> = (seeds.failed.iter())
            .map(|(seed, why)| json!({"seed": seed, "wrong": why}))
            .collect();
        let told = json!({"seeds": seeds.played, "runs": seeds.played + seeds.twice, "posting": seeds.posting,
            "lines": seeds.lines, "unlike": seeds.unlike, "failed": failed, "seconds": took.as_secs()});
        return println!("{told}");
    }
    println!("seeds          {:>9}", seeds.played);
    println!("  twice        {:>9}  were played twice", seeds.twice);
    println!(
        "  posting      {:>9}  in which something was posted",
        seeds.posting
    );
    println!("  lines        {:>9}  timesheet lines in Odoo", seeds.lines);
    println!(
        "  unlike       {:>9}  whose second run was another",
        seeds.unlike.len()
    );
    println!("  failed       {:>9}", seeds.failed.len());
    println!("took           {:>9} s", took.as_secs());
    for (seed, wrong) in seeds.failed.iter().take(SHOWN) {
        println!("WRONG: cargo tenon simulate --seed {seed}");
        wrong.iter().for_each(|one| println!("  {one}"));
    }
    for seed in seeds.unlike.iter().take(SHOWN) {
        println!("NOT REPEATABLE: cargo tenon simulate --seed {seed}");
    }
}

/// What came of every schedule.
pub fn tell_schedules(all: &Schedules, took: Duration, as_json: bool) {
    let failed = || all.failed.iter().take(SHOWN);
    if as_json {
        let failed: Vec<_> = failed()
            .map(|(schedule, why)| json!({"schedule": format!("{schedule:?}"), "wrong": why}))
            .collect();
        let told = json!({"schedules": all.all(), "by_faults": all.played,
            "failed": all.failed.len(), "first_failed": failed, "seconds": took.as_secs()});
        return println!("{told}");
    }
    for (faults, played) in all.played.iter().enumerate() {
        println!("schedules of {faults} faults {played:>9}");
    }
    println!("all                   {:>9}", all.all());
    println!("failed                {:>9}", all.failed.len());
    println!("took                  {:>9} s", took.as_secs());
    for (schedule, wrong) in failed() {
        println!("WRONG: {schedule:?}");
        wrong.iter().for_each(|one| println!("  {one}"));
    }
}

/// Which seed finds which mutant.
pub fn tell_mutants(found: &[Found], as_json: bool) {
    if as_json {
        let told: Vec<_> = (found.iter())
            .map(|(mutant, found)| {
                let (seed, wrong) = found.clone().unzip();
                json!({"mutant": mutant.name(), "seed": seed, "found": wrong})
            })
            .collect();
        return println!("{}", json!(told));
    }
    for (mutant, found) in found {
        match found {
            Some((seed, wrong)) => {
                let first = wrong.first().map(String::as_str).unwrap_or_default();
                let first: String = first.chars().take(100).collect();
                println!("{:<24} found by seed {seed:>4}: {first}", mutant.name());
            }
            None => println!("{:<24} NOT FOUND", mutant.name()),
        }
    }
}
