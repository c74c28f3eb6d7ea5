//! Asks Odoo which invoices changed there.
//!
//! `write_date` is when a transaction began: a long one commits later with an older stamp. So
//! every pull reads again what an open transaction could still bring, and what is not new is
//! recognised by its content further on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws::{
    BadEnvironment, Books, Clock, Connection, Cursor, Cursors, Environment, Heard, OdooGate, Queue,
    Secrets, Tokens,
};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::Version;
use domain::delivery::{DELIVERY_VERSION, Delivery};
use domain::event::{Event, InvoiceStatus};
use domain::gate::Class;
use jiff::{SignedDuration, Timestamp};
use odoo::wire::to_version;
use odoo::{ApiKey, Odoo, OdooError, status};
use tracing::info;

use crate::error::PullError;

/// How many events one message carries.
const EVENTS_PER_MESSAGE: usize = 100;

/// Odoo's invoices, with everything that asking for them needs.
pub(crate) struct Invoices {
    environment: String,
    odoo_url: String,
    odoo_version: u8,
    database: String,
    read_timeout: Duration,
    overlap: SignedDuration,
    secrets: Secrets,
    books: Books,
    cursors: Cursors,
    heard: Heard,
    deliveries: Queue,
    gate: Arc<OdooGate>,
    clock: Arc<dyn Clock>,
    tokens: Arc<dyn Tokens>,
}

impl Invoices {
    pub(crate) fn over(
        environment: &Environment,
        connection: &Connection,
    ) -> Result<Self, BadEnvironment> {
        let control = environment.required("CONTROL_TABLE")?;
        // Odoo's longest request, and as much again for its queue and the clocks.
        let overlap =
            SignedDuration::from_secs(i64::from(environment.number("ODOO_LIMIT_SECONDS")?)) * 2;
        let database = environment.required("ODOO_DATABASE")?;
        let budget = environment.odoo_budget()?;
        Ok(Self {
            gate: OdooGate::new(connection, &control, &database, budget),
            odoo_version: environment.odoo_version()?,
            database,
            environment: environment.required("ENVIRONMENT")?,
            odoo_url: environment.required("ODOO_URL")?,
            read_timeout: Duration::from_secs(environment.number("ODOO_READ_SECONDS")?.into()),
            overlap,
            secrets: Secrets::new(connection),
            books: Books::new(connection, &control),
            cursors: Cursors::new(connection, &control),
            heard: Heard::new(connection, &control),
            deliveries: Queue::new(connection, environment.required("DELIVERIES_QUEUE_URL")?),
            clock: connection.clock(),
            tokens: connection.tokens(),
        })
    }

    /// Hands on the invoices that changed since the last pull.
    pub(crate) async fn pull(&self) -> Result<usize, PullError> {
        let now = self.clock.now();
        let cursor = Cursor {
            source: "odoo".to_owned(),
            account: self.database.clone(),
            stream: "invoices".to_owned(),
        };
        let until = self
            .cursors
            .read(&cursor)
            .await?
            .unwrap_or(Timestamp::UNIX_EPOCH);
        let since = until
            .checked_sub(self.overlap)
            .unwrap_or(Timestamp::UNIX_EPOCH);
        let book = self.books.active(now).await?;
        let companies: Vec<i64> = book.entities.values().map(|e| e.odoo_company).collect();
        let odoo = self.odoo().await?;
        let changed = match status::changed_since(&odoo, &companies, since).await {
            // The next pull reads the same again: no reason for an alarm.
            Err(OdooError::NotNow(not_now)) => {
                info!(why = %not_now, until = %not_now.until(), "Odoo is pulled later");
                return Ok(0);
            }
            changed => changed?,
        };
        for invoices in changed.invoices.chunks(EVENTS_PER_MESSAGE) {
            self.deliveries.send(&self.delivery(invoices, now)?).await?;
        }
        // Only after everything up to there is in the queue.
        self.cursors.advance(&cursor, changed.until).await?;
        self.heard
            .note(&cursor.source, &cursor.account, &cursor.stream, now)
            .await?;
        let invoices = changed.invoices.len();
        info!(invoices, %since, until = %changed.until, "Odoo pulled");
        Ok(invoices)
    }

    fn delivery(
        &self,
        invoices: &[InvoiceStatus],
        now: Timestamp,
    ) -> Result<Delivery, serde_json::Error> {
        // Odoo's stamp has whole seconds, so two states of one second would share a version; when
        // we looked tells them apart.
        let seen = |status: &InvoiceStatus| {
            Event::InvoiceStatus(InvoiceStatus {
                version: Version::at(now),
                ..status.clone()
            })
        };
        let events: Vec<Event> = invoices.iter().map(seen).collect();
        Ok(Delivery {
            v: DELIVERY_VERSION,
            id: self.tokens.fresh(),
            source: "odoo".to_owned(),
            account: self.database.clone(),
            received_at: now,
            headers: BTreeMap::new(),
            body: BASE64_STANDARD.encode(serde_json::to_vec(&events)?),
        })
    }

    async fn odoo(&self) -> Result<Odoo, PullError> {
        let name = format!("tenon/{}/odoo/read", self.environment);
        let key = self.secrets.get(&name, self.clock.now()).await?;
        let key = key.ok_or(PullError::NoKey { name })?;
        let wire = to_version(self.odoo_version, &self.odoo_url, self.read_timeout)?;
        let odoo = Odoo::over(wire, self.database.clone(), ApiKey::new(key.reveal()));
        Ok(odoo.behind(self.gate.of(Class::Reconcile)))
    }
}
