//! DynamoDB's tables in memory: the part of the API that our code uses. Whatever it does not know
//! ends the run, so that nothing passes by being ignored.

mod condition;
mod limits;
mod query;
mod update;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use condition::{Condition, Names};
use update::update;

/// An item: its attributes as the API writes them.
pub type Item = BTreeMap<String, Value>;

/// What a service answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// It did it.
    Done(Value),
    /// It refuses: the error's name and the rest of its body.
    Refused(&'static str, Value),
}

/// A change of the table with a stream.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its place in the stream.
    pub number: usize,
    /// The item as it is now; none when it was deleted.
    pub new: Option<Arc<Item>>,
}

/// Where an item is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    table: String,
    pk: String,
    sk: String,
}

/// One state of an item, and since when (milliseconds).
type State = (u64, Option<Arc<Item>>);

/// All tables.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// Every state that an item ever had: an eventually consistent read may answer an old one.
    items: BTreeMap<Key, Vec<State>>,
    /// The table whose changes are a stream.
    streamed: String,
    changes: Vec<Change>,
}

/// When a request arrives, and how old what an eventually consistent read answers is.
#[derive(Debug, Clone, Copy)]
pub struct At {
    /// Now, in milliseconds.
    pub now: u64,
    /// How far replicas and indexes lag behind, in milliseconds.
    pub lag: u64,
    /// How many entries of a batch are left unprocessed this time.
    pub left: usize,
}

impl Tables {
    /// Empty tables; the changes of one are a stream.
    pub fn new(streamed: &str) -> Self {
        Self {
            streamed: streamed.to_owned(),
            ..Self::default()
        }
    }

    /// Does what a request asks for.
    pub fn answer(&mut self, operation: &str, request: &Value, at: At) -> Reply {
        check_fields(operation, request);
        match operation {
            "PutItem" => self.put(request, at),
            "UpdateItem" => self.update(request, at),
            "DeleteItem" => self.delete(request, at),
            "GetItem" => Reply::Done(match self.read(request, &request["Key"], at) {
                Some(item) => json!({"Item": *item}),
                None => json!({}),
            }),
            "BatchGetItem" => self.batch_get(request, at),
            "BatchWriteItem" => self.batch_write(request, at),
            "Query" => self.query(request, at),
            other => panic!("the simulated table does not know {other}"),
        }
    }

    /// What changed in the table with a stream, from a place on.
    pub fn changes(&self, from: usize) -> &[Change] {
        self.changes.get(from..).unwrap_or_default()
    }

    /// The items of a table whose partition key begins like this, as they are now.
    pub fn items<'a>(
        &'a self,
        table: &'a str,
        prefix: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Item>> {
        self.from(table, prefix)
            .take_while(move |(key, _)| key.table == table && key.pk.starts_with(prefix))
            .filter_map(|(_, states)| states.last()?.1.as_ref())
    }

    /// A key of a request in its table.
    fn key(request: &Value, key: &Value) -> Key {
        let text = |value: &Value| condition::text(value).to_owned();
        Key {
            table: request["TableName"].as_str().unwrap_or_default().to_owned(),
            pk: text(&key["pk"]),
            sk: text(&key["sk"]),
        }
    }

    fn from<'a>(
        &'a self,
        table: &str,
        pk: &str,
    ) -> impl Iterator<Item = (&'a Key, &'a Vec<State>)> {
        let from = Key {
            table: table.to_owned(),
            pk: pk.to_owned(),
            sk: String::new(),
        };
        self.items.range(from..)
    }

    fn current(&self, key: &Key) -> Option<Arc<Item>> {
        self.items.get(key)?.last()?.1.clone()
    }

    fn read(&self, request: &Value, key: &Value, at: At) -> Option<Arc<Item>> {
        let key = Self::key(request, key);
        match request["ConsistentRead"] == json!(true) {
            true => self.current(&key),
            false => seen(self.items.get(&key)?, at),
        }
    }

    fn write(&mut self, key: Key, new: Option<Item>, at: At) {
        let new = new.map(Arc::new);
        if key.table == self.streamed {
            let number = self.changes.len();
            let new = new.clone();
            self.changes.push(Change { number, new });
        }
        self.items.entry(key).or_default().push((at.now, new));
    }

    fn put(&mut self, request: &Value, at: At) -> Reply {
        let new = read_item(&request["Item"]);
        let key = Self::key(request, &request["Item"]);
        if let Some(refusal) = limits::refusal(&new).or_else(|| self.refusal(&key, request)) {
            return refusal;
        }
        let old = self.current(&key);
        let answer = attributes(request, old.as_deref(), &new);
        self.write(key, Some(new), at);
        Reply::Done(answer)
    }

    fn update(&mut self, request: &Value, at: At) -> Reply {
        let key = Self::key(request, &request["Key"]);
        if let Some(refusal) = self.refusal(&key, request) {
            return refusal;
        }
        let old = self.current(&key);
        let mut new = match &old {
            Some(old) => (**old).clone(),
            None => read_item(&request["Key"]),
        };
        let expression = request["UpdateExpression"].as_str().unwrap_or_default();
        update(expression, &Names::of(request), &mut new);
        let answer = attributes(request, old.as_deref(), &new);
        self.write(key, Some(new), at);
        Reply::Done(answer)
    }

    fn delete(&mut self, request: &Value, at: At) -> Reply {
        let key = Self::key(request, &request["Key"]);
        if let Some(refusal) = self.refusal(&key, request) {
            return refusal;
        }
        let old = self.current(&key);
        let answer = attributes(request, old.as_deref(), &Item::new());
        if old.is_some() {
            self.write(key, None, at);
        }
        Reply::Done(answer)
    }

    /// Why the request is refused, if its condition does not hold.
    fn refusal(&self, key: &Key, request: &Value) -> Option<Reply> {
        let text = request["ConditionExpression"].as_str()?;
        let names = Names::of(request);
        let item = self.current(key);
        if Condition::read(text, &names).holds(&names, item.as_deref()) {
            return None;
        }
        let mut body = json!({"message": "The conditional request failed"});
        if let (Some(item), "ALL_OLD") = (
            item,
            request["ReturnValuesOnConditionCheckFailure"]
                .as_str()
                .unwrap_or_default(),
        ) {
            body["Item"] = json!(*item);
        }
        Some(Reply::Refused("ConditionalCheckFailedException", body))
    }

    fn batch_get(&self, request: &Value, at: At) -> Reply {
        let mut responses = serde_json::Map::new();
        let mut unprocessed = serde_json::Map::new();
        for (table, wanted) in request["RequestItems"].as_object().into_iter().flatten() {
            let mut one = wanted.clone();
            one["TableName"] = json!(table);
            let (now, later) = divided(&wanted["Keys"], at.left);
            let found: Vec<Arc<Item>> = (now.iter())
                .filter_map(|key| self.read(&one, key, at))
                .collect();
            let found: Vec<&Item> = found.iter().map(|item| &**item).collect();
            responses.insert(table.clone(), json!(found));
            if !later.is_empty() {
                let mut rest = wanted.clone();
                rest["Keys"] = json!(later);
                unprocessed.insert(table.clone(), rest);
            }
        }
        Reply::Done(json!({"Responses": responses, "UnprocessedKeys": unprocessed}))
    }

    fn batch_write(&mut self, request: &Value, at: At) -> Reply {
        let mut unprocessed = serde_json::Map::new();
        for (table, writes) in request["RequestItems"].as_object().into_iter().flatten() {
            let (now, later) = divided(writes, at.left);
            for write in now {
                let (put, delete) = (&write["PutRequest"], &write["DeleteRequest"]);
                match put.is_object() {
                    true => self.put(&json!({"TableName": table, "Item": put["Item"]}), at),
                    false => self.delete(&json!({"TableName": table, "Key": delete["Key"]}), at),
                };
            }
            if !later.is_empty() {
                unprocessed.insert(table.clone(), json!(later));
            }
        }
        Reply::Done(json!({"UnprocessedItems": unprocessed}))
    }
}

/// The entries of a batch that are done, and those that are left.
fn divided(entries: &Value, left: usize) -> (&[Value], &[Value]) {
    let entries = entries.as_array().map(Vec::as_slice).unwrap_or_default();
    entries.split_at(entries.len().saturating_sub(left))
}

/// What a write answers about the item, as it was asked to.
fn attributes(request: &Value, old: Option<&Item>, new: &Item) -> Value {
    match (request["ReturnValues"].as_str().unwrap_or("NONE"), old) {
        ("NONE", _) | ("ALL_OLD", None) => json!({}),
        ("ALL_OLD", Some(old)) => json!({"Attributes": old}),
        ("ALL_NEW", _) => json!({"Attributes": new}),
        (other, _) => panic!("the simulated table does not know {other}"),
    }
}

/// What a reader sees who may be behind.
fn seen(states: &[State], at: At) -> Option<Arc<Item>> {
    let visible = |(since, _): &&State| *since + at.lag <= at.now;
    states.iter().rev().find(visible)?.1.clone()
}

fn read_item(value: &Value) -> Item {
    let attributes = value.as_object().into_iter().flatten();
    attributes
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A field that is not known here would be ignored silently.
fn check_fields(operation: &str, request: &Value) {
    const KNOWN: [&str; 17] = [
        "TableName",
        "Item",
        "Key",
        "ConditionExpression",
        "UpdateExpression",
        "ExpressionAttributeNames",
        "ExpressionAttributeValues",
        "ReturnValues",
        "ReturnValuesOnConditionCheckFailure",
        "ConsistentRead",
        "RequestItems",
        "KeyConditionExpression",
        "IndexName",
        "Limit",
        "ScanIndexForward",
        "ExclusiveStartKey",
        "Keys",
    ];
    for field in request
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key)
    {
        assert!(
            KNOWN.contains(&field.as_str()),
            "the simulated table does not know {field} of {operation}"
        );
    }
}
