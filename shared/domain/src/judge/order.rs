//! Version order: what to do with a version, given those that came before.

use crate::{Fingerprint, Record, State, Version};

/// What to do with a version of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// A newer version is already known: nothing.
    Stale,
    /// This very version is already known; whether with the same content, accepting it tells.
    Known,
    /// Odoo already has exactly this. These older versions, not posted yet, are overtaken.
    Unchanged(Vec<Record>),
    /// Odoo has something else: a person decides, because posted records are not overwritten by
    /// themselves.
    ChangedAfterPosting(Box<Record>),
    /// It is the newest; these older ones, not posted yet, are superseded.
    Newest(Vec<Record>),
}

/// Places a version among the known ones, which come newest first.
pub fn standing(version: Version, fingerprint: &Fingerprint, known: &[Record]) -> Standing {
    if known.iter().any(|record| record.version == version) {
        return Standing::Known;
    }
    if known.first().is_some_and(|newest| newest.version > version) {
        return Standing::Stale;
    }
    let open: Vec<Record> = known
        .iter()
        .filter(|record| matches!(record.state, State::Waiting | State::Held))
        .cloned()
        .collect();
    match known.iter().find(|record| record.state == State::Posted) {
        Some(posted) if posted.fingerprint == *fingerprint => Standing::Unchanged(open),
        Some(posted) => Standing::ChangedAfterPosting(Box::new(posted.clone())),
        None => Standing::Newest(open),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lane, LaneShard, Reference};

    fn record(version: u64, state: State, content: &str) -> Record {
        let reference = Reference::new("s", "a", "time_entry", "1");
        let shard = LaneShard {
            lane: Lane::Work,
            shard: 0,
        };
        let (fingerprint, since) = (Fingerprint::of(content), jiff::Timestamp::UNIX_EPOCH);
        Record {
            state,
            ..Record::new(reference, Version(version), fingerprint, shard, since)
        }
    }

    fn place(version: u64, content: &str, known: &[Record]) -> Standing {
        standing(Version(version), &Fingerprint::of(content), known)
    }

    #[test]
    fn an_older_version_never_overtakes_a_newer_one() {
        let known = [
            record(3, State::Posted, "x"),
            record(1, State::Superseded, "w"),
        ];
        assert_eq!(place(2, "other", &known), Standing::Stale);
        assert_eq!(place(1, "other", &known), Standing::Known);
        assert_eq!(place(3, "other", &known), Standing::Known);
    }

    #[test]
    fn what_odoo_has_is_unchanged_or_a_question_for_a_person() {
        let posted = record(3, State::Posted, "x");
        let held = record(4, State::Held, "y");
        let known = [held.clone(), posted.clone()];
        assert_eq!(place(5, "x", &known), Standing::Unchanged(vec![held]));
        assert_eq!(
            place(5, "z", &known),
            Standing::ChangedAfterPosting(Box::new(posted))
        );
    }

    #[test]
    fn what_was_not_posted_is_superseded() {
        let known = [
            record(2, State::Waiting, "x"),
            record(1, State::Rejected, "w"),
        ];
        assert_eq!(
            place(3, "y", &known),
            Standing::Newest(vec![known[0].clone()])
        );
        assert_eq!(place(1, "y", &[]), Standing::Newest(vec![]));
    }
}
