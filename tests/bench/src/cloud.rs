//! AWS inside this process: tables in an embedded DynamoDB, bells that are remembered, one secret.
//! It answers the SDK where the SDK would open a connection, and counts what it answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws::{Connection, RandomTokens, SystemClock};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;
use cli::stack::Installed;
use dynoxide::Database;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::emulated::Emulated;
use crate::table;

/// What was asked of AWS.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Requests by service and operation.
    pub requests: BTreeMap<String, u64>,
    /// Capacity units of writes, with their indexes.
    pub write_units: Decimal,
    /// Capacity units of reads.
    pub read_units: Decimal,
}

/// One account with nothing in it but our tables.
#[derive(Clone)]
pub struct Cloud {
    shared: Arc<Shared>,
}

struct Shared {
    tables: Tables,
    key: &'static str,
    asked: Mutex<Asked>,
    /// The delays, in seconds, of the bells that were rung and not heard yet.
    bells: Mutex<Vec<u64>>,
}

enum Tables {
    Embedded(Box<Database>),
    Emulated(Box<Emulated>),
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cloud")
    }
}

impl Cloud {
    /// An account whose one secret is this key.
    pub fn new(key: &'static str) -> Self {
        let tables = Database::memory().expect("a database in memory");
        for request in table::all() {
            table::answer(&tables, "CreateTable", request).expect("a table");
        }
        Self::over(Tables::Embedded(Box::new(tables)), key)
    }

    /// The same with its tables in an emulator.
    pub async fn emulated(installed: &Installed, key: &'static str) -> Self {
        let emulated = Emulated::start(installed).await;
        Self::over(Tables::Emulated(Box::new(emulated)), key)
    }

    fn over(tables: Tables, key: &'static str) -> Self {
        let shared = Shared {
            tables,
            key,
            asked: Mutex::default(),
            bells: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// A function's way to it.
    pub fn connection(&self) -> Connection {
        let credentials = Credentials::new("test", "test", None, None, "bench");
        let config = SdkConfig::builder()
            .behavior_version(
                aws_smithy_runtime_api::client::behavior_version::BehaviorVersion::latest(),
            )
            .region(Region::from_static("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(self.clone())
            .build();
        Connection::over(config, Arc::new(SystemClock), Arc::new(RandomTokens))
    }

    /// What was asked since the last time.
    pub fn taken(&self) -> Asked {
        std::mem::take(&mut self.shared.asked.lock().expect("not poisoned"))
    }

    /// The shortest delay of the bells that were rung meanwhile: they all ring then.
    pub fn next_bell(&self) -> Option<u64> {
        let mut bells = self.shared.bells.lock().expect("not poisoned");
        std::mem::take(&mut *bells).into_iter().min()
    }

    async fn answer(&self, target: &str, body: Value) -> (u16, Value) {
        let (service, operation) = target.split_once('.').unwrap_or((target, ""));
        let service = service.split('_').next().unwrap_or(service);
        self.count(&format!("{service}.{operation}"));
        match (service, operation) {
            ("DynamoDB", _) => self.table(operation, body).await,
            ("AmazonSQS", "SendMessage") => {
                let delay = body["DelaySeconds"].as_u64().unwrap_or_default();
                self.shared.bells.lock().expect("not poisoned").push(delay);
                (200, json!({"MessageId": "1", "MD5OfMessageBody": ""}))
            }
            ("secretsmanager", "GetSecretValue") => {
                let name = &body["SecretId"];
                (
                    200,
                    json!({"ARN": name, "Name": name, "SecretString": self.shared.key}),
                )
            }
            _ => panic!("{target} is not answered here"),
        }
    }

    async fn table(&self, operation: &str, mut body: Value) -> (u16, Value) {
        body["ReturnConsumedCapacity"] = json!("TOTAL");
        let answer = match &self.shared.tables {
            Tables::Embedded(tables) => table::answer(tables, operation, body),
            Tables::Emulated(emulated) => emulated.answer(operation, &body).await,
        };
        match answer {
            Ok(answer) => {
                self.charge(operation, &answer["ConsumedCapacity"]);
                (200, answer)
            }
            Err((status, answer)) => (status, answer),
        }
    }

    fn count(&self, request: &str) {
        let mut asked = self.shared.asked.lock().expect("not poisoned");
        *asked.requests.entry(request.to_owned()).or_default() += 1;
    }

    fn charge(&self, operation: &str, consumed: &Value) {
        let each = consumed
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![consumed.clone()]);
        let units = |one: &Value| {
            one["CapacityUnits"]
                .to_string()
                .parse()
                .unwrap_or(Decimal::ZERO)
        };
        let units: Decimal = each.iter().map(units).sum();
        let mut asked = self.shared.asked.lock().expect("not poisoned");
        match operation {
            "Query" | "GetItem" | "BatchGetItem" => asked.read_units += units,
            _ => asked.write_units += units,
        }
    }
}

impl HttpClient for Cloud {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Cloud {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let target = target.to_owned();
        let bytes = request.body().bytes().unwrap_or_default();
        let body = serde_json::from_slice(bytes).expect("the SDK sends JSON");
        let cloud = self.clone();
        HttpConnectorFuture::new(async move {
            let (status, body) = cloud.answer(&target, body).await;
            let status = StatusCode::try_from(status).expect("a status");
            let mut response = HttpResponse::new(status, SdkBody::from(body.to_string()));
            let headers = response.headers_mut();
            headers.insert("content-type", "application/x-amz-json-1.0");
            Ok(response)
        })
    }
}
