//! Version order: what to do with a version, given those that came before.

use crate::{Fingerprint, Record, State, Version};

/// What to do with a version of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// A newer version is already known: nothing.
    Stale,
    /// This very version is already known; whether with the same content, accepting it tells.
    Known,
    /// Odoo already has exactly this. The open versions, not posted yet, are overtaken.
    Unchanged {
        /// What Odoo has.
        in_odoo: Box<Record>,
        /// Versions that were not posted yet.
        open: Vec<Record>,
    },
    /// Odoo has something else.
    Changed {
        /// What Odoo has.
        in_odoo: Box<Record>,
        /// Versions that were not posted yet, newest first.
        open: Vec<Record>,
    },
    /// Nothing of it is in Odoo as far as the ledger knows; these open versions, newest first, are
    /// superseded.
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
    let is_open = |record: &&Record| matches!(record.state, State::Waiting | State::Held);
    let open: Vec<Record> = known.iter().filter(is_open).cloned().collect();
    let in_odoo = known.iter().find(|record| record.state.is_in_odoo());
    match in_odoo.cloned().map(Box::new) {
        // An open version may be on its way: only if none is, Odoo still has this.
        Some(in_odoo) if in_odoo.fingerprint == *fingerprint && !may_be_sent(&open) => {
            Standing::Unchanged { in_odoo, open }
        }
        Some(in_odoo) => Standing::Changed { in_odoo, open },
        None => Standing::Newest(open),
    }
}

/// The version that a newer one changes: the newest that is in Odoo or may be on its way there.
/// `known` come newest first.
pub fn predecessor(known: &[Record]) -> Option<Version> {
    known
        .iter()
        .find(|record| record.state.is_in_odoo() || is_work(record))
        .map(|record| record.version)
}

/// Whether a worker may have sent one of these.
fn may_be_sent(open: &[Record]) -> bool {
    open.iter().any(is_work)
}

/// Whether a worker may have this version in hand, or had.
fn is_work(record: &Record) -> bool {
    let was_pending = record.command.is_some() && record.waits_for.is_none();
    let possible = matches!(
        record.state,
        State::Waiting | State::Held | State::Superseded
    );
    was_pending && possible
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::command::{Command, LogTime};
    use crate::event::Personal;
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
    fn what_odoo_has_is_unchanged_or_changed() {
        let posted = record(3, State::Posted, "x");
        let held = record(4, State::Held, "y");
        let known = [held.clone(), posted.clone()];
        let (in_odoo, open) = (Box::new(posted), vec![held]);
        assert_eq!(
            place(5, "x", &known),
            Standing::Unchanged {
                in_odoo: in_odoo.clone(),
                open: open.clone()
            }
        );
        assert_eq!(place(5, "z", &known), Standing::Changed { in_odoo, open });
    }

    #[test]
    fn a_version_that_may_be_on_its_way_is_changed_back_and_not_taken_for_unchanged() {
        let on_its_way = Record {
            command: Some(time()),
            ..record(4, State::Waiting, "y")
        };
        let known = [on_its_way, record(3, State::Posted, "x")];
        assert!(matches!(place(5, "x", &known), Standing::Changed { .. }));
        assert_eq!(predecessor(&known), Some(Version(4)));
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
        assert_eq!(predecessor(&known), None, "none of them was ever work");
    }

    fn time() -> Command {
        Command::LogTime(LogTime {
            project: Reference::new("s", "a", "project", "1"),
            service: "consulting".to_owned(),
            employee: "hr.employee_1".to_owned(),
            date: jiff::civil::date(2026, 11, 3),
            worked: Decimal::ONE,
            billable: Decimal::ONE,
            unbilled_because: None,
            coding: crate::command::Coding::default(),
            narration: Personal::default(),
        })
    }
}
