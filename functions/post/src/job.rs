//! Records to post, each with what is known about its past.

use std::collections::HashMap;

use aws::{Lease, Pending};
use domain::record::Posted;
use domain::{Record, Reference};

use crate::Post;
use crate::error::PostError;

/// What happened to a record's fact before.
#[derive(Debug, Clone, PartialEq)]
pub enum Past {
    /// Nobody ever sent it: insert-once guards it, and no look is needed.
    New,
    /// Somebody may have sent it and no answer was kept: Odoo is asked first.
    MaybeSent,
    /// An older version is in Odoo: it is changed there, never created again.
    InOdoo {
        /// The version that was posted last.
        version: Box<Record>,
        /// Where it is.
        posted: Posted,
    },
}

/// One record to post.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The record.
    pub record: Record,
    /// Its fact's past.
    pub past: Past,
}

impl Post {
    /// Adds to each record what is known about its past. It costs nothing for what is new.
    pub(crate) async fn jobs(
        &self,
        lease: &Lease,
        records: Vec<Record>,
    ) -> Result<Vec<Job>, PostError> {
        let mut bases = self.bases(&records).await?;
        let job = |record: Record| {
            let past = match bases.remove(&record.reference) {
                Some((version, posted)) => Past::InOdoo { version, posted },
                None if was_tried(lease, &record) => Past::MaybeSent,
                None => Past::New,
            };
            Job { record, past }
        };
        Ok(records.into_iter().map(job).collect())
    }

    /// The posted versions that some records change.
    async fn bases(
        &self,
        records: &[Record],
    ) -> Result<HashMap<Reference, (Box<Record>, Posted)>, PostError> {
        let pointer = |record: &Record| {
            let (reference, version) = (record.reference.clone(), record.changes?);
            Some(Pending { reference, version })
        };
        let pointers: Vec<Pending> = records.iter().filter_map(pointer).collect();
        let found = self.ledger.records(&pointers).await?;
        let base = |record: Record| {
            let posted = record.posted.clone()?;
            Some((record.reference.clone(), (Box::new(record), posted)))
        };
        Ok(found.into_iter().filter_map(base).collect())
    }
}

/// Whether an earlier try of this record did not end with an answer that was kept.
fn was_tried(lease: &Lease, record: &Record) -> bool {
    !record.history.attempts.is_empty() || !lease.tries.concerning(record).is_empty()
}
