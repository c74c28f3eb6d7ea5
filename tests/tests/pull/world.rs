//! The function `pull` over an emulated table, queue and secret, with a clock that stands.

use std::sync::Arc;

use aws::{Books, Connection, Environment, Exceptions, FixedClock, RandomTokens};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cli::aws_api::{SECRETS, SQS};
use domain::delivery::Delivery;
use domain::{Exception, Reference};
use feedback::Feedback;
use jiff::{SignedDuration, Timestamp};
use pull::Pull;
use serde_json::{Value, json};
use source_account::{Settings, SourceAccounts};
use source_api::SourceApi;
use tests::books::in_force;
use tests::emulator::Emulator;
use tests::two_accounts;
use validate::Validate;

use crate::delays::Delays;
use crate::vendor::{Record, TOKEN, Vendor};

/// The demo's.
pub const BOOK: &str = domain::book::DEMO;

/// The day on which every test begins.
pub fn at(minute: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a time");
    noon + SignedDuration::from_mins(minute)
}

pub struct World {
    pub vendor: Vendor,
    pub pull: Pull,
    environment: Environment,
    /// How long each message was to wait that came back.
    pub delays: Delays,
    pub feedback: String,
    pub emulator: Emulator,
    pub connection: Connection,
    pub ledger: String,
    pub billing: String,
    pub control: String,
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

    /// A firm whose CRM or PSA (`crm` or `psa`) is this account of a source; nobody asks the other one.
    pub async fn of(part: &str, source: &str, account: &str, url: &str) -> Self {
        let (crm, psa) = match part {
            "crm" => (source, "nobody"),
            _ => ("nobody", source),
        };
        let from = "pulled_from = \"2026-11-22\"";
        let named = |source| format!("source = \"{source}\"\naccount = \"{account}\"\n{from}");
        let book = BOOK
            .replace("source = \"hubspot\"\naccount = \"48807704\"", &named(crm))
            .replace(
                "source = \"connectwise\"\naccount = \"Cobalt\"",
                &named(psa),
            );
        // As Pipedrive and Salesforce say it.
        let won = "[\"closedwon\", \"won\", \"Closed Won\"]";
        let book = book.replace("[\"closedwon\"]", won);
        assert!(book.contains(&named(source)), "the demo's book names it so");
        let variable = format!("{}_API_URL", source.to_uppercase());
        Self::with(Vendor::open().await, &book, &[(&variable, url)]).await
    }

    /// A firm with two accounts of one CRM, which one address answers for.
    pub async fn two(source: &str, accounts: [&str; 2], url: &str) -> Self {
        let from = "pulled_from = \"2026-11-22\"";
        let named = format!(
            "source = \"{source}\"\naccount = \"{}\"\n{from}",
            accounts[0]
        );
        let book = BOOK
            .replace("source = \"hubspot\"\naccount = \"48807704\"", &named)
            .replace("source = \"connectwise\"", "source = \"nobody\"");
        let book = two_accounts::book(&book, accounts[0], accounts[1]);
        let variable = format!("{}_API_URL", source.to_uppercase());
        Self::with(Vendor::open().await, &book, &[(&variable, url)]).await
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
        let billing = emulator.table("billing").await;
        let deliveries = emulator.queue("deliveries", &json!({})).await;
        let feedback = emulator.queue("feedback", &json!({})).await;
        let delays = Delays::default();
        let account = delays.before(emulator.url()).await;
        let clock = Arc::new(FixedClock::at(at(0)));
        let connection = Connection::to_emulator(&account, clock.clone(), Arc::new(RandomTokens));
        let books = Books::new(&connection, &control);
        in_force(&books, book, at(0)).await;
        let environment = Environment::of([
            ("ENVIRONMENT", "test"),
            ("CONTROL_TABLE", &control),
            ("EXCEPTIONS_TABLE", &exceptions),
            ("LEDGER_TABLE", &ledger),
            ("BILLING_TABLE", &billing),
            ("DELIVERIES_QUEUE_URL", &deliveries),
            ("DRIFT_QUEUE_URL", &deliveries),
            ("FEEDBACK_QUEUE_URL", &feedback),
            ("MASTER_QUEUE_URL", &deliveries),
            ("WORK_QUEUE_URL", &deliveries),
            ("BILLING_QUEUE_URL", &deliveries),
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
            environment,
            delays,
            feedback,
            vendor,
            emulator,
            connection,
            ledger,
            billing,
            control,
            exceptions,
            deliveries,
            clock,
        }
    }

    /// The function `validate`.
    pub fn validate(&self) -> Validate {
        let config = validate::Config::read(&self.environment).expect("its settings");
        Validate::over(config, &self.connection, SourceApi::new().expect("HTTP"))
    }

    /// The function `feedback`.
    pub fn tell(&self) -> Feedback {
        Feedback::over(&self.environment, &self.connection).expect("its settings")
    }

    /// The accounts of sources, as one more function asks them.
    pub fn accounts(&self) -> SourceAccounts {
        let settings = Settings::read(&self.environment).expect("its settings");
        SourceAccounts::new(&settings, &self.connection, SourceApi::new().expect("HTTP"))
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
        self.wait(SignedDuration::from_mins(minutes));
    }

    pub fn wait(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    /// What the secret of a source is now.
    pub async fn secret(&self, source: &str) -> Value {
        let wanted = json!({"SecretId": format!("tenon/test/{source}")});
        let aws = self.emulator.aws();
        let answer = aws.json(SECRETS, "GetSecretValue", &wanted).await;
        let answer = answer.expect("a secret");
        serde_json::from_str(answer["SecretString"].as_str().expect("a text")).expect("JSON")
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

    /// Takes everything out of the queue of deliveries.
    pub async fn take(&self) -> Vec<Delivery> {
        let bodies = self.take_from(&self.deliveries).await;
        // The bells ring there too.
        let deliveries = bodies
            .iter()
            .filter_map(|body| serde_json::from_str(body).ok());
        deliveries.collect()
    }

    /// Takes everything out of a queue.
    pub async fn take_from(&self, queue: &str) -> Vec<String> {
        let aws = self.emulator.aws();
        let mut taken = Vec::new();
        loop {
            let wanted = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10});
            let answer = aws.json(SQS, "ReceiveMessage", &wanted).await;
            let answer = answer.expect("messages");
            let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return taken;
            }
            for message in messages {
                taken.push(message["Body"].as_str().expect("a body").to_owned());
                let handle = json!({"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]});
                let deleted = aws.json(SQS, "DeleteMessage", &handle).await;
                deleted.expect("it is deleted");
            }
        }
    }

    /// What people are asked about the account and its list.
    pub async fn questions(&self) -> Vec<Exception> {
        self.questions_about("harvest", "4711", "time_entry").await
    }

    /// What people are asked about an account and one of its lists.
    pub async fn questions_about(&self, source: &str, account: &str, list: &str) -> Vec<Exception> {
        let exceptions = Exceptions::new(&self.connection, &self.exceptions);
        let mut all = Vec::new();
        for (entity, id) in [("access", "api"), ("pull", list)] {
            let about = Reference::new(source, account, entity, id);
            all.extend(exceptions.of(&about).await.expect("exceptions"));
        }
        all
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
