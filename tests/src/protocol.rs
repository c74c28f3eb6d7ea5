//! The protocol by which two versions of one fact reach Odoo, checked over every order of its steps:
//! two deliveries that are judged side by side, two workers of one partition, an Odoo that commits
//! late, answers that are lost, and workers that die at any step.
//!
//! The states of a version are the ledger's own ([`State`]); *claimed* and *uncertain* are not
//! written there either, but follow from the lease. Each step here is one call there:
//! `Ledger::accept` and `supersede` for a delivery, `take`, `announce`, `settle` and `give_back` for
//! a worker. A fault of the protocol that is put in on purpose is found, so the check can fail.

mod world;

use domain::State;
use stateright::{Model, Property};

use world::{Call, Job, Judge, Lease, Worker, World};

const VERSIONS: usize = 2;
const WORKERS: usize = 2;
/// How often each version is delivered: once, and once more.
const DELIVERIES: u8 = 2;
/// How many deaths and lost answers one run has.
const FAULTS: u8 = 3;

/// What is wrong with the protocol, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// The lease may end while Odoo still works on what its owner sent.
    ShortLease,
    /// Odoo keeps no name of ours, so that the same row again is another record.
    NoExternalId,
    /// What Odoo has is not compared with what was to be written.
    NoReadBack,
    /// A version that is delivered again is not made pending again.
    NoPointerAgain,
    /// A worker whose answer was lost gives the partition back.
    UncertainGivesBack,
    /// A version does not know that it changes one that may be in Odoo.
    NoPredecessor,
}

/// One step of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Deliver(usize),
    Judge(usize),
    JudgeDies(usize),
    Work(usize),
    WorkerDies(usize),
    OdooCommits(usize),
    OdooIsAway(usize),
    AnswerIsLost(usize),
    LeaseEnds,
}

/// The protocol, or a mutant of it.
pub struct Protocol {
    /// What is wrong with it; nothing in the protocol that ships.
    pub mutant: Option<Mutant>,
}

impl Protocol {
    fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    /// One step of `Validate::offer` and `Ledger::accept`.
    fn judge(&self, world: &mut World, version: usize) {
        world.judges[version] = match world.judges[version].clone() {
            Judge::Idle => Judge::Idle,
            Judge::Read(known) => self.place(world, version, known),
            Judge::Accept { follows } => match world.records[version] {
                None => {
                    world.records[version] = Some(State::Waiting);
                    world.follows[version] = follows && !self.is(Mutant::NoPredecessor);
                    Judge::Point
                }
                // Delivered before: the first attempt may have died before the pointer.
                Some(_) if self.is(Mutant::NoPointerAgain) => Judge::Idle,
                Some(_) => Judge::Point,
            },
            Judge::Point => {
                if world.records[version] == Some(State::Waiting) {
                    world.pending[version] = true;
                }
                Judge::Idle
            }
        };
    }

    /// Where the version stands among those that were known when it was read
    /// (`domain::judge::standing` and `predecessor`).
    fn place(&self, world: &mut World, version: usize, known: [Option<State>; VERSIONS]) -> Judge {
        let follows = known[..version].iter().any(Option::is_some);
        if known[version].is_some() {
            return Judge::Accept { follows };
        }
        if known[version + 1..].iter().any(Option::is_some) {
            return Judge::Idle;
        }
        for older in 0..version {
            if world.records[older] == Some(State::Waiting) {
                world.records[older] = Some(State::Superseded);
                world.pending[older] = false;
            }
        }
        Judge::Accept { follows }
    }

    /// One step of `Post::drain`.
    fn work(&self, world: &mut World, worker: usize) {
        let owns = world
            .lease
            .as_ref()
            .is_some_and(|lease| lease.owner == worker);
        world.workers[worker] = match world.workers[worker].clone() {
            Worker::Idle => {
                let owner = Lease {
                    owner: worker,
                    ended: false,
                };
                world.lease = Some(owner);
                Worker::Taken
            }
            Worker::Taken => match self.read_pending(world) {
                batch if !batch.is_empty() => Worker::Read(batch),
                _ => {
                    world.lease.take_if(|lease| lease.owner == worker);
                    Worker::Idle
                }
            },
            Worker::Read(batch) if owns => Worker::Announced(batch),
            Worker::Read(_) => Worker::Idle,
            Worker::Announced(batch) => {
                world.calls.push(Call { worker, batch });
                Worker::Waiting
            }
            Worker::Waiting => Worker::Waiting,
            Worker::Answered(mut answers) => match answers.pop() {
                None => Worker::Taken,
                Some((version, is_right)) if is_right || owns => {
                    self.settle(world, version, is_right);
                    Worker::Answered(answers)
                }
                // Whoever lost the lease may not say that something failed.
                Some(_) => Worker::Answered(answers),
            },
        };
    }

    fn read_pending(&self, world: &mut World) -> Vec<Job> {
        let mut batch: Vec<usize> = (0..VERSIONS).filter(|v| world.pending[*v]).collect();
        // A pointer whose record has moved on is left over from an interrupted step.
        batch.retain(|version| {
            world.pending[*version] = world.records[*version] == Some(State::Waiting);
            world.pending[*version]
        });
        let Some(newest) = batch.pop() else {
            return Vec::new();
        };
        let overtakes = !batch.is_empty() && !self.is(Mutant::NoPredecessor);
        for older in batch {
            world.records[older] = Some(State::Superseded);
            world.pending[older] = false;
        }
        vec![Job {
            version: newest,
            follows: overtakes || world.follows[newest],
        }]
    }

    /// One record of `Post::settle`.
    fn settle(&self, world: &mut World, version: usize, is_right: bool) {
        let now = world.records[version];
        world.pending[version] = false;
        if is_right {
            world.records[version] = Some(State::Posted);
            return;
        }
        if now != Some(State::Waiting) {
            return;
        }
        let is_known = |other: &Option<State>| other.is_some();
        let is_overtaken = world.records[version + 1..].iter().any(is_known);
        let has_older = world.records[..version].iter().any(is_known);
        if is_overtaken {
            world.records[version] = Some(State::Superseded);
        } else if has_older && !world.follows[version] && !self.is(Mutant::NoPredecessor) {
            world.follows[version] = true;
            world.pending[version] = true;
        } else {
            world.records[version] = Some(State::Held);
        }
    }

    /// The look, `load` with insert-once or the change of what is there, and the read-back.
    fn commit(&self, world: &mut World, call: usize) {
        let Call { worker, batch } = world.calls.remove(call);
        let mut answers = Vec::new();
        for Job { version, follows } in batch {
            if world.odoo.is_empty() || self.is(Mutant::NoExternalId) {
                world.odoo.push(version);
            } else if follows {
                world.went_back |= world.odoo[0] > version;
                world.odoo[0] = version;
            }
            let is_right = world.odoo[0] == version || self.is(Mutant::NoReadBack);
            answers.push((version, is_right));
        }
        if world.workers[worker] == Worker::Waiting {
            world.workers[worker] = Worker::Answered(answers);
        }
    }
}

impl Model for Protocol {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            records: [None; VERSIONS],
            pending: [false; VERSIONS],
            lease: None,
            follows: [false; VERSIONS],
            odoo: Vec::new(),
            went_back: false,
            calls: Vec::new(),
            workers: [Worker::Idle, Worker::Idle],
            judges: [Judge::Idle, Judge::Idle],
            deliveries: [DELIVERIES; VERSIONS],
            faults: FAULTS,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        let mishap = world.faults > 0;
        for version in 0..VERSIONS {
            match world.judges[version] {
                Judge::Idle if world.deliveries[version] > 0 => {
                    actions.push(Action::Deliver(version));
                }
                Judge::Idle => {}
                Judge::Read(_) | Judge::Accept { .. } | Judge::Point => {
                    actions.push(Action::Judge(version));
                    actions.extend(mishap.then_some(Action::JudgeDies(version)));
                }
            }
        }
        for worker in 0..WORKERS {
            actions.extend(world.may_work(worker).then_some(Action::Work(worker)));
            let busy = world.workers[worker] != Worker::Idle;
            actions.extend((busy && mishap).then_some(Action::WorkerDies(worker)));
            let waits = world.workers[worker] == Worker::Waiting;
            actions.extend((waits && mishap).then_some(Action::AnswerIsLost(worker)));
        }
        for call in 0..world.calls.len() {
            actions.push(Action::OdooCommits(call));
            actions.push(Action::OdooIsAway(call));
        }
        actions.extend(
            world
                .lease_may_end(self.mutant)
                .then_some(Action::LeaseEnds),
        );
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut world = world.clone();
        match action {
            Action::Deliver(version) => {
                world.deliveries[version] -= 1;
                world.judges[version] = Judge::Read(world.records);
            }
            Action::Judge(version) => self.judge(&mut world, version),
            Action::JudgeDies(version) => {
                world.faults -= 1;
                world.judges[version] = Judge::Idle;
                // The queue delivers it again.
                world.deliveries[version] += 1;
            }
            Action::Work(worker) => self.work(&mut world, worker),
            Action::WorkerDies(worker) | Action::AnswerIsLost(worker) => {
                world.faults -= 1;
                world.workers[worker] = Worker::Idle;
                if self.is(Mutant::UncertainGivesBack) {
                    world.lease.take_if(|lease| lease.owner == worker);
                }
            }
            Action::OdooCommits(call) => self.commit(&mut world, call),
            Action::OdooIsAway(call) => {
                let Call { worker, .. } = world.calls.remove(call);
                if world.workers[worker] == Worker::Waiting {
                    world.workers[worker] = Worker::Idle;
                    world.lease.take_if(|lease| lease.owner == worker);
                }
            }
            Action::LeaseEnds => {
                if let Some(lease) = &mut world.lease {
                    lease.ended = true;
                }
            }
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("Odoo has the fact once", |_, world: &World| {
                world.odoo.len() <= 1
            }),
            Property::always("Odoo never goes back", |_, world: &World| !world.went_back),
            Property::always(
                "nobody sends while another's call may run",
                |_, world: &World| world.calls.len() <= 1,
            ),
            Property::always("nothing is lost", |_, world: &World| {
                let waits = world.records.contains(&Some(State::Waiting));
                !(world.is_at_rest() && waits)
            }),
            Property::always("the newest ends in Odoo", |_, world: &World| {
                let newest = VERSIONS - 1;
                let is_posted = world.records[newest] == Some(State::Posted);
                !world.is_at_rest() || (is_posted && world.odoo == [newest])
            }),
            Property::sometimes("the newest is posted alone", |_, world: &World| {
                world.records == [Some(State::Superseded), Some(State::Posted)]
            }),
            Property::sometimes("the newest changes the older one", |_, world: &World| {
                world.records == [Some(State::Posted), Some(State::Posted)]
            }),
        ]
    }
}
