//! The AWS emulator alone, for tests that need no deployed function.

use std::sync::atomic::{AtomicU32, Ordering};

use cli::aws_api::{Aws, DYNAMODB, SQS};
use cli::cache::Cache;
use cli::progress::Progress;
use cli::stack::{Installed, MiniStack, RunFolder};
use serde_json::{Value, json};

/// MiniStack, in a run folder of its own.
pub struct Emulator {
    // In the order in which they must end.
    ministack: MiniStack,
    _run: RunFolder,
    given: AtomicU32,
}

impl Emulator {
    /// Starts it.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start() -> Self {
        let cache = Cache::locate().expect("a cache");
        let installed = Installed::ensure(&cache, &Progress::new()).expect("MiniStack");
        let run = RunFolder::create(&cache).expect("a run folder");
        let folder = run.path("ministack");
        Self {
            ministack: MiniStack::start(&installed.ministack, &folder).expect("it starts"),
            _run: run,
            given: AtomicU32::new(0),
        }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        self.ministack.url()
    }

    /// Its administrator.
    pub fn aws(&self) -> Aws {
        Aws::root(self.url())
    }

    /// A name that nothing in it has yet.
    pub fn fresh_name(&self, kind: &str) -> String {
        format!("{kind}{}", self.given.fetch_add(1, Ordering::Relaxed))
    }

    /// An empty ledger and an empty table of exceptions: their names.
    pub async fn tables(&self) -> (String, String) {
        let names = (self.fresh_name("ledger"), self.fresh_name("exceptions"));
        create_tables(&self.aws(), &names.0, &names.1).await;
        names
    }

    /// An empty table with our two keys and nothing else: its name.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn table(&self, kind: &str) -> String {
        let name = self.fresh_name(kind);
        let table = table(&name, &[], &[]);
        let created = self.aws().json(DYNAMODB, "CreateTable", &table).await;
        created.expect("a table is created");
        name
    }

    /// An empty queue with these attributes: its address.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn queue(&self, name: &str, attributes: &Value) -> String {
        let queue = json!({"QueueName": name, "Attributes": attributes});
        let created = self.aws().json(SQS, "CreateQueue", &queue).await;
        let url = created.expect("a queue")["QueueUrl"].clone();
        url.as_str().expect("an address").to_owned()
    }
}

/// The ledger and the exceptions with the keys and indexes of `infra/template.yaml`.
///
/// # Panics
/// When they are refused.
pub async fn create_tables(aws: &Aws, ledger: &str, exceptions: &str) {
    let index = |name: &str, range: Option<&str>, projection: &str, hash: &str| {
        json!({
            "IndexName": name, "KeySchema": keys(hash, range), "Projection": {"ProjectionType": projection},
        })
    };
    let ledger = table(
        ledger,
        &["attention", "since", "correlation"],
        &[
            index("attention", Some("since"), "KEYS_ONLY", "attention"),
            index("correlation", None, "KEYS_ONLY", "correlation"),
        ],
    );
    let exceptions = table(
        exceptions,
        &["open_owner", "raised_at"],
        &[index("open", Some("raised_at"), "ALL", "open_owner")],
    );
    for table in [ledger, exceptions] {
        let created = aws.json(DYNAMODB, "CreateTable", &table).await;
        created.expect("a table is created");
    }
}

fn table(name: &str, attributes: &[&str], indexes: &[Value]) -> Value {
    let attributes: Vec<Value> = ["pk", "sk"]
        .iter()
        .chain(attributes)
        .map(|name| json!({"AttributeName": name, "AttributeType": "S"}))
        .collect();
    let mut table = json!({
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes, "KeySchema": keys("pk", Some("sk")),
    });
    // AWS refuses an empty list.
    if !indexes.is_empty() {
        table["GlobalSecondaryIndexes"] = json!(indexes);
    }
    table
}

fn keys(hash: &str, range: Option<&str>) -> Value {
    let mut keys = vec![json!({"AttributeName": hash, "KeyType": "HASH"})];
    keys.extend(range.map(|name| json!({"AttributeName": name, "KeyType": "RANGE"})));
    json!(keys)
}
