//! A panic is one record's failure: it neither undoes the others nor stops the partition.

use std::panic::AssertUnwindSafe;

use domain::Record;
use futures::FutureExt;
use odoo::Odoo;
use tracing::error;

use crate::Post;
use crate::error::Outcome;
use crate::error::PostError;
use crate::job::{Job, Past};

impl Post {
    /// Posts a piece. When that panics, its records are posted one by one, and the one that panics
    /// again is a person's to look at.
    pub(crate) async fn post_piece(
        &self,
        odoo: &Odoo,
        jobs: Vec<Job>,
    ) -> Result<Vec<(Record, Outcome)>, PostError> {
        let together = AssertUnwindSafe(self.post_batch(odoo, jobs.clone()));
        if let Ok(outcomes) = together.catch_unwind().await {
            return outcomes;
        }
        let mut outcomes = Vec::with_capacity(jobs.len());
        for job in jobs {
            let (record, alone) = (job.record.clone(), vec![maybe_sent(job)]);
            match AssertUnwindSafe(self.post_batch(odoo, alone))
                .catch_unwind()
                .await
            {
                Ok(outcome) => outcomes.extend(outcome?),
                Err(_) => {
                    error!(reference = %record.reference, correlation = %record.correlation, "posting panicked");
                    outcomes.push((record, Err(PostError::Panicked)));
                }
            }
        }
        Ok(outcomes)
    }
}

/// The panic may have come after the record was sent.
fn maybe_sent(job: Job) -> Job {
    let past = match job.past {
        Past::New => Past::MaybeSent {
            earlier: Vec::new(),
        },
        past @ (Past::MaybeSent { .. } | Past::InOdoo { .. }) => past,
    };
    Job { past, ..job }
}
