//! The protocol by which two versions of one fact reach Odoo, checked over every order of its steps:
//! two deliveries that are judged side by side, two workers of one partition, an Odoo that commits
//! late, answers that are lost, and workers that die at any step.
//!
//! The states of a version are the ledger's own ([`State`]); *claimed* and *uncertain* are not
//! written there either, but follow from the lease. Each step here is one call there:
//! `Ledger::accept` and `supersede` for a delivery, `take`, `announce`, `settle` and `give_back` for
//! a worker. A fault of the protocol that is put in on purpose is found, so the check can fail.

use domain::State;
use stateright::{Model, Property};

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
}

/// Everything that the steps read and write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The ledger's record of each version.
    records: [Option<State>; VERSIONS],
    /// Whether the version is in the pending list.
    pending: [bool; VERSIONS],
    lease: Option<Lease>,
    /// What Odoo has under our reference: the version whose content it is.
    odoo: Vec<usize>,
    /// What Odoo was asked and has not answered.
    calls: Vec<Call>,
    workers: [Worker; WORKERS],
    judges: [Judge; VERSIONS],
    deliveries: [u8; VERSIONS],
    faults: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Lease {
    owner: usize,
    ended: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Call {
    worker: usize,
    batch: Vec<usize>,
}

/// A worker of the partition, between two steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Worker {
    Idle,
    Taken,
    Read(Vec<usize>),
    Announced(Vec<usize>),
    Waiting,
    /// What Odoo answered: each version, and whether Odoo has its content.
    Answered(Vec<(usize, bool)>),
}

/// The delivery of one version, between two steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Judge {
    Idle,
    Read([Option<State>; VERSIONS]),
    Accept(State),
    Point,
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
            Judge::Accept(state) => match world.records[version] {
                None => {
                    world.records[version] = Some(state);
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
    /// (`domain::judge::standing`).
    fn place(&self, world: &mut World, version: usize, known: [Option<State>; VERSIONS]) -> Judge {
        if known[version].is_some() {
            return Judge::Accept(State::Waiting);
        }
        if known[version + 1..].iter().any(Option::is_some) {
            return Judge::Idle;
        }
        if known.contains(&Some(State::Posted)) {
            // Odoo has another content: a person decides.
            return Judge::Accept(State::Held);
        }
        for older in 0..version {
            if matches!(world.records[older], Some(State::Waiting | State::Held)) {
                world.records[older] = Some(State::Superseded);
                world.pending[older] = false;
            }
        }
        Judge::Accept(State::Waiting)
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
            Worker::Taken => match Self::read_pending(world) {
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
                Some((version, is_right)) => {
                    Self::settle(world, version, is_right);
                    Worker::Answered(answers)
                }
            },
        };
    }

    fn read_pending(world: &mut World) -> Vec<usize> {
        let mut batch: Vec<usize> = (0..VERSIONS).filter(|v| world.pending[*v]).collect();
        // A pointer whose record has moved on is left over from an interrupted step.
        batch.retain(|version| {
            world.pending[*version] = world.records[*version] == Some(State::Waiting);
            world.pending[*version]
        });
        if let Some(newest) = batch.pop() {
            for older in std::mem::replace(&mut batch, vec![newest]) {
                world.records[older] = Some(State::Superseded);
                world.pending[older] = false;
            }
        }
        batch
    }

    fn settle(world: &mut World, version: usize, is_right: bool) {
        let now = world.records[version];
        if is_right && now != Some(State::Posted) {
            world.records[version] = Some(State::Posted);
        }
        if !is_right && now == Some(State::Waiting) {
            world.records[version] = Some(State::Held);
        }
        world.pending[version] = false;
    }

    /// `load` with insert-once, and the read-back.
    fn commit(&self, world: &mut World, call: usize) {
        let Call { worker, batch } = world.calls.remove(call);
        let mut answers = Vec::new();
        for version in batch {
            if world.odoo.is_empty() || self.is(Mutant::NoExternalId) {
                world.odoo.push(version);
            }
            let is_right = world.odoo[0] == version || self.is(Mutant::NoReadBack);
            answers.push((version, is_right));
        }
        if world.workers[worker] == Worker::Waiting {
            world.workers[worker] = Worker::Answered(answers);
        }
    }
}

impl World {
    /// A worker that is gone can send nothing; what it sent may still be under way.
    fn lease_may_end(&self, mutant: Option<Mutant>) -> bool {
        let Some(lease) = self.lease.as_ref().filter(|lease| !lease.ended) else {
            return false;
        };
        let is_gone = self.workers[lease.owner] == Worker::Idle;
        let is_done = self.calls.iter().all(|call| call.worker != lease.owner);
        mutant == Some(Mutant::ShortLease) || (is_gone && is_done)
    }

    fn may_work(&self, worker: usize) -> bool {
        match self.workers[worker] {
            Worker::Idle => {
                let free = self.lease.as_ref().is_none_or(|lease| lease.ended);
                free && self.pending.contains(&true)
            }
            Worker::Waiting => false,
            Worker::Taken | Worker::Read(_) | Worker::Announced(_) | Worker::Answered(_) => true,
        }
    }

    /// Nothing is under way, and nothing will come any more.
    fn is_at_rest(&self) -> bool {
        self.deliveries == [0; VERSIONS]
            && self.judges.iter().all(|judge| *judge == Judge::Idle)
            && self.workers.iter().all(|worker| *worker == Worker::Idle)
            && self.calls.is_empty()
            && !self.pending.contains(&true)
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
            odoo: Vec::new(),
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
                Judge::Read(_) | Judge::Accept(_) | Judge::Point => {
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
            Property::always("what is posted is what Odoo has", |_, world: &World| {
                (0..VERSIONS).all(|version| {
                    world.records[version] != Some(State::Posted) || world.odoo == [version]
                })
            }),
            Property::always(
                "nobody sends while another's call may run",
                |_, world: &World| world.calls.len() <= 1,
            ),
            Property::always("nothing is lost", |_, world: &World| {
                let waits = world.records.contains(&Some(State::Waiting));
                !(world.is_at_rest() && waits)
            }),
            Property::always("the newest ends where people see it", |_, world: &World| {
                let newest = world.records[VERSIONS - 1];
                !world.is_at_rest() || matches!(newest, Some(State::Posted | State::Held))
            }),
            // A version may be superseded while it is under way, and its worker die: then the newer
            // one finds it in Odoo and is held, with the difference.
            Property::always(
                "the ledger knows what Odoo has, or asks",
                |_, world: &World| {
                    let known = |version: &usize| world.records[*version] == Some(State::Posted);
                    let asks = world.records.contains(&Some(State::Held));
                    !world.is_at_rest() || asks || world.odoo.iter().all(known)
                },
            ),
            Property::sometimes("the newest is posted alone", |_, world: &World| {
                world.records == [Some(State::Superseded), Some(State::Posted)]
            }),
            Property::sometimes("a person decides about the newest", |_, world: &World| {
                world.records == [Some(State::Posted), Some(State::Held)]
            }),
        ]
    }
}
