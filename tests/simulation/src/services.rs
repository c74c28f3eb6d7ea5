//! AWS as this world has it: tables, queues and secrets behind their JSON protocols.

use std::time::Duration;

use serde_json::{Value, json};

use crate::mutant::Mutant;
use crate::table::{At, Reply};
use crate::worker::Worker;
use crate::world::World;

/// How old what an eventually consistent read answers may be, in milliseconds.
const MOST_LAG: u64 = 3_000;

/// What a request does, and its answer.
pub fn answer(worker: &Worker, target: &str, request: &Value) -> Reply {
    let world = &worker.world;
    match target.split_once('.') {
        Some(("DynamoDB_20120810", operation)) => table(world, operation, request),
        Some(("AmazonSQS", "SendMessage")) => send(world, request),
        Some(("secretsmanager", "GetSecretValue")) => secret(world, request),
        _ => panic!("the simulated AWS does not know {target}"),
    }
}

fn table(world: &World, operation: &str, request: &Value) -> Reply {
    let now = u64::try_from(world.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut things = world.things();
    let lag = things.dice.between(0, MOST_LAG);
    let left = usize::from(things.dice.happens(30));
    let mutated = world
        .mutant
        .and_then(|mutant| mutant.in_table(operation, request));
    let request = mutated.as_ref().unwrap_or(request);
    let written = things.tables.changes(0).len();
    let mut reply = things
        .tables
        .answer(operation, request, At { now, lag, left });
    if let (Some(mutant), Reply::Done(found)) = (world.mutant, &mut reply) {
        mutant.found(request, found);
    }
    if things.tables.changes(0).len() > written {
        world.written.notify_one();
        world.worked.notify_one();
    }
    reply
}

fn send(world: &World, request: &Value) -> Reply {
    let url = request["QueueUrl"].as_str().unwrap_or_default();
    let name = url.rsplit('/').next().unwrap_or_default();
    let body = request["MessageBody"].as_str().unwrap_or_default();
    let delay = Duration::from_secs(request["DelaySeconds"].as_u64().unwrap_or(0));
    let id = world.send(name, body, delay);
    Reply::Done(json!({"MessageId": format!("{name}-{id}")}))
}

fn secret(world: &World, request: &Value) -> Reply {
    let name = request["SecretId"].as_str().unwrap_or_default();
    let secret = world.things().secrets.get(name).cloned();
    if world.is(Mutant::SecretsLogged) {
        tracing::info!(?secret, "secret read");
    }
    match secret {
        Some(text) => Reply::Done(json!({"Name": name, "SecretString": text})),
        None => Reply::Refused("ResourceNotFoundException", json!({"Message": name})),
    }
}

/// A request in one line, for people.
pub fn describe(target: &str, request: &Value) -> String {
    let (_, operation) = target.split_once('.').unwrap_or_default();
    let table = request["TableName"].as_str().unwrap_or_default();
    let text = |value: &Value| value["S"].as_str().unwrap_or_default().to_owned();
    let key = [&request["Key"], &request["Item"]]
        .into_iter()
        .find(|key| key.is_object())
        .map(|key| format!("{} {}", text(&key["pk"]), text(&key["sk"])))
        .unwrap_or_else(|| match request["ExpressionAttributeValues"].as_object() {
            Some(values) => values.values().map(text).collect::<Vec<_>>().join(" "),
            None => request["SecretId"].as_str().unwrap_or_default().to_owned(),
        });
    let what = [
        &request["UpdateExpression"],
        &request["ConditionExpression"],
        &request["MessageBody"],
        &request["RequestItems"],
        &request["Item"]["state"]["S"],
    ];
    let what: Vec<String> = what
        .into_iter()
        .filter(|value| !value.is_null())
        .map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        })
        .collect();
    format!("{operation} {table} {key} {}", what.join(" | "))
}
