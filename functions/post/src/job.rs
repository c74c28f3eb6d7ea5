//! Records to post, each with what is known about its past.

use std::collections::HashMap;

use aws::{Lease, Pending};
use domain::command::Command;
use domain::record::Posted;
use domain::{Record, Reference};

use crate::Post;
use crate::error::PostError;
use crate::piece::Piece;

/// How many versions before one are looked at. More than a few open at once means that a source
/// saves a record again and again while Odoo is away.
const MOST_VERSIONS: usize = 8;

/// What happened to a record's fact before.
#[derive(Debug, Clone, PartialEq)]
pub enum Past {
    /// Nobody ever sent it: insert-once guards it, and no look is needed.
    New,
    /// It, or a version before it, may have been sent and no answer was kept: Odoo is asked first.
    MaybeSent {
        /// The versions before it that may be what Odoo has, newest first.
        earlier: Vec<Record>,
    },
    /// An older version is in Odoo: it is changed there, never created again.
    InOdoo {
        /// The versions that may be what Odoo has, newest first; the last one is known to be there.
        earlier: Vec<Record>,
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

impl Job {
    /// What the versions before say that Odoo may have, newest first, as commands of one kind.
    pub fn earlier<'a, T>(&'a self, of: impl Fn(&'a Command) -> Option<&'a T>) -> Vec<&'a T> {
        let versions = match &self.past {
            Past::New => &[][..],
            Past::MaybeSent { earlier } | Past::InOdoo { earlier, .. } => earlier,
        };
        let commands = versions
            .iter()
            .filter_map(|version| version.command.as_ref());
        commands.filter_map(of).collect()
    }
}

impl Post {
    /// Adds to each record what is known about its past. It costs nothing for what is new.
    pub(crate) async fn jobs(&self, lease: &Lease, piece: Piece) -> Result<Vec<Job>, PostError> {
        let mut earlier = self.earlier(&piece.0).await?;
        let job = |record: Record| {
            let earlier = earlier.remove(&record.reference).unwrap_or_default();
            let past = match earlier.last().and_then(|last| last.posted.clone()) {
                Some(posted) => Past::InOdoo { earlier, posted },
                None if !earlier.is_empty() || was_tried(lease, &record) => {
                    Past::MaybeSent { earlier }
                }
                None => Past::New,
            };
            Job { record, past }
        };
        Ok(piece.0.into_iter().map(job).collect())
    }

    /// The versions before some records, newest first, back to the one that is in Odoo.
    async fn earlier(
        &self,
        records: &[Record],
    ) -> Result<HashMap<Reference, Vec<Record>>, PostError> {
        let mut earlier: HashMap<Reference, Vec<Record>> = HashMap::new();
        let mut open: Vec<Pending> = records.iter().filter_map(before).collect();
        for _ in 0..MOST_VERSIONS {
            if open.is_empty() {
                break;
            }
            let found = self.ledger.records(&open).await?;
            let in_odoo = |record: &&Record| !record.state.is_in_odoo();
            open = found.iter().filter(in_odoo).filter_map(before).collect();
            for record in found {
                let versions = earlier.entry(record.reference.clone()).or_default();
                versions.push(record);
            }
        }
        Ok(earlier)
    }
}

fn before(record: &Record) -> Option<Pending> {
    Some(Pending {
        reference: record.reference.clone(),
        version: record.changes?,
    })
}

/// Whether an earlier try of this record did not end with an answer that was kept.
pub(crate) fn was_tried(lease: &Lease, record: &Record) -> bool {
    !record.history.attempts.is_empty() || lease.tries.cover(record)
}
