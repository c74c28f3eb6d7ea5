//! One run: a world, what happens in it, and the verdict.

use std::sync::Arc;
use std::time::Duration;

use domain::Lane;
use source_api::SourceApi;

use crate::entry::project_delivery;
use crate::firm::{DEAL, Firm};
use crate::fleet::{Fleet, SAFE, Setup};
use crate::logs;
use crate::mutant::Mutant;
use crate::names;
use crate::oracle;
use crate::people;
use crate::queue::Queue;
use crate::scenario::{Hand, Scenario};
use crate::triggers::{self, PATIENCE};
use crate::world::{Things, World};

/// The key of Odoo's service users: it may be in no log.
pub const KEY: &str = "canary-key";

/// What every run of a process shares.
#[derive(Clone)]
pub struct Stage {
    /// The firm that lets time go at once and the one that gathers it, each without and with its
    /// project linked.
    pub firms: Arc<[[Firm; 2]; 2]>,
    /// The way to sources, which nothing here uses.
    pub api: SourceApi,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What must never happen, and did.
    pub violations: Vec<String>,
    /// How many lines are in Odoo, or were until a person deleted them.
    pub posted: usize,
    /// The digest of everything that happened.
    pub digest: u64,
    /// Everything that happened, when it was wanted.
    pub lines: Vec<String>,
    /// Where the poster's operations went, when faults were placed.
    pub operations: Vec<crate::fate::Whither>,
}

impl Stage {
    /// What every run shares.
    pub fn set() -> Self {
        logs::capture();
        let api = SourceApi::new().expect("a client that is never used");
        let firms = virtually(async { crate::firm::firms().await });
        Self { firms, api }
    }

    /// Plays a scenario.
    pub fn play(&self, scenario: &Scenario, mutant: Option<Mutant>, readable: bool) -> Verdict {
        // The SDK rolls dice of its own.
        fastrand::seed(scenario.seed);
        logs::clear();
        virtually(self.story(scenario, mutant, readable))
    }

    async fn story(&self, scenario: &Scenario, mutant: Option<Mutant>, readable: bool) -> Verdict {
        let world = World::new(mutant, self.things(scenario, readable));
        let fleet = Fleet::new(&world, self.setup(scenario, mutant));
        triggers::start(&fleet);
        tokio::task::spawn_local(source(Arc::clone(&world), scenario.clone()));
        people::start(&world, scenario);
        tokio::select! {
            biased;
            () = world.restless.notified() => {
                world.violated("it does not come to rest".to_owned());
            }
            () = to_the_end(&world, scenario) => {}
        }
        verdict(&world)
    }

    fn things(&self, scenario: &Scenario, readable: bool) -> Things {
        let mut things = Things::new(scenario.seed, scenario.plan.clone(), readable);
        let firms = &self.firms[usize::from(scenario.gathers)];
        let firm = &firms[usize::from(scenario.linked.is_none())];
        things.tables = firm.tables.clone();
        things.odoo = firm.odoo.clone();
        things.odoo.allow(KEY);
        things.forwarded = things.tables.changes(0).len();
        things.doubles = scenario.doubles;
        things.clocks_agree = scenario.skew <= Duration::from_secs(15);
        let bells = Duration::from_secs(SAFE.visibility_seconds.into());
        for (name, terms) in names::queues(bells) {
            things.queues.insert(name, Queue::new(terms));
        }
        for lane in Lane::ALL {
            things.secrets.insert(people::secret(lane), KEY.to_owned());
        }
        things
    }

    fn setup(&self, scenario: &Scenario, mutant: Option<Mutant>) -> Setup {
        Setup {
            limits: mutant.map_or(SAFE, |mutant| mutant.limits(SAFE)),
            slowly: scenario.slowly,
            skew: scenario.skew,
            api: self.api.clone(),
        }
    }
}

/// Runs something in virtual time: it passes as fast as nobody has anything to do.
fn virtually<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, future)
}

/// The PSA tells what was saved.
async fn source(world: Arc<World>, scenario: Scenario) {
    let mut tellings: Vec<(Duration, Option<(u64, usize)>)> = (scenario.tellings.iter())
        .map(|(at, id, place)| (*at, Some((*id, *place))))
        .collect();
    tellings.extend(scenario.linked.map(|at| (at, None)));
    tellings.sort();
    for (number, (at, what)) in tellings.into_iter().enumerate() {
        world.until(at).await;
        let delivery = format!("delivery-{number}");
        let body = match what {
            Some((id, place)) => scenario.entries[&id][place].delivery(id, &delivery, world.now()),
            None => project_delivery(DEAL, &delivery, world.now()),
        };
        let line = match what {
            Some((id, place)) => format!("tells {:?} of {id}", scenario.entries[&id][place]),
            None => "tells of the project".to_owned(),
        };
        world.note("source", &line);
        world.send(names::DELIVERIES, &body, Duration::ZERO);
    }
}

async fn to_the_end(world: &World, scenario: &Scenario) {
    world.until(scenario.weather).await;
    calm(world);
    settle(world).await;
    oracle::judge(world, scenario);
}

/// Nothing goes wrong any more.
fn calm(world: &World) {
    world.note("weather", "is over");
    world.things().fate.calm();
}

/// Waits until everything is settled.
async fn settle(world: &World) {
    let end = world.elapsed() + PATIENCE;
    let (mut pause, mut redrives) = (Duration::from_secs(60), 2);
    loop {
        if redrives > 0 && world.redrive() {
            redrives -= 1;
        } else if !triggers::has_work(world) && triggers::is_quiet(world) {
            break;
        }
        if world.elapsed() > end {
            let left = triggers::left(world).join(", ");
            return world.violated(format!("work is left that nobody does: {left}"));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_secs(6 * 3_600));
    }
    tokio::time::sleep(Duration::from_secs(3_600)).await;
}

fn verdict(world: &World) -> Verdict {
    let mut things = world.things();
    let trace = std::mem::take(&mut things.trace);
    let by_hand = things.by_hand.iter();
    let deleted = by_hand.filter(|by| by.hand == Hand::Deletes).count();
    Verdict {
        violations: things.violations.clone(),
        posted: things.odoo.lines().len() + deleted,
        digest: trace.digest(),
        lines: trace.into_lines(),
        operations: things.fate.counted().to_vec(),
    }
}
