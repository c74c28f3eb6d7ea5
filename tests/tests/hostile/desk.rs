//! Validate's handler in the simulation's world: tables, queues and secrets in memory, and a firm with
//! a contract.

use std::rc::Rc;
use std::sync::LazyLock;
use std::time::Duration;

use aws::{Connection, Exceptions, Ledger};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::{Exception, Record, Reference};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulation::fate::Plan;
use simulation::fleet::{Fleet, Function, Role, SAFE, Setup};
use simulation::names;
use simulation::queue::Queue;
use simulation::run::Stage;
use simulation::worker::Worker;
use simulation::world::{Things, World};

/// Unoptimised, a handler's future is larger than the stack that a thread has by default.
const STACK: usize = 64 * 1024 * 1024;

/// The firm, and logs that are kept in memory.
static STAGE: LazyLock<Stage> = LazyLock::new(Stage::set);

/// A world with an instance of the function.
pub struct Desk {
    fleet: Rc<Fleet>,
    connection: Connection,
}

/// Plays a test in virtual time on a thread of its own, whose log is empty.
pub fn played(seed: u64, plan: Plan, test: impl AsyncFnOnce(&Desk) + Send) {
    LazyLock::force(&STAGE);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = { runtime }.enable_all().start_paused(true).build().unwrap();
            // The SDK waits between its attempts by dice of its own.
            fastrand::seed(seed);
            let all = async { test(&Desk::open(seed, plan)).await };
            tokio::task::LocalSet::new().block_on(&runtime, all);
        };
        let running = thread.spawn_scoped(scope, run).unwrap();
        // What it says when it fails is said already.
        assert!(running.join().is_ok(), "it failed; see above");
    });
}

impl Desk {
    fn open(seed: u64, plan: Plan) -> Self {
        let mut things = Things::new(seed, plan, false);
        let firm = &STAGE.firms[0][1];
        things.tables = firm.tables.clone();
        for (name, terms) in names::queues(Duration::from_secs(540)) {
            things.queues.insert(name, Queue::new(terms));
        }
        let secret = json!({"client_secrets": ["s"], "access_token": "access-token-canary"});
        let name = format!("tenon/{}/hubspot", names::ENVIRONMENT);
        things.secrets.insert(name, secret.to_string());
        let world = World::new(None, things);
        let setup = Setup {
            limits: SAFE,
            slowly: false,
            skew: Duration::ZERO,
            api: STAGE.api.clone(),
        };
        let reader = Worker::new(&world, "reader".to_owned(), SignedDuration::ZERO);
        Self {
            connection: reader.connection(),
            fleet: Fleet::new(&world, setup),
        }
    }

    /// Hands over what came from a source: whether it need not come again.
    pub async fn deliver(&self, source: &str, account: &str, body: &[u8]) -> bool {
        let delivery = json!({
            "v": 1, "id": "delivery-1", "source": source, "account": account,
            "received_at": "2026-11-22T12:00:02Z", "headers": {}, "body": BASE64_STANDARD.encode(body),
        });
        self.hand_over(delivery.to_string()).await
    }

    /// Hands over a message of the queue.
    pub async fn hand_over(&self, message: String) -> bool {
        let mut event = SqsEvent::default();
        let mut one = SqsMessage::default();
        one.message_id = Some("1".to_owned());
        one.body = Some(message);
        event.records.push(one);
        let work = async |instance: &simulation::fleet::Instance| match &instance.function {
            Function::Validate(validate) => validate.handle(event).await,
            _ => panic!("it is another function"),
        };
        let response = self.fleet.invoke(Role::Validate, work).await;
        response.is_some_and(|response| response.batch_item_failures.is_empty())
    }

    /// What the ledger has of a fact, newest first.
    pub async fn versions(&self, reference: &Reference) -> Vec<Record> {
        let ledger = Ledger::new(&self.connection, names::LEDGER);
        ledger.versions(reference).await.unwrap()
    }

    /// What people are asked, once the index that they are asked by has it.
    pub async fn questions(&self) -> Vec<Exception> {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let owners = ["sales", "delivery", "finance", "steward", "operations"];
        let exceptions = Exceptions::new(&self.connection, names::EXCEPTIONS);
        exceptions.open(&owners).await.unwrap()
    }
}

/// The name of a time entry.
pub fn entry(id: &str) -> Reference {
    Reference::new("connectwise", "Cobalt", "time_entry", id)
}

/// An approved time entry, as ConnectWise sends it.
pub fn record() -> Value {
    json!({
        "id": 90311, "company": {"id": 250, "identifier": "AcmeMfg"},
        "member": {"id": 151, "identifier": "AConsultant"},
        "workRole": {"id": 18, "name": "Senior Consultant"},
        "timeStart": "2026-11-19T15:00:00Z", "timeEnd": "2026-11-19T23:00:00Z",
        "actualHours": 7, "hoursBilled": 7, "agreementHours": 0,
        "billableOption": "Billable", "notes": "Modelled the order data",
        "status": "ApprovedByTierTwo", "project": {"id": 412, "name": "Data platform"},
        "_info": {"lastUpdated": "2026-11-20T16:00:00Z"},
    })
}

/// A callback with this record, which may be no JSON.
pub fn callback(record: &str) -> Vec<u8> {
    json!({"Action": "updated", "CompanyId": "Cobalt", "Entity": record, "ID": 90311, "Type": "time"})
        .to_string()
        .into_bytes()
}

/// What became of one record.
#[derive(Debug, PartialEq, Eq)]
pub enum Became {
    /// Work for Odoo: hours to bill and the day.
    Work(String, String),
    /// A question for people, by its code.
    Question(String),
    /// Neither.
    Nothing,
}

/// What becomes of a record in a world in which nothing goes wrong. It is always one thing, and one
/// question at most.
pub async fn became(desk: &Desk, record: &str) -> Became {
    let before = desk.questions().await.len();
    assert!(
        desk.deliver("connectwise", "Cobalt", &callback(record))
            .await
    );
    let versions = desk.versions(&entry("90311")).await;
    let questions = desk.questions().await;
    let command = versions
        .first()
        .and_then(|version| version.command.as_ref());
    match (command, &questions[before..]) {
        (Some(domain::command::Command::LogTime(time)), []) => {
            Became::Work(time.worked.to_string(), time.date.to_string())
        }
        (None, [question]) => Became::Question(question.code.clone()),
        (None, []) => Became::Nothing,
        other => panic!("work and a question: {other:?}"),
    }
}
