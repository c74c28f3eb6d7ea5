//! The queues of `infra/template.yaml`: their names, and what they promise.

use std::collections::BTreeMap;
use std::time::Duration;

use simulation::queue::{Queue, Terms};

/// What the name of a queue's dead letters ends in.
pub(super) const DEAD: &str = "-dead-letters";

/// Name, seconds that a message stays hidden, and how often it is received. In the order in which a
/// story empties them.
pub const QUEUES: [(&str, u64, u32); 10] = [
    ("keys", 180, 3),
    ("files", 1800, 8),
    ("deliveries", 180, 8),
    ("master", 540, 8),
    ("work", 540, 8),
    ("billing", 540, 8),
    ("releases", 180, 8),
    ("units", 360, 8),
    ("feedback", 180, 50),
    // Nobody reads it but people.
    ("stream", 180, 1),
];

/// Where the dead letters of a queue are.
#[must_use]
pub fn dead_letters_of(queue: &str) -> String {
    format!("{queue}{DEAD}")
}

/// A queue's address.
#[must_use]
pub fn url(queue: &str) -> String {
    format!("http://story/1/{queue}")
}

/// All of them, each with its dead letters; those of `drift` are sent there by `validate`.
pub(super) fn all() -> BTreeMap<String, Queue> {
    let queue = |seconds, max_receives| {
        let visibility = Duration::from_secs(seconds);
        Queue::new(Terms {
            visibility,
            max_receives,
        })
    };
    let letters = |name| (dead_letters_of(name), queue(20, u32::MAX));
    let both = QUEUES.iter().flat_map(|(name, hidden, receives)| {
        [
            ((*name).to_owned(), queue(*hidden, *receives)),
            letters(name),
        ]
    });
    both.chain([letters("drift")]).collect()
}
