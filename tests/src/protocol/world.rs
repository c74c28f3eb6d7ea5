//! What the steps of the protocol read and write.

use domain::State;

use super::{Mutant, VERSIONS, WORKERS};

/// Everything that the steps read and write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The ledger's record of each version.
    pub(super) records: [Option<State>; VERSIONS],
    /// Whether the version is in the pending list.
    pub(super) pending: [bool; VERSIONS],
    pub(super) lease: Option<Lease>,
    /// Whether the ledger knows that a version changes the one before it.
    pub(super) follows: [bool; VERSIONS],
    /// What Odoo has under our reference: the version whose content it is.
    pub(super) odoo: Vec<usize>,
    /// Whether an older content ever took the place of a newer one.
    pub(super) went_back: bool,
    /// What Odoo was asked and has not answered.
    pub(super) calls: Vec<Call>,
    pub(super) workers: [Worker; WORKERS],
    pub(super) judges: [Judge; VERSIONS],
    pub(super) deliveries: [u8; VERSIONS],
    pub(super) faults: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lease {
    pub(super) owner: usize,
    pub(super) ended: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub(super) worker: usize,
    pub(super) batch: Vec<Job>,
}

/// A version that is sent, and whether its worker knows that it changes the one before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Job {
    pub(super) version: usize,
    pub(super) follows: bool,
}

/// A worker of the partition, between two steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Worker {
    Idle,
    Taken,
    Read(Vec<Job>),
    Announced(Vec<Job>),
    Waiting,
    /// What Odoo answered: each version, and whether Odoo has its content.
    Answered(Vec<(usize, bool)>),
}

/// The delivery of one version, between two steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Judge {
    Idle,
    Read([Option<State>; VERSIONS]),
    Accept { follows: bool },
    Point,
}

impl World {
    /// A worker that is gone can send nothing; what it sent may still be under way.
    pub(super) fn lease_may_end(&self, mutant: Option<Mutant>) -> bool {
        let Some(lease) = self.lease.as_ref().filter(|lease| !lease.ended) else {
            return false;
        };
        let is_gone = self.workers[lease.owner] == Worker::Idle;
        let is_done = self.calls.iter().all(|call| call.worker != lease.owner);
        mutant == Some(Mutant::ShortLease) || (is_gone && is_done)
    }

    pub(super) fn may_work(&self, worker: usize) -> bool {
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
    pub(super) fn is_at_rest(&self) -> bool {
        self.deliveries == [0; VERSIONS]
            && self.judges.iter().all(|judge| *judge == Judge::Idle)
            && self.workers.iter().all(|worker| *worker == Worker::Idle)
            && self.calls.is_empty()
            && !self.pending.contains(&true)
    }
}
