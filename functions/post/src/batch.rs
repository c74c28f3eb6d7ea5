//! Of the versions of one fact, the one that goes to Odoo.

use domain::{Record, Reference, State, Version};

/// What is pending, by what becomes of it.
#[derive(Debug, Default, PartialEq)]
pub struct Sorted {
    /// The newest version of each fact, where it can be posted.
    pub newest: Vec<Record>,
    /// Those of them that follow an older one of which nobody knew when they were accepted.
    pub following: Vec<(Record, Version)>,
    /// Older versions that the newest ones overtake.
    pub overtaken: Vec<Record>,
    /// What is not to be posted any more, and whose pointer is still there.
    pub stale: Vec<Record>,
}

/// Sorts pending records. Two versions are pending together when they were judged side by side,
/// neither knowing of the other. `records` come in the order of references and versions.
pub fn sorted(records: Vec<Record>) -> Sorted {
    let mut sorted = Sorted::default();
    let mut before: Option<(Reference, Version)> = None;
    for mut record in records {
        let older = before
            .take()
            .filter(|(older, _)| *older == record.reference);
        if record.command.is_some() {
            before = Some((record.reference.clone(), record.version));
        }
        if record.state != State::Waiting || record.command.is_none() {
            sorted.stale.push(record);
            continue;
        }
        if let Some((_, older)) = older {
            // An earlier worker may have sent it.
            if record.changes < Some(older) {
                sorted.following.push((record.clone(), older));
                record.changes = Some(older);
            }
            let overtaken = |last: &mut Record| last.reference == record.reference;
            sorted.overtaken.extend(sorted.newest.pop_if(overtaken));
        }
        sorted.newest.push(record);
    }
    sorted
}

#[cfg(test)]
mod tests {
    use domain::command::{Command, Company, ConfirmOrder};
    use domain::{Fingerprint, Lane, LaneShard};
    use jiff::Timestamp;
    use jiff::civil::date;

    use super::*;

    fn record(id: &str, version: u64) -> Record {
        let reference = Reference::new("psa", "a", "time_entry", id);
        let shard = LaneShard::of(Lane::Work, &reference);
        let (version, fingerprint) = (Version(version), Fingerprint::of(id));
        let signed = ConfirmOrder {
            order: reference.clone(),
            company: Company {
                id: 1,
                zone: "UTC".to_owned(),
            },
            signed_on: date(2026, 11, 2),
            credit: None,
            project_made_by: None,
        };
        Record {
            command: Some(Command::ConfirmOrder(signed)),
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
    fn of_two_pending_versions_only_the_newer_one_goes_to_odoo() {
        let pending = vec![record("1", 1), record("1", 2), record("2", 1)];
        let sorted = sorted(pending);
        let follows = Record {
            changes: Some(Version(1)),
            ..record("1", 2)
        };
        assert_eq!(sorted.newest, [follows, record("2", 1)]);
        assert_eq!(sorted.following, [(record("1", 2), Version(1))]);
        assert_eq!(sorted.overtaken, [record("1", 1)]);
    }

    #[test]
    fn a_version_follows_a_superseded_one_that_nobody_knew_of_when_it_was_accepted() {
        let superseded = Record {
            state: State::Superseded,
            ..record("1", 1)
        };
        let sorted = sorted(vec![superseded.clone(), record("1", 2), record("2", 1)]);
        let versions: Vec<_> = sorted.newest.iter().map(|r| r.changes).collect();
        assert_eq!(versions, [Some(Version(1)), None]);
        assert_eq!(sorted.following.len(), 1);
        assert_eq!((sorted.stale, sorted.overtaken), (vec![superseded], vec![]));
    }
}
