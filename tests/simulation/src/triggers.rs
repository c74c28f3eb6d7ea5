//! What wakes the functions: queues, the table's stream, and the minute.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::fleet::{Fleet, Function, Instance, Role};
use crate::mutant::Mutant;
use crate::names;
use crate::queue::Message;
use crate::table::{Change, Item};
use crate::world::{Things, World};

/// How many instances read one queue at a time.
const AT_ONCE: usize = 2;
/// How many messages an ordinary function gets at once; a bell comes alone.
const BATCH: u64 = 10;
/// How often the stream repeats a batch before it gives up on it.
const STREAM_TRIES: u32 = 20;

/// Starts everything that wakes a function.
pub fn start(fleet: &Rc<Fleet>) {
    for lane in domain::Lane::ALL {
        tokio::task::spawn_local(read(Rc::clone(fleet), lane.name(), Role::Post));
    }
    for (queue, role) in [
        (names::DELIVERIES, Role::Validate),
        (names::RELEASES, Role::Sweep),
        (names::UNITS, Role::Bill),
    ] {
        tokio::task::spawn_local(read(Rc::clone(fleet), queue, role));
    }
    if !fleet.world.is(Mutant::NoStream) {
        tokio::task::spawn_local(stream(Rc::clone(fleet)));
    }
    if !fleet.world.is(Mutant::NoSweep) {
        tokio::task::spawn_local(minutes(Rc::clone(fleet)));
    }
}

/// Hands the messages of a queue to a function, for ever.
async fn read(fleet: Rc<Fleet>, queue: &'static str, role: Role) {
    let world = Arc::clone(&fleet.world);
    let free = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let permit = Arc::clone(&free).acquire_owned().await;
        let messages = receive(&world, queue, role).await;
        let fleet = Rc::clone(&fleet);
        tokio::task::spawn_local(async move {
            hand_over(&fleet, queue, role, messages).await;
            drop(permit);
        });
    }
}

/// Some of the messages that can be received, in any order, as soon as there are any.
async fn receive(world: &World, queue: &'static str, role: Role) -> Vec<Message> {
    loop {
        let now = world.elapsed();
        let (messages, next) = {
            let mut things = world.things();
            let Things { dice, queues, .. } = &mut *things;
            let queue = queues.get_mut(queue).expect("a queue");
            let most = match role {
                Role::Post => 1,
                _ => dice.between(1, BATCH),
            };
            let mut visible = queue.visible(now);
            let mut messages = Vec::new();
            while (messages.len() as u64) < most && !visible.is_empty() {
                let last = visible.len() as u64 - 1;
                let chosen = visible.swap_remove(dice.between(0, last) as usize);
                messages.extend(queue.receive(chosen, now));
            }
            (messages, queue.next_visible())
        };
        if !messages.is_empty() {
            return messages;
        }
        match next {
            Some(next) => {
                tokio::select! {
                    biased;
                    () = world.sent(queue) => {}
                    () = world.until(next) => {}
                }
            }
            None => world.sent(queue).await,
        }
    }
}

async fn hand_over(fleet: &Fleet, queue: &'static str, role: Role, messages: Vec<Message>) {
    let event = sqs_event(queue, &messages);
    let work = async |instance: &Instance| handle(fleet, instance, event).await;
    let Some(response) = fleet.invoke(role, work).await else {
        return;
    };
    let failed: Vec<&str> = (response.batch_item_failures.iter())
        .map(|failure| failure.item_identifier.as_str())
        .collect();
    let keeps_failures = !fleet.world.is(Mutant::FailuresDeleted);
    let mut things = fleet.world.things();
    let queue = things.queues.get_mut(queue).expect("a queue");
    for message in &messages {
        if !keeps_failures || !failed.contains(&message.id.to_string().as_str()) {
            queue.delete(message.id);
        }
    }
}

async fn handle(fleet: &Fleet, instance: &Instance, event: SqsEvent) -> SqsBatchResponse {
    match &instance.function {
        Function::Validate(validate) => validate.handle(event).await,
        Function::Post(post) => post.handle(event, fleet.deadline(instance)).await,
        Function::Sweep(sweep) => match sweep.handle(sweep::Trigger::Releases(event)).await {
            Ok(sweep::Answer::Batch(response)) => response,
            other => panic!("sweep answers a batch with {other:?}"),
        },
        Function::Bill(bill) => match bill.handle(bill::Trigger::Units(event)).await {
            Ok(bill::Answer::Batch(response)) => response,
            other => panic!("bill answers a batch with {other:?}"),
        },
        Function::Relay(_) => panic!("relay reads no queue"),
    }
}

/// Messages as their function is given them.
pub fn sqs_event(queue: &str, messages: &[Message]) -> SqsEvent {
    let message = |message: &Message| {
        let mut sqs = SqsMessage::default();
        sqs.message_id = Some(message.id.to_string());
        sqs.body = Some(message.body.clone());
        sqs.event_source_arn = Some(format!("arn:aws:sqs:eu-central-1:1:{queue}"));
        let receives = message.receives.to_string();
        sqs.attributes
            .insert("ApproximateReceiveCount".to_owned(), receives);
        sqs
    };
    let mut event = SqsEvent::default();
    event.records = messages.iter().map(message).collect();
    event
}

/// Hands the changes of the ledger to `relay`, in order; a batch that fails comes again.
async fn stream(fleet: Rc<Fleet>) {
    let world = Arc::clone(&fleet.world);
    let (mut place, mut tries) = (world.things().forwarded, 0);
    loop {
        world.things().forwarded = place;
        let changes = world.things().tables.changes(place).to_vec();
        if changes.is_empty() {
            world.written.notified().await;
            continue;
        }
        tokio::time::sleep(world.some(100, 1_500)).await;
        let end = place + changes.len();
        let posted: Vec<Change> = changes.into_iter().filter(is_posted).collect();
        match forward(&fleet, &posted).await {
            Some(None) => (place, tries) = (end, 0),
            _ if tries >= STREAM_TRIES => {
                world.note("stream", "gives up on a batch");
                (place, tries) = (end, 0);
            }
            Some(Some(failed)) => (place, tries) = (failed, tries + 1),
            None => tries += 1,
        }
    }
}

/// What the template's filter lets through.
pub fn is_posted(change: &Change) -> bool {
    let state = change.new.as_ref().and_then(|item| item.get("state"));
    state.is_some_and(|state| state["S"] == "posted")
}

/// Changes as the table's stream tells of them.
pub fn stream_event(changes: &[Change]) -> Event {
    let records: Vec<_> = (changes.iter())
        .map(|change| {
            let image = change.new.as_deref();
            json!({"eventID": change.number.to_string(), "eventName": "MODIFY", "awsRegion": "eu-central-1",
                "dynamodb": {"ApproximateCreationDateTime": 1_700_000_000, "Keys": {}, "NewImage": image,
                    "SequenceNumber": change.number.to_string(), "SizeBytes": 1, "StreamViewType": "NEW_IMAGE"}})
        })
        .collect();
    serde_json::from_value(json!({"Records": records})).expect("a stream's event")
}

/// The place of the first change that was not forwarded, if one was not; none when the instance
/// ended.
async fn forward(fleet: &Fleet, changes: &[Change]) -> Option<Option<usize>> {
    if changes.is_empty() {
        return Some(None);
    }
    let event = stream_event(changes);
    let work = async |instance: &Instance| match &instance.function {
        Function::Relay(relay) => json!(relay.forward(&event).await),
        _ => panic!("only relay reads the stream"),
    };
    let response = fleet.invoke(Role::Relay, work).await?;
    let failed = &response["batchItemFailures"][0]["itemIdentifier"];
    Some(failed.as_str().and_then(|number| number.parse().ok()))
}

/// Sweeps every minute in which the sweep can find something: one over an empty work list only
/// reads. While records wait for long, most minutes are left out: they would find the same.
async fn minutes(fleet: Rc<Fleet>) {
    let world = Arc::clone(&fleet.world);
    let mut patience = 1;
    loop {
        if !has_work(&world) {
            patience = 1;
            world.worked.notified().await;
        }
        tokio::time::sleep(world.some(60_000, 60_000 * patience)).await;
        if has_work(&world) {
            patience = (patience * 2).min(360);
            let work = async |instance: &Instance| match &instance.function {
                Function::Sweep(sweep) => {
                    let minute = serde_json::from_str(r#"{"sweep":true}"#).expect("the minute");
                    sweep.handle(minute).await.is_ok()
                }
                _ => panic!("only sweep has a minute"),
            };
            fleet.invoke(Role::Sweep, work).await;
        }
    }
}

/// Whether a record is pending or waits for another one.
pub fn has_work(world: &World) -> bool {
    let things = world.things();
    let is_pointer = |item: &&Arc<Item>| item["sk"]["S"] != "!lease";
    let pending = (things.tables.items(names::LEDGER, "p#")).any(|item| is_pointer(&item));
    pending || (things.tables.items(names::LEDGER, "w#")).any(|waiter| waits(&things, waiter))
}

/// Whether the record behind a waiter's pointer still waits. A release that ends between the two
/// leaves a pointer to a record that has gone on; it means nothing.
pub fn waits(things: &Things, waiter: &Item) -> bool {
    let pointer = waiter["sk"]["S"].as_str().unwrap_or_default();
    let (reference, version) = pointer.split_once('#').unwrap_or_default();
    let (pk, sk) = (format!("r#{reference}"), format!("v#{version}"));
    (things.tables.items(names::LEDGER, &pk))
        .filter(|item| item["pk"]["S"] == pk.as_str() && item["sk"]["S"] == sk.as_str())
        .any(|item| item.contains_key("attention") && item["state"]["S"] == "waiting")
}

/// Whether every message was handled, and every change forwarded.
pub fn is_quiet(world: &World) -> bool {
    let things = world.things();
    let forwarded = things.tables.changes(things.forwarded).is_empty();
    (forwarded || world.is(Mutant::NoStream))
        && things.queues.values().all(crate::queue::Queue::is_quiet)
}

/// What is not settled, for people to read.
pub fn left(world: &World) -> Vec<String> {
    let things = world.things();
    let pointers = (things.tables.items(names::LEDGER, "p#"))
        .chain(things.tables.items(names::LEDGER, "w#"))
        .map(|item| format!("{} {}", item["pk"]["S"], item["sk"]["S"]));
    let queues = (things.queues.iter())
        .filter(|(_, queue)| !queue.is_quiet())
        .map(|(name, queue)| format!("{name} until {:?}", queue.next_visible()));
    let changes = things.tables.changes(things.forwarded).len();
    pointers
        .chain(queues)
        .chain([format!("{changes} changes")])
        .collect()
}

/// How long a run waits at most for everything to be settled once nothing goes wrong any more: two
/// clocks may be two days apart, and a message may be under way for fourteen; its handling may send
/// another one, which may be.
pub const PATIENCE: Duration = Duration::from_secs(60 * 86_400);
