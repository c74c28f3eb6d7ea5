//! Everything outside the functions, and the time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::dice::Dice;
use crate::fate::{Fate, Fault, Plan, Whither};
use crate::mutant::Mutant;
use crate::odoo::{Call as OdooCall, Erp, Said, Snapshot};
use crate::people::ByHand;
use crate::queue::Queue;
use crate::table::Tables;
use crate::trace::Trace;

/// The most that a run may ask of AWS; an ordinary one asks a few hundred times.
const MOST_OPERATIONS: u32 = 20_000;

/// When every run begins.
pub const BEGINNING: &str = "2026-11-23T08:00:00Z";

/// Everything outside the functions.
#[derive(Debug)]
pub struct World {
    began: Instant,
    beginning: Timestamp,
    /// What is wrong with this world on purpose.
    pub mutant: Option<Mutant>,
    things: Mutex<Things>,
    /// Rung when a message was sent there.
    sent: BTreeMap<&'static str, Notify>,
    /// Rung when more happened than any run needs.
    pub restless: Notify,
    /// Rung for the stream when its table was written.
    pub written: Notify,
    /// Rung for the minute when that table was written.
    pub worked: Notify,
}

/// What a run changes.
#[derive(Debug)]
pub struct Things {
    /// Every chance.
    pub dice: Dice,
    /// What goes wrong.
    pub fate: Fate,
    /// Faults that last for all attempts of a call.
    lasting: BTreeMap<String, Fault>,
    /// What happened.
    pub trace: Trace,
    /// DynamoDB.
    pub tables: Tables,
    /// SQS, by the queue's name.
    pub queues: BTreeMap<&'static str, Queue>,
    /// How many of a thousand messages a queue delivers twice.
    pub doubles: u64,
    /// Secrets Manager.
    pub secrets: BTreeMap<String, String>,
    /// Odoo.
    pub odoo: Erp,
    /// The external ids that Odoo is working on.
    under_way: BTreeSet<String>,
    /// Whether nobody's clock is further from the true time than the limits allow for.
    pub clocks_agree: bool,
    /// How many changes of the ledger were forwarded.
    pub forwarded: usize,
    /// What people did to lines in Odoo.
    pub by_hand: Vec<ByHand>,
    /// How much was asked of AWS.
    operations: u32,
    /// What must never happen, and did.
    pub violations: Vec<String>,
}

impl World {
    /// A world in which these things are.
    pub fn new(mutant: Option<Mutant>, things: Things) -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            beginning: BEGINNING.parse().expect("a time"),
            mutant,
            sent: (things.queues.keys().map(|name| (*name, Notify::new()))).collect(),
            things: Mutex::new(things),
            restless: Notify::new(),
            written: Notify::new(),
            worked: Notify::new(),
        })
    }

    /// The things of this world.
    pub fn things(&self) -> MutexGuard<'_, Things> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long this run takes already.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// The true time.
    pub fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.elapsed()).expect("a short run");
        self.beginning + elapsed
    }

    /// Waits until this long after the beginning.
    pub async fn until(&self, elapsed: Duration) {
        tokio::time::sleep_until(self.began + elapsed).await;
    }

    /// Whether this is what is wrong with this world.
    pub fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    /// Notes what happened.
    pub fn note(&self, who: &str, what: &str) {
        let at = self.elapsed();
        self.things().trace.note(at, who, what, || what.to_owned());
    }

    /// Counts an operation: a world in which something goes on for ever has to end as well.
    fn count(&self) {
        let mut things = self.things();
        things.operations += 1;
        if things.operations == MOST_OPERATIONS {
            self.restless.notify_one();
        }
    }

    /// Notes what must never happen.
    pub fn violated(&self, what: String) {
        self.note("VIOLATION", &what);
        self.things().violations.push(what);
    }

    /// A number of milliseconds between these two, by chance.
    pub fn some(&self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.things().dice.between(low, high))
    }

    /// What goes wrong with a worker's next operation. A schedule places faults among those of the
    /// poster on its records: its gate and its key are not among them.
    pub fn fault(&self, whither: Whither, worker: &str, is_about_records: bool) -> Option<Fault> {
        let mut things = self.things();
        let Things { fate, dice, .. } = &mut *things;
        let counted = is_about_records && worker.starts_with("post");
        fate.of(whither, counted, dice)
    }

    /// What goes wrong with an attempt of one of the SDK's calls.
    pub fn fault_of_attempt(&self, call: &Call<'_>) -> Option<Fault> {
        self.count();
        if !call.is_first {
            return self.things().lasting.get(call.id).copied();
        }
        let fault = self.fault(Whither::Aws, call.worker, call.is_about_records)?;
        if matches!(fault, Fault::Refused | Fault::Lost | Fault::Late) {
            self.things().lasting.insert(call.id.to_owned(), fault);
        }
        Some(fault)
    }
}

/// Messages: every queue delivers at least once, whenever it likes.
impl World {
    /// Keeps a message in a queue, now and then twice.
    pub fn send(&self, queue: &str, body: &str, delay: Duration) -> u64 {
        let now = self.elapsed();
        let mut things = self.things();
        let Things {
            dice,
            queues,
            doubles,
            ..
        } = &mut *things;
        let (name, queue) = queues
            .iter_mut()
            .find(|(name, _)| **name == queue)
            .unwrap_or_else(|| panic!("no queue {queue}"));
        let on_its_way = Duration::from_millis(dice.between(0, 2_000));
        let id = queue.send(body, now + delay + on_its_way);
        if dice.happens(*doubles) {
            let later = dice.one_of(&LATER);
            let later = Duration::from_millis(dice.between(0, later * 1_000));
            queue.send(body, now + delay + later);
        }
        self.sent[name].notify_one();
        id
    }

    /// An operator sends dead letters back, because the trouble is over; whether there were any.
    pub fn redrive(&self) -> bool {
        let now = self.elapsed();
        let mut things = self.things();
        let dead = things
            .queues
            .iter_mut()
            .filter(|(_, queue)| !queue.dead().is_empty());
        let mut names = Vec::new();
        for (name, queue) in dead {
            queue.redrive(now);
            names.push(*name);
        }
        drop(things);
        for name in &names {
            self.note(
                "operator",
                &format!("sends the dead letters of {name} back"),
            );
            self.sent[name].notify_one();
        }
        !names.is_empty()
    }

    /// Comes back when a message was sent to a queue.
    pub async fn sent(&self, queue: &str) {
        self.sent[queue].notified().await;
    }
}

/// Odoo's side of a call.
impl World {
    /// Odoo begins to work on a call. Nobody else may have it work on the same records then.
    pub fn begins(&self, worker: &str, call: &OdooCall) {
        let mut twice = Vec::new();
        {
            let mut things = self.things();
            for id in call.loads() {
                if !things.under_way.insert(id.to_owned()) && things.clocks_agree {
                    twice.push(id.to_owned());
                }
            }
        }
        for id in twice {
            self.violated(format!("{worker} sends {id} while Odoo still works on it"));
        }
    }

    /// Odoo rolls a `load` back, because another transaction was faster.
    pub fn conflict(&self, call: &OdooCall) -> Said {
        let message = "could not serialize access due to concurrent update";
        let messages = json!([{"type": "error", "message": message}]);
        let said = (
            200,
            json!({"ids": false, "messages": messages, "nextrow": 0}),
        );
        match self.is(Mutant::RefusalBelieved) {
            true => self.things().odoo.pretend(call, said),
            false => said,
        }
    }

    /// Odoo commits a call and says what came of it.
    pub fn commit(&self, worker: &str, call: &OdooCall, began: Snapshot) -> Said {
        let at = self.elapsed();
        let mut things = self.things();
        let mutated = self.mutant.and_then(|mutant| mutant.in_odoo(call));
        let mut said = things.odoo.commit(mutated.as_ref().unwrap_or(call), began);
        if self.is(Mutant::RefusalBelieved) {
            said = things.odoo.pretend(call, said);
        }
        for id in call.loads() {
            things.under_way.remove(id);
        }
        let detail = format!(
            "{} {} {} {}",
            call.model, call.method, call.arguments, said.1
        );
        let line = || format!("odoo commits {detail}");
        things.trace.note(at, worker, &detail, line);
        said
    }
}

/// Within how many seconds the second copy of a message comes: at once, in some minutes, hours, or
/// after the fourteen days that a queue keeps it.
const LATER: [u64; 4] = [5, 600, 18_000, 1_209_600];

/// One attempt of a call that the SDK makes, and repeats.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Who calls.
    pub worker: &'a str,
    /// The same for all attempts.
    pub id: &'a str,
    /// Whether it is the first attempt.
    pub is_first: bool,
    /// Whether it reads or writes the work list.
    pub is_about_records: bool,
}

impl Things {
    /// Nothing is there yet.
    pub fn new(seed: u64, plan: Plan, readable: bool) -> Self {
        Self {
            dice: Dice::of(seed),
            fate: Fate::new(plan),
            lasting: BTreeMap::new(),
            trace: Trace::new(readable),
            tables: Tables::new(crate::names::LEDGER),
            queues: BTreeMap::new(),
            doubles: 0,
            secrets: BTreeMap::new(),
            odoo: Erp::default(),
            under_way: BTreeSet::new(),
            clocks_agree: true,
            forwarded: 0,
            by_hand: Vec::new(),
            operations: 0,
            violations: Vec::new(),
        }
    }
}
