//! Many records for one reason are one line.

use domain::{Record, Reference};
use jiff::Timestamp;
use serde::Serialize;

use super::age;

/// How many references of a group are named.
const NAMED: usize = 3;

/// Records for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// How many.
    pub count: usize,
    /// What they wait for.
    pub waits_for: Option<Reference>,
    /// Its name for people.
    pub what: String,
    /// Why: the first one's reason, or where the awaited fact stands.
    pub why: String,
    /// How long the oldest of them waits or is held.
    pub oldest_seconds: i64,
    /// The first few.
    pub first: Vec<Reference>,
}

/// Waiting records by what they wait for, the largest group first.
pub fn by_awaited(records: &[Record], now: Timestamp) -> Vec<Group> {
    let mut groups: Vec<(&Reference, Vec<&Record>)> = Vec::new();
    for record in records {
        let Some(awaited) = &record.waits_for else {
            continue;
        };
        match groups.iter_mut().find(|(other, _)| *other == awaited) {
            Some((_, members)) => members.push(record),
            None => groups.push((awaited, vec![record])),
        }
    }
    let groups = groups.into_iter().map(|(awaited, members)| Group {
        waits_for: Some(awaited.clone()),
        what: awaited.to_string(),
        ..group(&members, now)
    });
    sorted(groups.collect())
}

/// Held records by reason, the largest group first. A reason names its own record: without that
/// name, the same reason is the same text.
pub fn by_reason(records: &[Record], now: Timestamp) -> Vec<Group> {
    let mut groups: Vec<(String, Vec<&Record>)> = Vec::new();
    for record in records {
        let reason = record.reason.clone().unwrap_or_default();
        let nameless = reason
            .replace(&record.reference.to_string(), "…")
            .replace(record.reference.id(), "…");
        match groups.iter_mut().find(|(other, _)| *other == nameless) {
            Some((_, members)) => members.push(record),
            None => groups.push((nameless, vec![record])),
        }
    }
    let groups = groups.into_iter().map(|(_, members)| group(&members, now));
    sorted(groups.collect())
}

fn group(members: &[&Record], now: Timestamp) -> Group {
    let oldest = members.iter().map(|record| record.changed_at).min();
    let first = members.first();
    Group {
        count: members.len(),
        waits_for: None,
        what: String::new(),
        why: first
            .and_then(|record| record.reason.clone())
            .unwrap_or_default(),
        oldest_seconds: oldest.map_or(0, |oldest| age(oldest, now)),
        first: members
            .iter()
            .take(NAMED)
            .map(|record| record.reference.clone())
            .collect(),
    }
}

fn sorted(mut groups: Vec<Group>) -> Vec<Group> {
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups
}

#[cfg(test)]
mod tests {
    use domain::{Fingerprint, Lane, LaneShard, State, Version};

    use super::*;

    fn held(id: &str, reason: &str) -> Record {
        let reference = Reference::new("s", "a", "time_entry", id);
        let shard = LaneShard::of(Lane::Work, &reference);
        let (version, fingerprint) = (Version(1), Fingerprint::of(id));
        Record {
            state: State::Held,
            reason: Some(reason.to_owned()),
            ..Record::new(
                reference,
                version,
                fingerprint,
                shard,
                Timestamp::UNIX_EPOCH,
            )
        }
    }

    #[test]
    fn the_same_reason_of_different_records_is_one_group() {
        let held = [
            held("509", "Time entry 509 cannot be mapped"),
            held("506", "Time entry 506 is not approved yet"),
            held("507", "Time entry 507 is not approved yet"),
        ];
        let groups = by_reason(&held, Timestamp::UNIX_EPOCH);
        let seen: Vec<(usize, &str)> = groups
            .iter()
            .map(|group| (group.count, group.why.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (2, "Time entry 506 is not approved yet"),
                (1, "Time entry 509 cannot be mapped")
            ]
        );
    }

    #[test]
    fn what_waits_for_the_same_thing_is_one_group() {
        let project = Reference::new("s", "a", "project", "77");
        let waiting = |id| Record {
            state: State::Waiting,
            waits_for: Some(project.clone()),
            ..held(id, "waits")
        };
        let waiting = ["1", "2", "3", "4"].map(waiting);
        let groups = by_awaited(&waiting, Timestamp::UNIX_EPOCH);
        assert_eq!((groups.len(), groups[0].count), (1, 4));
        assert_eq!(groups[0].first.len(), NAMED);
    }
}
