//! The embedded DynamoDB, operation by operation.

use dynoxide::Database;
use dynoxide::errors::DynoxideError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What is answered: the body, or a status with the body of an error.
pub type Answer = Result<Value, (u16, Value)>;

/// Answers one request.
pub fn answer(tables: &Database, operation: &str, body: Value) -> Answer {
    match operation {
        "CreateTable" => run(body, |request| tables.create_table(request)),
        "PutItem" => run(body, |request| tables.put_item(request)),
        "GetItem" => run(body, |request| tables.get_item(request)),
        "DeleteItem" => run(body, |request| tables.delete_item(request)),
        "UpdateItem" => run(body, |request| tables.update_item(request)),
        "Query" => run(body, |request| tables.query(request)),
        "BatchGetItem" => run(body, |request| tables.batch_get_item(request)),
        "BatchWriteItem" => run(body, |request| tables.batch_write_item(request)),
        "TransactWriteItems" => run(body, |request| tables.transact_write_items(request)),
        _ => panic!("{operation} is not answered here"),
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: Value,
    work: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Answer {
    let request = serde_json::from_value(body).expect("a request of the SDK's");
    match work(request) {
        Ok(answer) => Ok(serde_json::to_value(answer).expect("JSON")),
        Err(error) => {
            let body = serde_json::from_str(&error.to_json()).expect("JSON");
            Err((error.status_code(), body))
        }
    }
}

/// The tables that posting needs, as in `infra/template.yaml`.
pub fn all() -> [Value; 3] {
    let index = |name: &str, hash: &str, range: Option<&str>, projection: &str| {
        json!({
            "IndexName": name, "KeySchema": keys(hash, range),
            "Projection": {"ProjectionType": projection},
        })
    };
    let of_ledger = [
        index("attention", "attention", Some("since"), "KEYS_ONLY"),
        index("correlation", "correlation", None, "KEYS_ONLY"),
    ];
    let of_exceptions = [index("open", "open_owner", Some("raised_at"), "ALL")];
    [
        table("ledger", &["attention", "since", "correlation"], &of_ledger),
        table("exceptions", &["open_owner", "raised_at"], &of_exceptions),
        table("control", &[], &[]),
    ]
}

fn table(name: &str, attributes: &[&str], indexes: &[Value]) -> Value {
    let attribute = |name: &&str| json!({"AttributeName": name, "AttributeType": "S"});
    let attributes: Vec<Value> = (["pk", "sk"].iter().chain(attributes))
        .map(attribute)
        .collect();
    let mut table = json!({
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes, "KeySchema": keys("pk", Some("sk")),
    });
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
