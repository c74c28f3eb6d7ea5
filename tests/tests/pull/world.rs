//! The function `pull` over an emulated table, queue and secret, with a clock that stands.

use std::sync::Arc;

use aws::{Books, Connection, Environment, Exceptions, FixedClock, RandomTokens};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cli::aws_api::{SECRETS, SQS};
use domain::delivery::Delivery;
use domain::{Exception, Reference};
use jiff::{SignedDuration, Timestamp};
use pull::Pull;
use serde_json::{Value, json};
use source_api::SourceApi;
use tests::emulator::Emulator;

use crate::vendor::{Record, TOKEN, Vendor};

/// The demo's.
pub const BOOK: &str = include_str!("../../../infra/books/demo/book.toml");

/// The day on which every test begins.
pub fn at(minute: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a time");
    noon + SignedDuration::from_mins(minute)
}

pub struct World {
    pub vendor: Vendor,
    pub pull: Pull,
    pub emulator: Emulator,
    pub connection: Connection,
    pub control: String,
    pub ledger: String,
    pub exceptions: String,
    pub deliveries: String,
    clock: Arc<FixedClock>,
}

impl World {
    /// A firm that keeps its time in Harvest, with a book that says since when it is pulled.
    pub async fn open() -> Self {
        let psa = "source = \"harvest\"\naccount = \"4711\"\npulled_from = \"2026-11-22\"";
        let book = BOOK
            .replace("source = \"connectwise\"\naccount = \"Cobalt\"", psa)
            // Nobody asks the CRM here.
            .replace("source = \"hubspot\"", "source = \"nobody\"");
        assert!(book.contains(psa), "the demo's book names its PSA so");
        let vendor = Vendor::open().await;
        let world = Self::with(vendor.clone(), &book, &[("HARVEST_API_URL", &vendor.url())]).await;
        world.put_token(TOKEN).await;
        world
    }

    /// The firm of the demo, with the stand-ins of its CRM and its PSA.
    pub async fn demo(hubspot: &str, connectwise: &str) -> Self {
        let from = "\npulled_from = \"2020-01-01\"";
        let book = BOOK
            .replace(
                "account = \"48807704\"",
                &format!("account = \"48807704\"{from}"),
            )
            .replace(
                "account = \"Cobalt\"",
                &format!("account = \"Cobalt\"{from}"),
            );
        let urls = [
            ("HUBSPOT_API_URL", hubspot),
            ("CONNECTWISE_API_URL", connectwise),
        ];
        Self::with(Vendor::open().await, &book, &urls).await
    }

    async fn with(vendor: Vendor, book: &str, urls: &[(&str, &str)]) -> Self {
        let emulator = Emulator::start();
        let (ledger, exceptions) = emulator.tables().await;
        let control = emulator.table("control").await;
        let deliveries = emulator.queue("deliveries", &json!({})).await;
        let clock = Arc::new(FixedClock::at(at(0)));
        let connection =
            Connection::to_emulator(emulator.url(), clock.clone(), Arc::new(RandomTokens));
        let books = Books::new(&connection, &control);
        books.activate(book, "test", at(0)).await.expect("a book");
        let environment = Environment::of([
            ("ENVIRONMENT", "test"),
            ("CONTROL_TABLE", &control),
            ("EXCEPTIONS_TABLE", &exceptions),
            ("LEDGER_TABLE", &ledger),
            ("DELIVERIES_QUEUE_URL", &deliveries),
            urls[0],
            urls[urls.len() - 1],
            ("ODOO_URL", "http://127.0.0.1:9"),
            ("ODOO_DATABASE", "firm"),
            ("ODOO_READ_SECONDS", "20"),
            ("ODOO_LIMIT_SECONDS", "20"),
            ("ODOO_CALLS_PER_SECOND", "1"),
            ("ODOO_CALLS_IN_FLIGHT", "1"),
        ]);
        let pull = Pull::over(&environment, &connection, SourceApi::new().expect("HTTP"));
        Self {
            pull: pull.expect("its settings"),
            vendor,
            emulator,
            connection,
            control,
            ledger,
            exceptions,
            deliveries,
            clock,
        }
    }

    /// Puts the secret of a source.
    pub async fn put_secret(&self, source: &str, document: &str) {
        let aws = self.emulator.aws();
        let name = format!("tenon/test/{source}");
        // It may be there already.
        let _ = aws
            .json(SECRETS, "CreateSecret", &json!({"Name": name}))
            .await;
        let put = json!({"SecretId": name, "SecretString": document});
        let put = aws.json(SECRETS, "PutSecretValue", &put).await;
        put.expect("a secret is put");
    }

    /// Somebody puts another token into the secret.
    pub async fn put_token(&self, token: &str) {
        let headers = json!({
            "Authorization": token, "Harvest-Account-Id": "4711", "User-Agent": "Tenon (it@firm.example)",
        });
        let document = json!({"api": {"headers": headers}}).to_string();
        self.put_secret("harvest", &document).await;
    }

    /// Adds records that were changed then.
    pub fn add(&self, ids: impl IntoIterator<Item = u64>, changed: Timestamp) {
        let record = |id| Record {
            id,
            changed,
            hours: "8.0",
        };
        self.vendor
            .state()
            .records
            .extend(ids.into_iter().map(record));
    }

    pub fn pass(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }

    /// One run of the schedule; the ids of the records that it put into the queue.
    pub async fn run(&self) -> Vec<u64> {
        self.pull.sources().await.expect("a run");
        let mut ids = Vec::new();
        for delivery in self.take().await {
            ids.extend(listed(&delivery));
        }
        ids.sort_unstable();
        ids
    }

    /// Takes everything out of the queue.
    pub async fn take(&self) -> Vec<Delivery> {
        let aws = self.emulator.aws();
        let mut taken = Vec::new();
        loop {
            let wanted = json!({"QueueUrl": self.deliveries, "MaxNumberOfMessages": 10});
            let answer = aws.json(SQS, "ReceiveMessage", &wanted).await;
            let answer = answer.expect("messages");
            let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return taken;
            }
            for message in messages {
                let body = message["Body"].as_str().expect("a body");
                taken.push(serde_json::from_str(body).expect("a delivery"));
                let handle =
                    json!({"QueueUrl": self.deliveries, "ReceiptHandle": message["ReceiptHandle"]});
                let deleted = aws.json(SQS, "DeleteMessage", &handle).await;
                deleted.expect("it is deleted");
            }
        }
    }

    /// What people are asked about the list.
    pub async fn questions(&self) -> Vec<Exception> {
        let reference = Reference::new("harvest", "4711", "pull", "time_entry");
        let exceptions = Exceptions::new(&self.connection, &self.exceptions);
        exceptions.of(&reference).await.expect("exceptions")
    }
}

/// The ids of a delivery's records; none where it says what is gone.
fn listed(delivery: &Delivery) -> Vec<u64> {
    let entries = content(delivery)["time_entries"].as_array().cloned();
    let id = |entry: &Value| entry["id"].as_u64().expect("an id");
    entries.unwrap_or_default().iter().map(id).collect()
}

/// What a delivery carries.
pub fn content(delivery: &Delivery) -> Value {
    let body = BASE64_STANDARD.decode(&delivery.body).expect("base64");
    serde_json::from_slice(&body).expect("JSON")
}
