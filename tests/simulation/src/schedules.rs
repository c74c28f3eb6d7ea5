//! Every way in which a few faults can meet the operations of one record.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::entry::Saved;
use crate::fate::{Fault, Plan, Whither};
use crate::run::Stage;
use crate::scenario::Scenario;

/// The faults that are placed: it does not happen; it happens and nobody hears of it; it happens
/// and the worker ends. A call of Odoo may also happen long after nobody waits for it.
const OF_AWS: [Fault; 3] = [Fault::Refused, Fault::Lost, Fault::DiesAfter];
const OF_ODOO: [Fault; 4] = [Fault::Refused, Fault::Lost, Fault::DiesAfter, Fault::Late];

/// The faults of one run: by the number of the poster's operation.
pub type Schedule = BTreeMap<usize, Fault>;

/// What came of all schedules.
#[derive(Debug, Clone, Default)]
pub struct Schedules {
    /// How many there are of each number of faults, beginning with none.
    pub played: Vec<u64>,
    /// Those that did not end well, and how.
    pub failed: Vec<(Schedule, Vec<String>)>,
}

/// One entry with a billable and an unbilled part, told once.
fn scenario(schedule: &Schedule) -> Scenario {
    let saved = Saved {
        version: 1_795_420_800_000,
        worked: 800,
        billable: 600,
        approved: true,
        who: 0,
        text: 1,
    };
    Scenario {
        gathers: false,
        seed: 1,
        plan: Plan::Placed(schedule.clone()),
        weather: Duration::from_secs(3_600),
        slowly: false,
        skew: Duration::ZERO,
        doubles: 0,
        linked: None,
        entries: BTreeMap::from([(90_300, vec![saved])]),
        tellings: vec![(Duration::from_secs(1), 90_300, 0)],
        rotation: None,
        person: None,
    }
}

impl Schedules {
    /// Plays every schedule of at most `most` faults; of `parts`, only every one that is `part`.
    pub fn play(stage: &Stage, most: usize, part: usize, parts: usize) -> Self {
        let mut schedules = Self {
            played: vec![0; most + 1],
            failed: Vec::new(),
        };
        let none = Schedule::new();
        let operations = schedules.one(stage, &none, part == 0);
        for (number, schedule) in after(&none, &operations).into_iter().enumerate() {
            if number % parts == part {
                schedules.below(stage, &schedule, most);
            }
        }
        schedules
    }

    /// Plays a schedule and every one that begins with it: further faults come later, among the
    /// operations that there are because of the earlier ones.
    fn below(&mut self, stage: &Stage, schedule: &Schedule, most: usize) {
        let operations = self.one(stage, schedule, true);
        if schedule.len() == most {
            return;
        }
        for next in after(schedule, &operations) {
            self.below(stage, &next, most);
        }
    }

    fn one(&mut self, stage: &Stage, schedule: &Schedule, counts: bool) -> Vec<Whither> {
        let verdict = stage.play(&scenario(schedule), None, false);
        if counts {
            self.played[schedule.len()] += 1;
            let mut violations = verdict.violations;
            if verdict.posted == 0 {
                violations.push("nothing was posted".to_owned());
            }
            if !violations.is_empty() {
                self.failed.push((schedule.clone(), violations));
            }
        }
        verdict.operations
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let played = self.played.iter_mut().zip(other.played);
        played.for_each(|(mine, theirs)| *mine += theirs);
        self.failed.extend(other.failed);
        self
    }

    /// How many were played.
    pub fn all(&self) -> u64 {
        self.played.iter().sum()
    }
}

/// The schedules with one more fault than this one, later than all of its faults.
fn after(schedule: &Schedule, operations: &[Whither]) -> Vec<Schedule> {
    let first = schedule.last_key_value().map_or(0, |(last, _)| last + 1);
    let later = operations.iter().enumerate().skip(first);
    later
        .flat_map(|(number, whither)| {
            let faults: &[Fault] = match whither {
                Whither::Aws => &OF_AWS,
                Whither::Odoo => &OF_ODOO,
            };
            faults.iter().map(move |fault| (number, *fault))
        })
        .map(|one| {
            schedule
                .iter()
                .map(|(n, f)| (*n, *f))
                .chain([one])
                .collect()
        })
        .collect()
}
