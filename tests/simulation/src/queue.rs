//! Standard queues: messages come late, twice, in any order, and again until somebody is done with
//! them.

use std::collections::BTreeMap;
use std::time::Duration;

/// What a queue promises.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// How long a message that was received stays hidden.
    pub visibility: Duration,
    /// How often it is received before it is a dead letter.
    pub max_receives: u32,
}

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number in the queue.
    pub id: u64,
    /// What was sent.
    pub body: String,
    /// When it can be received (since the beginning).
    pub visible_at: Duration,
    /// How often it was.
    pub receives: u32,
}

/// A queue with its dead letters.
#[derive(Debug, Clone)]
pub struct Queue {
    terms: Terms,
    messages: BTreeMap<u64, Message>,
    dead: Vec<Message>,
    sent: u64,
}

impl Queue {
    /// An empty queue.
    pub fn new(terms: Terms) -> Self {
        Self {
            terms,
            messages: BTreeMap::new(),
            dead: Vec::new(),
            sent: 0,
        }
    }

    /// Keeps a message, which can be received from `visible_at` on.
    pub fn send(&mut self, body: &str, visible_at: Duration) -> u64 {
        self.sent += 1;
        let message = Message {
            id: self.sent,
            body: body.to_owned(),
            visible_at,
            receives: 0,
        };
        self.messages.insert(message.id, message);
        self.sent
    }

    /// The messages that can be received now, in the order of their sending.
    pub fn visible(&self, now: Duration) -> Vec<u64> {
        let visible = self.messages.values().filter(|m| m.visible_at <= now);
        visible.map(|message| message.id).collect()
    }

    /// Hides a message and hands it out; as a dead letter it goes aside instead.
    pub fn receive(&mut self, id: u64, now: Duration) -> Option<Message> {
        let message = self.messages.get_mut(&id)?;
        if message.receives >= self.terms.max_receives {
            self.dead.extend(self.messages.remove(&id));
            return None;
        }
        message.receives += 1;
        message.visible_at = now + self.terms.visibility;
        Some(message.clone())
    }

    /// Somebody is done with a message.
    pub fn delete(&mut self, id: u64) {
        self.messages.remove(&id);
    }

    /// When the next message can be received; none when there is no message.
    pub fn next_visible(&self) -> Option<Duration> {
        self.messages.values().map(|m| m.visible_at).min()
    }

    /// Whether nothing is in it, dead letters aside.
    pub fn is_quiet(&self) -> bool {
        self.messages.is_empty()
    }

    /// Its dead letters.
    pub fn dead(&self) -> &[Message] {
        &self.dead
    }

    /// Takes its dead letters out: they have a queue of their own.
    pub fn take_dead(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.dead)
    }

    /// A message that was received can be received again from `now` on.
    pub fn show_again(&mut self, id: u64, now: Duration) {
        if let Some(message) = self.messages.get_mut(&id) {
            message.visible_at = now;
        }
    }

    /// Sends all dead letters once more, as an operator does when the trouble is over.
    pub fn redrive(&mut self, now: Duration) {
        for message in std::mem::take(&mut self.dead) {
            self.send(&message.body, now);
        }
    }
}
