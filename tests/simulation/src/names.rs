//! What tables, queues and secrets are called in this world.

use std::time::Duration;

use domain::Lane;

use crate::queue::Terms;

/// The work list.
pub const LEDGER: &str = "ledger";
/// What people must decide.
pub const EXCEPTIONS: &str = "exceptions";
/// The book, and when sources were heard.
pub const CONTROL: &str = "control";
/// Every identifier.
pub const CROSSWALK: &str = "crosswalk";
/// What can be billed.
pub const BILLING: &str = "billing";

/// The part of every secret's name.
pub const ENVIRONMENT: &str = "simulation";

/// What sources sent.
pub const DELIVERIES: &str = "deliveries";
/// What is not as its source is described: nobody reads it but people.
pub const DRIFT: &str = "drift";
/// Postings that may release something.
pub const RELEASES: &str = "releases";
/// Postings that can be billed.
pub const UNITS: &str = "units";
/// What sources are told.
pub const FEEDBACK: &str = "feedback";

/// How long an ordinary function may run.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// What the template promises for queues of ordinary functions.
const ORDINARY: Terms = Terms {
    visibility: Duration::from_secs(180),
    max_receives: 8,
};

/// A queue's address.
pub fn url(queue: &str) -> String {
    format!("http://simulation/1/{queue}")
}

/// The bell queue of each lane.
pub fn bells() -> Vec<(Lane, String)> {
    let bell = |lane: Lane| (lane, url(lane.name()));
    Lane::ALL.into_iter().map(bell).collect()
}

/// Every queue with what it promises; bells stay hidden for `bells`.
pub fn queues(bells: Duration) -> Vec<(&'static str, Terms)> {
    let lane = |lane: Lane| {
        let terms = Terms {
            visibility: bells,
            ..ORDINARY
        };
        (lane.name(), terms)
    };
    let others = [DELIVERIES, DRIFT, RELEASES, UNITS, FEEDBACK].map(|queue| (queue, ORDINARY));
    Lane::ALL.into_iter().map(lane).chain(others).collect()
}
