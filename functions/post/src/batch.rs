//! Which records go to Odoo, and which of them together.

use domain::Record;
use domain::command::Command;

/// Cuts pending records into batches: all time together, in one `load`; everything else one by
/// one, because each is a call of its own whose outcome must be known before the next.
pub fn batches(records: Vec<Record>) -> Vec<Vec<Record>> {
    let is_time = |record: &Record| matches!(record.command, Some(Command::LogTime(_)));
    let (time, single): (Vec<_>, Vec<_>) = records.into_iter().partition(is_time);
    let mut batches: Vec<Vec<Record>> = single.into_iter().map(|record| vec![record]).collect();
    if !time.is_empty() {
        batches.push(time);
    }
    batches
}

/// The newest pending version of each fact, and those that it overtakes. Two versions are pending
/// together when they were judged side by side, neither knowing of the other. `records` come in the
/// order of references and versions.
pub fn newest_only(records: Vec<Record>) -> (Vec<Record>, Vec<Record>) {
    let (mut newest, mut overtaken) = (Vec::<Record>::new(), Vec::new());
    for record in records {
        match newest.last_mut() {
            Some(last) if last.reference == record.reference => {
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
        let fingerprint = Fingerprint::of(id);
        Record::new(
            reference,
            Version(version),
            fingerprint,
            shard,
            Timestamp::UNIX_EPOCH,
        )
    }

    #[test]
    fn of_two_pending_versions_only_the_newer_one_goes_to_odoo() {
        let pending = vec![record("1", 1), record("1", 2), record("2", 1)];
        let (newest, overtaken) = newest_only(pending);
        assert_eq!(newest, [record("1", 2), record("2", 1)]);
        assert_eq!(overtaken, [record("1", 1)]);
    }
}
