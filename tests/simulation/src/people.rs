//! What people do meanwhile: an administrator replaces a key, somebody corrects a line in Odoo.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{Lane, Record, State};
use rust_decimal::Decimal;
use serde_json::json;

use crate::names;
use crate::odoo::{Fields, LINES, Line};
use crate::run::KEY;
use crate::scenario::{Hand, Scenario};
use crate::world::World;

/// How long the old key works beside the new one: longer than a worker may use it.
const BOTH_KEYS: Duration = Duration::from_secs(300);
/// How long a line is in Odoo before somebody touches it.
const SETTLED: Duration = Duration::from_secs(600);
/// How often somebody looks whether there is a line.
const LOOKS: u32 = 40;
/// The hours that a person writes.
pub const BY_HAND: i64 = 77;

/// What a person did to a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// The line as it was.
    pub line: Line,
    /// What the person did.
    pub hand: Hand,
}

/// The name of the secret with a lane's key.
pub fn secret(lane: Lane) -> String {
    format!("tenon/{}/odoo/{}", names::ENVIRONMENT, lane.name())
}

/// Lets people act as the scenario says.
pub fn start(world: &Arc<World>, scenario: &Scenario) {
    if let Some(at) = scenario.rotation {
        tokio::task::spawn_local(rotate(Arc::clone(world), at));
    }
    if let Some((at, hand)) = scenario.person {
        tokio::task::spawn_local(touch(Arc::clone(world), at, hand));
    }
}

async fn rotate(world: Arc<World>, at: Duration) {
    world.until(at).await;
    let key = format!("{KEY}-2");
    world.note("admin", "replaces the key");
    {
        let mut things = world.things();
        things.odoo.allow(&key);
        let secrets: BTreeMap<String, String> = (Lane::ALL.into_iter())
            .map(|lane| (secret(lane), key.clone()))
            .collect();
        things.secrets = secrets;
    }
    tokio::time::sleep(BOTH_KEYS).await;
    world.note("admin", "revokes the old key");
    world.things().odoo.revoke(KEY);
}

/// Changes or deletes a line that was posted some time ago, while nobody works on it.
async fn touch(world: Arc<World>, at: Duration, hand: Hand) {
    world.until(at).await;
    for _ in 0..LOOKS {
        tokio::time::sleep(SETTLED).await;
        if let Some(line) = untouched(&world) {
            world.note("person", &format!("{hand:?} {line:?}"));
            let mut things = world.things();
            match hand {
                Hand::Deletes => things.odoo.delete(LINES, line.id),
                Hand::Edits => {
                    let hours = ("unit_amount".to_owned(), json!(BY_HAND));
                    things.odoo.edit(LINES, line.id, Fields::from([hours]));
                }
            }
            things.by_hand.push(ByHand { line, hand });
            return;
        }
    }
}

/// A line whose posting is known for a while, in a partition where nobody works.
fn untouched(world: &World) -> Option<Line> {
    let things = world.things();
    let mut leases = things.tables.items(names::LEDGER, "p#");
    if leases.any(|item| item.contains_key("lease_owner")) {
        return None;
    }
    let lines = things.odoo.lines();
    let records = things.tables.items(names::LEDGER, "r#");
    records
        .filter_map(|item| serde_json::from_str::<Record>(item["doc"]["S"].as_str()?).ok())
        .filter(|record| record.state == State::Posted)
        .filter(|record| world.now().duration_since(record.changed_at).unsigned_abs() > SETTLED)
        .filter_map(|record| record.posted)
        .find_map(|posted| lines.iter().find(|line| line.id == posted.id).cloned())
        .filter(|line| line.hours != Decimal::ZERO)
}
