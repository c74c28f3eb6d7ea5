//! The gate before Odoo, kept in the control table: one item per Odoo, written only by whoever
//! saw it last.
//!
//! A call costs one write to enter and one to leave. What this worker wrote last is remembered,
//! so that nothing is read while nobody else calls.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::gate::{
    Asker, Budget, Class, Decision, Entering, Gate, Gatekeeper, Leaving, NotNow, Pass, Went,
};
use jiff::{SignedDuration, Timestamp};
use tracing::{error, warn};

use crate::control::Control;
use crate::item::{document, get_number, key, number, to_document};
use crate::{Chain, Clock, Connection, StoreError, Tokens, gate_metrics, keys};

/// How long a piece of work that has not begun waits for its first call.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long one waits that has begun: giving up there wastes the calls that it made.
const PATIENCE_ON: Duration = Duration::from_secs(15);
/// When to come back for those who got no turn.
const REST: SignedDuration = SignedDuration::from_secs(10);
/// After another worker was faster, a little longer each time.
const STEP_ASIDE: Duration = Duration::from_millis(5);
/// How often a worker tries to give back its pass before it lets it expire.
const TRIES: u32 = 40;

/// The gate of one Odoo.
pub struct OdooGate {
    control: Control,
    instance: String,
    budget: Budget,
    clock: Arc<dyn Clock>,
    tokens: Arc<dyn Tokens>,
    last: Mutex<Option<Seen>>,
    has_metrics: bool,
}

/// The gate for one piece of work of one class.
pub struct ClassGate {
    gate: Arc<OdooGate>,
    class: Class,
    begun: AtomicBool,
}

/// A state of the gate, as this worker read or wrote it.
#[derive(Debug, Clone)]
struct Seen {
    gate: Gate,
    /// Counts the writes; none before the first.
    revision: Option<i64>,
    /// Since when this worker knows it.
    at: Timestamp,
}

impl OdooGate {
    /// The gate of the Odoo called `instance`, in the control table.
    pub fn new(
        connection: &Connection,
        table: impl Into<String>,
        instance: &str,
        budget: Budget,
    ) -> Arc<Self> {
        Arc::new(Self {
            control: Control::new(connection, table),
            instance: instance.to_owned(),
            budget,
            clock: connection.clock(),
            tokens: connection.tokens(),
            last: Mutex::default(),
            has_metrics: connection.has_metrics(),
        })
    }

    /// The gate for one piece of work: a batch to post, a pull.
    pub fn of(self: &Arc<Self>, class: Class) -> Arc<dyn Gatekeeper> {
        Arc::new(ClassGate {
            gate: Arc::clone(self),
            class,
            begun: AtomicBool::new(false),
        })
    }

    /// What the callers know of each other now, for people.
    pub async fn state(&self) -> Result<Gate, StoreError> {
        Ok(self.read_item().await?.gate)
    }

    /// How much may be called.
    pub fn budget(&self) -> Budget {
        self.budget
    }

    async fn enter(&self, class: Class, begun: bool) -> Result<Pass, NotNow> {
        let token = self.tokens.fresh();
        let patience = if begun { PATIENCE_ON } else { PATIENCE };
        let (mut waited, mut aside) = (Duration::ZERO, Duration::ZERO);
        let mut known = self.last();
        while waited < patience {
            let is_fresh = known.is_none();
            let seen = match known.take() {
                Some(seen) => seen,
                None => self.read().await?,
            };
            let now = self.clock.now();
            let asker = Asker {
                token: &token,
                class,
                begun,
                now,
                seen_at: seen.at,
            };
            let mut gate = seen.gate.clone();
            let decision = gate.ask(&self.budget, &asker);
            if !is_fresh && !matches!(decision, Decision::Enter { .. }) {
                // What this worker remembers may be over by now.
                continue;
            }
            if gate != seen.gate && !self.write(&seen, gate).await? {
                aside += STEP_ASIDE;
                waited += pause(aside).await;
                continue;
            }
            match decision {
                Decision::Enter { at } => {
                    pause(until(self.clock.now(), at)).await;
                    return Ok(Pass { token });
                }
                Decision::Wait { until: then } => {
                    let left = patience.saturating_sub(waited);
                    waited += pause(until(now, then).min(left)).await;
                }
                Decision::Closed { until, why } => return Err(NotNow::Closed { until, why }),
            }
        }
        let until = self.in_a_while();
        Err(NotNow::NoTurn { until })
    }

    async fn leave(&self, token: &str, went: Went) -> Result<(), NotNow> {
        let mut known = self.last();
        for attempt in 0..TRIES {
            let seen = match known.take() {
                Some(seen) => seen,
                None => self.read().await?,
            };
            let mut gate = seen.gate.clone();
            gate.leave(token, went, self.clock.now());
            if gate == seen.gate || self.write(&seen, gate).await? {
                return Ok(());
            }
            pause(STEP_ASIDE * attempt).await;
        }
        Ok(())
    }

    async fn read(&self) -> Result<Seen, NotNow> {
        let read = self.read_item().await.map_err(|error| self.unknown(&error));
        let mut seen = read?;
        // Unchanged since this worker saw it first: then it is as old as that.
        let last = self.last();
        if let Some(last) = last.filter(|last| last.gate.has_the_calls_of(&seen.gate)) {
            seen.at = last.at;
        }
        self.remember(Some(seen.clone()));
        Ok(seen)
    }

    async fn read_item(&self) -> Result<Seen, StoreError> {
        let at = self.clock.now();
        let item = self
            .control
            .get(&keys::gate(&self.instance), keys::GATE_STATE)
            .await?;
        let gate = item.as_ref().map_or_else(Gate::default, |item| {
            document(item).unwrap_or_else(|unreadable| {
                // Kept, it would keep Odoo closed until somebody repairs it by hand.
                error!(error = %Chain(&unreadable), "the Odoo gate begins anew");
                Gate::default()
            })
        });
        let revision = item.and_then(|item| get_number(&item, "revision"));
        Ok(Seen { gate, revision, at })
    }

    /// Whether nobody else wrote since `seen`.
    async fn write(&self, seen: &Seen, gate: Gate) -> Result<bool, NotNow> {
        let written = self.write_item(seen, &gate).await;
        let written = written.map_err(|error| self.unknown(&error))?;
        if !written {
            return Ok(false);
        }
        gate_metrics::tell(
            self.has_metrics.then_some(self.instance.as_str()),
            &self.budget,
            &seen.gate,
            &gate,
            self.clock.now(),
        );
        let at = match seen.gate.has_the_calls_of(&gate) {
            true => seen.at,
            false => self.clock.now(),
        };
        self.remember(Some(Seen {
            gate,
            revision: Some(next(seen.revision)),
            at,
        }));
        Ok(true)
    }

    async fn write_item(&self, seen: &Seen, gate: &Gate) -> Result<bool, StoreError> {
        let mut item = key(keys::gate(&self.instance), keys::GATE_STATE);
        item.insert("doc".to_owned(), to_document(gate)?);
        item.insert("revision".to_owned(), number(next(seen.revision)));
        self.control.put_if_still(item, seen.revision).await
    }

    /// Nobody calls Odoo without the gate: a partition that waits loses nothing.
    fn unknown(&self, error: &StoreError) -> NotNow {
        warn!(error = %Chain(error), "the Odoo gate did not answer");
        self.remember(None);
        let until = self.in_a_while();
        NotNow::Unknown { until }
    }

    fn in_a_while(&self) -> Timestamp {
        self.clock.now().checked_add(REST).unwrap_or(Timestamp::MAX)
    }

    fn last(&self) -> Option<Seen> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn remember(&self, seen: Option<Seen>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }
}

impl Gatekeeper for ClassGate {
    fn enter(&self) -> Entering<'_> {
        Box::pin(async move {
            let pass = self
                .gate
                .enter(self.class, self.begun.load(Ordering::Relaxed))
                .await?;
            self.begun.store(true, Ordering::Relaxed);
            Ok(pass)
        })
    }

    fn leave(&self, pass: Pass, went: Went) -> Leaving<'_> {
        Box::pin(async move {
            if self.gate.leave(&pass.token, went).await.is_err() {
                warn!("a pass of the Odoo gate was not given back; it ends by itself");
            }
        })
    }
}

fn next(revision: Option<i64>) -> i64 {
    revision.unwrap_or(0).wrapping_add(1)
}

fn until(now: Timestamp, then: Timestamp) -> Duration {
    then.duration_since(now).try_into().unwrap_or_default()
}

/// Sleeps, and answers for how long. Not the clock but what was slept is counted, so that a clock
/// that stands or jumps keeps nobody waiting for ever.
async fn pause(length: Duration) -> Duration {
    let length = length.max(Duration::from_millis(1));
    tokio::time::sleep(length).await;
    length
}
