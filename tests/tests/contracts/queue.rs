//! What the engine counts on when a message waits in a standard queue.

use std::collections::BTreeSet;
use std::time::Duration;

use aws::{Bell, Queue};
use domain::{Lane, LaneShard};

/// How often a message is received before it goes to the net.
pub const MOST_RECEIVES: u32 = 2;
/// How long a received message stays hidden.
pub const HIDDEN: Duration = Duration::from_secs(2);

/// A message as a reader gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What was sent.
    pub body: String,
    /// What deletes it.
    pub receipt: String,
    /// How often it was received, this time included.
    pub times: u32,
}

/// An empty queue with [`HIDDEN`] and [`MOST_RECEIVES`], and the queue below it.
pub trait QueueSubject {
    /// Our own crate's way to send.
    fn sender(&self) -> Queue;
    /// After this, what was sent can surely be received. SQS promises nothing, and takes moments.
    fn on_its_way(&self) -> Duration;
    /// At most ten visible messages.
    async fn receive(&self) -> Vec<Received>;
    /// At most ten messages of the queue below.
    async fn receive_dead(&self) -> Vec<Received>;
    /// A reader is done with a message.
    async fn delete(&self, message: &Received);
    /// Lets time pass.
    async fn pass(&self, time: Duration);
}

/// All of them, each with a queue of its own, side by side: a real one takes real time.
pub async fn every_case<Q: QueueSubject>(fresh: impl AsyncFn() -> Q) {
    tokio::join!(
        async { a_message_stays_until_it_is_deleted(fresh().await).await },
        async { a_delayed_message_comes_later(fresh().await).await },
        async { what_is_never_deleted_ends_in_the_net(fresh().await).await },
        async { of_many_messages_none_is_lost(fresh().await).await },
    );
}

fn bell(shard: u8) -> (Bell, String) {
    let shard = LaneShard {
        lane: Lane::Work,
        shard,
    };
    let bell = Bell::new(shard);
    let body = serde_json::to_string(&bell).expect("a bell is JSON");
    (bell, body)
}

async fn a_message_stays_until_it_is_deleted(queue: impl QueueSubject) {
    let (message, body) = bell(1);
    queue.sender().send(&message).await.unwrap();
    queue.pass(queue.on_its_way()).await;
    let first = queue.receive().await;
    assert_eq!((first.len(), &first[0].body, first[0].times), (1, &body, 1));
    assert_eq!(queue.receive().await, [], "hidden from everybody else");
    queue.pass(HIDDEN + Duration::from_millis(200)).await;
    let second = queue.receive().await;
    assert_eq!(
        (second.len(), &second[0].body, second[0].times),
        (1, &body, 2)
    );
    queue.delete(&second[0]).await;
    queue.pass(HIDDEN + Duration::from_millis(200)).await;
    assert_eq!(queue.receive().await, []);
    assert_eq!(queue.receive_dead().await, []);
}

async fn a_delayed_message_comes_later(queue: impl QueueSubject) {
    let (message, body) = bell(2);
    let later = Duration::from_secs(2);
    queue.sender().send_after(&message, later).await.unwrap();
    assert_eq!(queue.receive().await, []);
    let shown = later + queue.on_its_way() + Duration::from_millis(200);
    queue.pass(shown).await;
    let received = queue.receive().await;
    let bodies: Vec<&String> = received.iter().map(|message| &message.body).collect();
    assert_eq!(bodies, [&body]);
    // Being hidden before it was ever received is no receive.
    assert_eq!(received[0].times, 1);
}

async fn what_is_never_deleted_ends_in_the_net(queue: impl QueueSubject) {
    let (message, body) = bell(3);
    queue.sender().send(&message).await.unwrap();
    queue.pass(queue.on_its_way()).await;
    for times in 1..=MOST_RECEIVES {
        assert_eq!(queue.receive_dead().await, []);
        assert_eq!(queue.receive().await[0].times, times);
        queue.pass(HIDDEN + Duration::from_millis(200)).await;
    }
    assert_eq!(queue.receive().await, []);
    let dead = queue.receive_dead().await;
    let bodies: Vec<&String> = dead.iter().map(|message| &message.body).collect();
    assert_eq!(bodies, [&body], "as it was sent");
}

async fn of_many_messages_none_is_lost(queue: impl QueueSubject) {
    let bells: Vec<(Bell, String)> = (0..4).cycle().take(25).map(bell).collect();
    for (bell, _) in &bells {
        queue.sender().send(bell).await.unwrap();
    }
    queue.pass(queue.on_its_way()).await;
    let mut received = Vec::new();
    loop {
        let messages = queue.receive().await;
        if messages.is_empty() {
            break;
        }
        assert!(messages.len() <= 10, "{}", messages.len());
        for message in messages {
            queue.delete(&message).await;
            received.push(message);
        }
    }
    let receipts: BTreeSet<&String> = received.iter().map(|message| &message.receipt).collect();
    assert_eq!(receipts.len(), bells.len(), "each has a receipt of its own");
    let sorted = |mut bodies: Vec<String>| {
        bodies.sort();
        bodies
    };
    let sent = bells.into_iter().map(|(_, body)| body).collect();
    let bodies = received.into_iter().map(|message| message.body).collect();
    assert_eq!(sorted(bodies), sorted(sent));
}
