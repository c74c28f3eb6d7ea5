//! Records for the cases.

use aws::Pending;
use domain::command::{Command, LogTime};
use domain::event::Personal;
use domain::record::Posted;
use domain::{Fingerprint, Lane, LaneShard, Record, Reference, State, Version};
use jiff::{SignedDuration, Timestamp};

/// The partition of all records here.
pub const SHARD: LaneShard = LaneShard {
    lane: Lane::Work,
    shard: 2,
};

/// This many seconds after the cases begin.
pub fn at(second: i64) -> Timestamp {
    let began = Timestamp::from_second(1_780_000_000).expect("a valid instant");
    began + SignedDuration::from_secs(second)
}

/// A time entry.
pub fn entry(id: &str) -> Reference {
    Reference::new("connectwise", "Cobalt", "time_entry", id)
}

/// A version that waits for its turn.
pub fn waiting(id: &str, version: u64) -> Record {
    let fingerprint = Fingerprint::of(&format!("{id} in version {version}"));
    Record {
        correlation: format!("delivery of {id}"),
        ..Record::new(entry(id), Version(version), fingerprint, SHARD, at(0))
    }
}

/// The same version, in Odoo.
pub fn posted(record: &Record, id: i64) -> Record {
    let posted = Posted {
        model: "account.analytic.line".to_owned(),
        id,
        others: Vec::new(),
        name: None,
        customer: domain::customer::Noted::default(),
    };
    Record {
        state: State::Posted,
        posted: Some(posted),
        changed_at: at(60),
        ..record.clone()
    }
}

/// The same version, held by a rule.
pub fn held(record: &Record, reason: &str) -> Record {
    Record {
        state: State::Held,
        reason: Some(reason.to_owned()),
        changed_at: at(60),
        ..record.clone()
    }
}

/// The same version, with a command whose text is this long.
pub fn with_text(record: &Record, characters: usize) -> Record {
    let command = Command::LogTime(LogTime {
        project: Reference::new("connectwise", "Cobalt", "project", "77"),
        service: "senior".to_owned(),
        employee: "hr_demo.alice".to_owned(),
        date: jiff::civil::date(2026, 11, 3),
        worked: "7.50".parse().expect("a decimal"),
        billable: "7.50".parse().expect("a decimal"),
        unbilled_because: None,
        coding: domain::command::Coding::default(),
        narration: Personal("x".repeat(characters)),
    });
    Record {
        command: Some(command),
        ..record.clone()
    }
}

/// What points to a record.
pub fn pointer(record: &Record) -> Pending {
    Pending {
        reference: record.reference.clone(),
        version: record.version,
    }
}
