//! What happens in a run, from its seed.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::dice::Dice;
use crate::entry::Saved;
use crate::fate::Plan;
use crate::mutant::Mutant;
use crate::world::BEGINNING;

/// One minute, in milliseconds.
const MINUTE: u64 = 60_000;
const HOUR: Duration = Duration::from_secs(3_600);

/// What happens in a run.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its seed.
    pub seed: u64,
    /// What goes wrong.
    pub plan: Plan,
    /// For how long things go wrong.
    pub weather: Duration,
    /// Whether Odoo may be called once a second only.
    pub slowly: bool,
    /// How far clocks may be from the true time.
    pub skew: Duration,
    /// How many of a thousand messages are delivered twice.
    pub doubles: u64,
    /// When the PSA project is linked to the contract; none when it always was.
    pub linked: Option<Duration>,
    /// Every state of every time entry, by its id, in the order of saving.
    pub entries: BTreeMap<u64, Vec<Saved>>,
    /// When the source tells which state of which entry (its place), again and again.
    pub tellings: Vec<(Duration, u64, usize)>,
    /// When the key of Odoo's service users is replaced, if it is.
    pub rotation: Option<Duration>,
    /// When a person changes or deletes a posted line, if one does.
    pub person: Option<(Duration, Hand)>,
    /// Whether the book gathers time for two minutes instead of letting it go at once.
    pub gathers: bool,
}

/// What a person does by hand in Odoo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// Other hours.
    Edits,
    /// Away with it.
    Deletes,
}

impl Scenario {
    /// What happens under this seed.
    pub fn of(seed: u64) -> Self {
        let dice = &mut Dice::of(seed ^ 0x9e37_79b9_7f4a_7c15);
        let weather = dice.one_of(&[5, 30, 30, 300, 300, 20_000]);
        let weather = Duration::from_millis(dice.between(MINUTE, weather * MINUTE));
        let skew = Duration::from_secs(dice.one_of(&[0, 0, 10, 10, 120, 86_400]));
        let mut entries = BTreeMap::new();
        let mut tellings = Vec::new();
        for id in 0..dice.between(1, 3) {
            let id = 90_300 + id;
            let saved = states(dice);
            for place in 0..saved.len() {
                for _ in 0..dice.one_of(&[1, 1, 1, 2]) {
                    tellings.push((moment(dice, weather), id, place));
                }
            }
            entries.insert(id, saved);
        }
        tellings.sort();
        let chance = dice.one_of(&[0, 10, 30, 60, 100]);
        Self {
            seed,
            plan: Plan::Chance {
                aws: chance,
                odoo: chance,
                only: None,
            },
            weather,
            slowly: dice.happens(300),
            skew,
            doubles: dice.one_of(&[0, 50, 300]),
            linked: dice.happens(200).then(|| moment(dice, weather)),
            entries,
            tellings,
            rotation: dice.happens(100).then(|| moment(dice, weather)),
            person: dice.happens(150).then(|| {
                let hand = dice.one_of(&[Hand::Edits, Hand::Deletes]);
                (moment(dice, weather), hand)
            }),
            gathers: false,
        }
    }

    /// The same for a firm whose book gathers time.
    pub fn gathering(seed: u64) -> Self {
        Self {
            gathers: true,
            ..Self::of(seed)
        }
    }
}

impl Scenario {
    /// The same in rough weather: everything fails often, entries change after they were posted, and
    /// so do people.
    pub fn rough(seed: u64) -> Self {
        let calm = Self::of(seed);
        let hand = match seed % 2 {
            0 => Hand::Edits,
            _ => Hand::Deletes,
        };
        Self {
            plan: Plan::Chance {
                aws: 60,
                odoo: 300,
                only: None,
            },
            weather: calm.weather.max(HOUR * 3),
            skew: Duration::ZERO,
            doubles: 400,
            person: Some((Duration::ZERO, hand)),
            tellings: match seed % 4 {
                0 | 1 => calm.tellings,
                _ => one_after_the_other(calm.tellings),
            },
            ..calm
        }
    }

    /// The weather in which a deliberate fault shows.
    pub fn showing(mutant: Mutant, seed: u64) -> Self {
        let rough = Self::rough(seed);
        let Some(fault) = mutant.shows_in() else {
            return rough;
        };
        Self {
            plan: Plan::Chance {
                aws: 60,
                odoo: 300,
                only: Some(fault),
            },
            person: None,
            ..rough
        }
    }
}

/// Each version is told about an hour after the one before: that one is in Odoo by then.
fn one_after_the_other(tellings: Vec<(Duration, u64, usize)>) -> Vec<(Duration, u64, usize)> {
    let later = |(at, id, place): (Duration, u64, usize)| {
        let hours = u32::try_from(place).unwrap_or_default();
        (at.min(HOUR / 2) + HOUR * hours, id, place)
    };
    let mut tellings: Vec<_> = tellings.into_iter().map(later).collect();
    tellings.sort();
    tellings
}

/// Most of what happens, happens at the beginning.
fn moment(dice: &mut Dice, weather: Duration) -> Duration {
    let whole = u64::try_from(weather.as_millis()).unwrap_or(u64::MAX);
    let until = dice.one_of(&[1_000, 10_000, MINUTE, whole]).min(whole);
    Duration::from_millis(dice.between(0, until))
}

/// The states of one time entry, in the order in which they were saved.
fn states(dice: &mut Dice) -> Vec<Saved> {
    let beginning: Timestamp = BEGINNING.parse().expect("a time");
    let first = u64::try_from(beginning.as_millisecond()).unwrap_or_default();
    let mut saved: Vec<Saved> = Vec::new();
    for place in 0..dice.one_of(&[1, 1, 2, 2, 3]) {
        let version = first + place * 1_000 + dice.between(0, 500);
        let again = saved.last().filter(|_| dice.happens(250)).cloned();
        saved.push(match again {
            Some(last) => Saved { version, ..last },
            None => state(dice, version),
        });
    }
    saved
}

fn state(dice: &mut Dice, version: u64) -> Saved {
    let worked = i64::try_from(dice.between(1, 32)).unwrap_or_default() * 25;
    let billable = match dice.between(0, 3) {
        0 => 0,
        1 => worked / 2,
        _ => worked,
    };
    Saved {
        version,
        worked,
        billable,
        approved: !dice.happens(70),
        who: usize::from(dice.happens(300)),
        text: dice.between(1, 99),
    }
}
