//! The post function's own handler between real parts: MiniStack's tables and queues, a proxy that
//! loses what it is told to, and a real Odoo with a contract. Only its clock is the test's.

use std::sync::Arc;
use std::time::Duration;

use aws::{Bell, Books, Clock as _, Connection, Exceptions, Ledger, RandomTokens};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use cli::aws_api::SECRETS;
use domain::command::{Command, LinkProject};
use domain::gate::Budget;
use domain::limits::Limits;
use domain::record::Posted;
use domain::{Lane, LaneShard, Record, Reference, State, Version};
use odoo::{HttpWire, Wire};
use post::{Config, Post};
use serde_json::{Value, json};
use source_api::SourceApi;
use tests::books::in_force;
use tests::emulator::Emulator;
use tests::fault_proxy::FaultProxy;
use validate::Validate;

use crate::clock::MovedClock;
use crate::support::{Deal, KEYS, World, company, raw};

/// Where time is loaded.
pub const LOAD: &str = "/json/2/account.analytic.line/load";
/// How long an answer of Odoo may take: short, because these are waited for.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// As on AWS.
const LIMITS: Limits = Limits {
    odoo_read_seconds: 60,
    odoo_limit_seconds: 120,
    margin_seconds: 30,
    post_timeout_seconds: 90,
    lease_seconds: 240,
    visibility_seconds: 540,
};

/// A firm with a contract and a post function of its own.
pub struct Poster {
    /// The real Odoo.
    pub world: World,
    /// The way to it.
    pub proxy: FaultProxy,
    /// What the function takes for the time.
    pub clock: Arc<MovedClock>,
    /// The work list.
    pub ledger: Ledger,
    /// What people must decide.
    pub exceptions: Exceptions,
    /// How long an answer of Odoo may take.
    pub patience: Duration,
    /// The contract.
    pub deal: Deal,
    odoo_project: i64,
    url: String,
    tables: (String, String),
    billing: String,
    control: String,
    bells: String,
    emulator: Emulator,
}

impl Poster {
    /// Starts all parts and takes the contract into the ledger as posted.
    pub async fn start() -> Self {
        Self::start_at(World::new()).await
    }

    /// The same, at an Odoo that is there already.
    pub async fn start_at(world: World) -> Self {
        let emulator = Emulator::start();
        let deal = Deal::new("faults");
        let (_, order, odoo_project) = deal.stand_up(&world).await;
        let (proxy, url) = FaultProxy::start(world.place().0, emulator.url()).await;
        for (lane, key) in &KEYS[1..3] {
            let name = format!("tenon/test/odoo/{lane}");
            let secret = json!({"Name": name, "SecretString": key});
            let made = emulator.aws().json(SECRETS, "CreateSecret", &secret).await;
            made.expect("the secret of the lane");
        }
        let tables = emulator.tables().await;
        let (billing, control) = (
            emulator.table("billing").await,
            emulator.table("control").await,
        );
        let bells = emulator.queue("bells", &json!({})).await;
        let clock = Arc::new(MovedClock::default());
        let connection = connection(&emulator, &clock);
        let poster = Self {
            ledger: Ledger::new(&connection, &tables.0),
            exceptions: Exceptions::new(&connection, &tables.1),
            patience: PATIENCE,
            world,
            proxy,
            clock,
            deal,
            odoo_project,
            url,
            tables,
            billing,
            control,
            bells,
            emulator,
        };
        poster.take_the_contract(order).await;
        poster
    }

    /// The contract and its project's link, as other lanes have posted them.
    async fn take_the_contract(&self, order: i64) {
        let order = posted("sale.order", order);
        let command = Command::CreateOrder(self.deal.order.clone());
        self.settle(self.record(&self.deal.deal, command), order)
            .await;
        let command = Command::LinkProject(LinkProject {
            company: company(),
            deal: self.deal.deal.clone(),
            by: "steward".to_owned(),
        });
        let project = posted("project.project", self.odoo_project);
        self.settle(self.record(&psa_project(), command), project)
            .await;
    }

    async fn settle(&self, record: Record, posted: Posted) {
        self.ledger.accept(&record).await.unwrap();
        let done = Record {
            state: State::Posted,
            posted: Some(posted),
            ..record
        };
        self.ledger.settle(&[done]).await.unwrap();
    }

    fn record(&self, reference: &Reference, command: Command) -> Record {
        self.record_of(shard(), reference, command)
    }

    /// A command for one of the lanes, as it is taken into the ledger.
    pub fn record_of(&self, shard: LaneShard, reference: &Reference, command: Command) -> Record {
        let fingerprint = command.fingerprint().unwrap();
        let now = self.clock.now();
        Record {
            command: Some(command),
            correlation: format!("delivery of {reference}"),
            ..Record::new(reference.clone(), Version(1), fingerprint, shard, now)
        }
    }

    /// An approved entry of so many hours, as `validate` takes it into the ledger.
    pub fn entry(&self, id: &str, hours: &str) -> Record {
        let mut time = self.deal.entry(self.odoo_project, id, hours, hours).time;
        time.project = psa_project();
        self.record(&entry(id), Command::LogTime(time))
    }

    /// Takes approved entries of two hours into the ledger.
    pub async fn accept(&self, ids: &[&str]) {
        for id in ids {
            self.ledger.accept(&self.entry(id, "2")).await.unwrap();
        }
    }

    /// One more worker, with a clock of its own, that waits so long for Odoo.
    pub fn worker(&self, clock: &Arc<MovedClock>, patience: Duration) -> Worker {
        let wire = HttpWire::new(&self.url, patience).unwrap();
        self.worker_over(clock, Arc::new(wire))
    }

    /// One more worker, with a way to Odoo of its own.
    pub fn worker_over(&self, clock: &Arc<MovedClock>, wire: Arc<dyn Wire>) -> Worker {
        let config = Config {
            environment: "test".to_owned(),
            ledger: self.tables.0.clone(),
            exceptions: self.tables.1.clone(),
            control: self.control.clone(),
            odoo_url: self.url.clone(),
            odoo_database: self.world.place().1.to_owned(),
            odoo_version: 19,
            odoo_budget: Budget::new(100, 8, LIMITS.odoo_read_seconds).unwrap(),
            limits: LIMITS,
            bells: Lane::ALL.map(|lane| (lane, self.bells.clone())).to_vec(),
        };
        let connection = connection(&self.emulator, clock);
        Worker {
            post: Post::over(config, &connection, wire),
            clock: Arc::clone(clock),
        }
    }

    /// The function before: it judges what a source has sent.
    pub async fn validate(&self) -> Validate {
        let connection = connection(&self.emulator, &self.clock);
        let books = Books::new(&connection, &self.control);
        in_force(&books, domain::book::DEMO, self.clock.now()).await;
        let config = validate::Config {
            ledger: self.tables.0.clone(),
            billing: self.billing.clone(),
            sources: source_account::Settings {
                environment: "test".to_owned(),
                control: self.control.clone(),
                exceptions: self.tables.1.clone(),
                addresses: std::collections::BTreeMap::new(),
            },
            // No source is asked here.
            deliveries: String::new(),
            drift: self.bells.clone(),
            bells: Lane::ALL.map(|lane| (lane, self.bells.clone())).to_vec(),
            recorded: None,
        };
        Validate::over(config, &connection, SourceApi::new().expect("a client"))
    }

    /// The proxy's own address.
    pub fn address(&self) -> &str {
        &self.url
    }

    /// The bell rings for a new worker.
    pub async fn ring(&self) {
        self.worker(&self.clock, self.patience).ring().await;
    }

    /// So much time passes.
    pub fn pass(&self, seconds: i64) {
        self.clock.advance(seconds);
    }

    /// Lets each lease end and the bell ring, until these entries are posted. Odoo's own time is
    /// real: what it does late has `odoo_late` to happen.
    pub async fn until_posted(&self, ids: &[&str], odoo_late: Duration) {
        self.ring().await;
        tokio::time::sleep(odoo_late).await;
        for _ in 0..6 {
            if self.all_posted(ids).await {
                return;
            }
            self.pass(i64::from(LIMITS.lease_seconds) + 1);
            self.ring().await;
        }
        panic!("not posted: {:?}", self.states(ids).await);
    }

    async fn all_posted(&self, ids: &[&str]) -> bool {
        let states = self.states(ids).await;
        states.iter().all(|(state, _)| *state == State::Posted)
    }

    /// Calls Odoo as its administrator.
    pub async fn person(&self, method: &str, body: Value) -> Value {
        let model = "account.analytic.line";
        let done = raw(&self.world.admin, model, method, body).await;
        done.unwrap()
    }

    /// Replaces the key of the lane's Odoo user.
    pub async fn rotate_key(&self, key: &str) {
        let put = json!({"SecretId": "tenon/test/odoo/work", "SecretString": key});
        let done = self
            .emulator
            .aws()
            .json(SECRETS, "PutSecretValue", &put)
            .await;
        done.expect("a new value");
    }

    /// A person says that the cause is gone: `tenon retry`.
    pub async fn retry(&self, id: &str) {
        let now = self.clock.now();
        let held = self.newest(id).await;
        assert!(self.ledger.retry(&held, now).await.unwrap(), "{held:?}");
        self.exceptions.resolve(&entry(id)).await.unwrap();
    }

    /// Begins with an empty ledger, as after a loss of the table.
    pub async fn lose_the_ledger(&mut self) {
        self.tables = self.emulator.tables().await;
        let connection = connection(&self.emulator, &self.clock);
        self.ledger = Ledger::new(&connection, &self.tables.0);
        self.exceptions = Exceptions::new(&connection, &self.tables.1);
        let model = "sale.order";
        let find = json!({"domain": [["origin", "=", self.deal.order.origin]], "fields": ["id"]});
        let order = raw(&self.world.admin, model, "search_read", find).await;
        let order = order.unwrap()[0]["id"].as_i64().expect("the order");
        self.take_the_contract(order).await;
    }
}

/// An instance of the post function.
pub struct Worker {
    post: Post,
    clock: Arc<MovedClock>,
}

impl Worker {
    /// It is invoked with one bell for the entries.
    pub async fn ring(&self) {
        self.ring_for(shard()).await;
    }

    /// It is invoked with one bell, which is not for the dead-letter queue whatever happens.
    pub async fn ring_for(&self, shard: LaneShard) {
        let mut message = SqsMessage::default();
        message.message_id = Some("1".to_owned());
        message.body = Some(serde_json::to_string(&Bell::new(shard)).expect("a bell"));
        let mut event = SqsEvent::default();
        event.records.push(message);
        let now = self.clock.now();
        let timeout = i64::from(LIMITS.post_timeout_seconds) * 1000;
        let deadline = u64::try_from(now.as_millisecond() + timeout).expect("after 1970");
        let response = self.post.handle(event, deadline).await;
        assert_eq!(response.batch_item_failures.len(), 0);
    }
}

fn connection(emulator: &Emulator, clock: &Arc<MovedClock>) -> Connection {
    Connection::to_emulator(
        emulator.url(),
        Arc::<MovedClock>::clone(clock),
        Arc::new(RandomTokens),
    )
}

fn posted(model: &str, id: i64) -> Posted {
    Posted {
        model: model.to_owned(),
        id,
        others: Vec::new(),
        name: None,
        customer: domain::customer::Noted::default(),
    }
}

/// The PSA's project, linked to the contract.
fn psa_project() -> Reference {
    Reference::new("connectwise", "Cobalt", "project", "77")
}

/// The partition of its time.
pub fn shard() -> LaneShard {
    LaneShard::of(Lane::Work, &psa_project())
}

/// A time entry of the PSA.
pub fn entry(id: &str) -> Reference {
    Reference::new("connectwise", "Cobalt", "time_entry", id)
}
