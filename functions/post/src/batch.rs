//! Of the versions of one fact, the one that goes to Odoo.

use domain::Record;

/// The newest pending version of each fact, and those that it overtakes. Two versions are pending
/// together when they were judged side by side, neither knowing of the other. `records` come in the
/// order of references and versions.
pub fn newest_only(records: Vec<Record>) -> (Vec<Record>, Vec<Record>) {
    let (mut newest, mut overtaken) = (Vec::<Record>::new(), Vec::new());
    for mut record in records {
        match newest.last_mut() {
            Some(last) if last.reference == record.reference => {
                // An earlier worker may have sent the older one.
                record.changes = record.changes.or(Some(last.version));
                overtaken.push(std::mem::replace(last, record));
            }
            _ => newest.push(record),
        }
    }
    (newest, overtaken)
}

#[cfg(test)]
mod tests {
    use domain::{Fingerprint, Lane, LaneShard, Reference, Version};
    use jiff::Timestamp;

    use super::*;

    fn record(id: &str, version: u64) -> Record {
        let reference = Reference::new("psa", "a", "time_entry", id);
        let shard = LaneShard::of(Lane::Work, &reference);
        let (version, fingerprint) = (Version(version), Fingerprint::of(id));
        Record::new(
            reference,
            version,
            fingerprint,
            shard,
            Timestamp::UNIX_EPOCH,
        )
    }

    #[test]
    fn of_two_pending_versions_only_the_newer_one_goes_to_odoo() {
        let pending = vec![record("1", 1), record("1", 2), record("2", 1)];
        let (newest, overtaken) = newest_only(pending);
        let follows = Record {
            changes: Some(Version(1)),
            ..record("1", 2)
        };
        assert_eq!(newest, [follows, record("2", 1)]);
        assert_eq!(overtaken, [record("1", 1)]);
    }
}
