//! Drains the work list into Odoo.
//!
//! A bell names a pending partition. One worker at a time owns it by a lease that outlasts this
//! function and Odoo's own request limit, so that what it may have sent is settled or known to be
//! uncertain before anybody else sends again. Records are posted under external ids that Odoo
//! itself keeps unique: even a wiped ledger cannot make a second copy.

mod assignments;
mod batch;
mod cap;
mod config;
mod customer;
mod drain;
mod ending;
mod error;
mod flows;
mod job;
mod overtaken;
mod panic;
mod piece;
mod ready;
mod rebuild;
mod settle;
mod targets;
mod time;

use std::sync::Arc;
use std::time::Duration;

use aws::{
    Bell, Bells, Chain, Clock, Connection, Exceptions, Identities, Ledger, MessageOutcome,
    OdooGate, Rebuild, Secrets, Tokens, handle_batch, read_message,
};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::{Lane, LaneShard, NextStep};
use odoo::{ApiKey, Memory, Odoo, OdooError, Wire};
use tokio::time::Instant;
use tracing::{error, warn};

pub use config::Config;
use error::PostError;

/// The function, with everything it needs.
pub struct Post {
    config: Config,
    ledger: Ledger,
    exceptions: Exceptions,
    identities: Identities,
    secrets: Secrets,
    bells: Bells,
    clock: Arc<dyn Clock>,
    /// What Lambda tells is told by this one.
    machine: Arc<dyn Clock>,
    tokens: Arc<dyn Tokens>,
    wire: Arc<dyn Wire>,
    memory: Memory,
    gate: Arc<OdooGate>,
}

impl Post {
    /// Connects to AWS and to Odoo.
    pub async fn connect(config: Config) -> Result<Self, OdooError> {
        let timeout = config.odoo_read_timeout();
        let wire = odoo::wire::to_version(config.odoo_version, &config.odoo_url, timeout)?;
        Ok(Self::over(config, &Connection::open().await, wire))
    }

    /// The function over a connection that is there already.
    pub fn over(config: Config, connection: &Connection, wire: Arc<dyn Wire>) -> Self {
        let (control, database) = (&config.control, &config.odoo_database);
        let gate = OdooGate::new(connection, control, database, config.odoo_budget);
        Self {
            gate,
            ledger: Ledger::new(connection, &config.ledger),
            exceptions: Exceptions::new(connection, &config.exceptions),
            identities: Identities::new(connection, control),
            secrets: Secrets::new(connection),
            bells: Bells::new(connection, &config.bells),
            clock: connection.clock(),
            machine: connection.machine_clock(),
            tokens: connection.tokens(),
            wire,
            memory: Memory::new(config.odoo_read_timeout()),
            config,
        }
    }

    /// Handles bells. `deadline` is when Lambda ends this invocation, in milliseconds since 1970.
    pub async fn handle(&self, event: SqsEvent, deadline: u64) -> SqsBatchResponse {
        let deadline = self.instant(deadline);
        handle_batch(event, async |body| self.message(body, deadline).await).await
    }

    /// An instant that Lambda tells by the machine's clock, on the one that nobody sets.
    fn instant(&self, milliseconds: u64) -> Instant {
        let now = u64::try_from(self.machine.now().as_millisecond()).unwrap_or_default();
        let (left, now) = (milliseconds.saturating_sub(now), Instant::now());
        now.checked_add(Duration::from_millis(left)).unwrap_or(now)
    }

    async fn message(&self, body: &str, deadline: Instant) -> MessageOutcome {
        if let Ok(rebuild) = read_message::<Rebuild>(body) {
            let lane = rebuild.lane;
            let rebuilt = self.rebuild(rebuild, deadline).await;
            if let Err(failure) = &rebuilt {
                warn!(lane = lane.name(), error = %Chain(failure), "ledger not rebuilt yet");
            }
            // Nobody else would ask again.
            return match rebuilt {
                Ok(()) => MessageOutcome::Done,
                Err(_) => MessageOutcome::Again,
            };
        }
        match read_message::<Bell>(body).and_then(|bell| bell.shard()) {
            Ok(shard) => self.bell(shard, deadline).await,
            Err(unreadable) => {
                error!(error = %unreadable, "queue message is not a bell");
                MessageOutcome::Again
            }
        }
    }

    async fn bell(&self, shard: LaneShard, deadline: Instant) -> MessageOutcome {
        match self.drain(shard, deadline).await {
            Ok(()) => MessageOutcome::Done,
            // What is pending stays in the ledger and the sweep rings again: a bell is not worth
            // a dead letter.
            Err(failure) if failure.next_step() == NextStep::Retry => {
                warn!(%shard, error = %Chain(&failure), "partition not drained");
                MessageOutcome::Done
            }
            Err(failure) => {
                error!(%shard, error = %Chain(&failure), "partition cannot be drained");
                MessageOutcome::Again
            }
        }
    }

    /// Makes the next call read the lane's key again: Odoo does not know the one that we have.
    async fn forget_key(&self, lane: Lane) {
        self.secrets.forget(&self.key_name(lane)).await;
    }

    fn key_name(&self, lane: Lane) -> String {
        format!("tenon/{}/odoo/{}", self.config.environment, lane.name())
    }

    /// Odoo, as the user of this lane. A rotated key is picked up within a minute.
    async fn odoo(&self, lane: Lane) -> Result<Odoo, PostError> {
        let name = self.key_name(lane);
        let secret = self.secrets.get(&name, self.clock.now()).await?;
        let secret = secret.ok_or(PostError::NoKey { name })?;
        let database = self.config.odoo_database.clone();
        let key = ApiKey::new(secret.reveal());
        let odoo = Odoo::over(self.wire.clone(), database, key);
        Ok(odoo.behind(self.gate.of(lane.into())))
    }
}
