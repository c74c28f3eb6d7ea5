//! What is held to the contract, each behind the same handle.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws::{Connection, Exceptions, FixedClock, Ledger, RandomTokens};
use cli::aws_api::{Aws, DYNAMODB};
use cli::cache::Cache;
use cli::progress::Progress;
use cli::stack::{Installed, MiniStack, RunFolder};
use serde_json::{Value, json};

use crate::records::at;

/// Tables that nobody else uses.
pub struct Tables {
    /// The work list.
    pub ledger: Ledger,
    /// What people must decide.
    pub exceptions: Exceptions,
}

impl Tables {
    fn over(connection: &Connection, ledger: &str, exceptions: &str) -> Self {
        Self {
            ledger: Ledger::new(connection, ledger),
            exceptions: Exceptions::new(connection, exceptions),
        }
    }
}

/// MiniStack, in a run folder of its own.
pub struct Emulator {
    // In the order in which they must end.
    ministack: MiniStack,
    _run: RunFolder,
    given: AtomicU32,
}

impl Emulator {
    /// Starts it.
    pub fn start() -> Self {
        let cache = Cache::locate().expect("a cache");
        let installed = Installed::ensure(&cache, &Progress::new()).expect("MiniStack");
        let run = RunFolder::create(&cache).expect("a run folder");
        let folder: PathBuf = run.path("ministack");
        Self {
            ministack: MiniStack::start(&installed.ministack, &folder).expect("it starts"),
            _run: run,
            given: AtomicU32::new(0),
        }
    }

    /// Its administrator.
    pub fn aws(&self) -> Aws {
        Aws::root(self.ministack.url())
    }

    /// Our own crate's way to it.
    pub fn connection(&self) -> Connection {
        connection(self.ministack.url())
    }

    /// Tables of their own.
    pub async fn tables(&self) -> Tables {
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        let names = [format!("ledger{number}"), format!("exceptions{number}")];
        create(&self.aws(), &names[0], &names[1]).await;
        Tables::over(&self.connection(), &names[0], &names[1])
    }
}

/// An embedded DynamoDB: every tables have a database of their own.
pub struct Dynoxide;

impl Dynoxide {
    /// Starts one, and tables in it.
    pub async fn tables() -> Tables {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let database = dynoxide::Database::memory().expect("a database in memory");
        tokio::spawn(dynoxide::server::serve_with_shutdown(
            listener,
            database,
            std::future::pending(),
        ));
        let url = format!("http://{address}");
        create(&Aws::root(&url), "ledger", "exceptions").await;
        Tables::over(&connection(&url), "ledger", "exceptions")
    }
}

fn connection(url: &str) -> Connection {
    let clock = Arc::new(FixedClock::at(at(0)));
    Connection::to_emulator(url, clock, Arc::new(RandomTokens))
}

/// The tables as `infra/template.yaml` has them.
async fn create(aws: &Aws, ledger: &str, exceptions: &str) {
    let ledger = table(
        ledger,
        &["attention", "since", "correlation"],
        json!([
            {"IndexName": "attention", "KeySchema": keys("attention", Some("since")), "Projection": {"ProjectionType": "KEYS_ONLY"}},
            {"IndexName": "correlation", "KeySchema": keys("correlation", None), "Projection": {"ProjectionType": "KEYS_ONLY"}},
        ]),
    );
    let exceptions = table(
        exceptions,
        &["open_owner", "raised_at"],
        json!([
            {"IndexName": "open", "KeySchema": keys("open_owner", Some("raised_at")), "Projection": {"ProjectionType": "ALL"}},
        ]),
    );
    for table in [ledger, exceptions] {
        aws.json(DYNAMODB, "CreateTable", &table)
            .await
            .expect("a table is created");
    }
}

fn table(name: &str, attributes: &[&str], indexes: Value) -> Value {
    let attributes: Vec<Value> = ["pk", "sk"]
        .iter()
        .chain(attributes)
        .map(|name| json!({"AttributeName": name, "AttributeType": "S"}))
        .collect();
    json!({
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes, "KeySchema": keys("pk", Some("sk")),
        "GlobalSecondaryIndexes": indexes,
    })
}

fn keys(hash: &str, range: Option<&str>) -> Value {
    let mut keys = vec![json!({"AttributeName": hash, "KeyType": "HASH"})];
    keys.extend(range.map(|name| json!({"AttributeName": name, "KeyType": "RANGE"})));
    json!(keys)
}
