//! Places on projects: kept here, because Odoo Community has no planning, and looked at for whether
//! anybody could bill them.

use aws::KeptAssignment;
use domain::command::{Command, KeepAssignment};
use domain::judge::unbillable;
use domain::record::Posted;
use tracing::info;

use crate::Post;
use crate::error::Outcome;
use crate::job::Job;

impl Post {
    /// Keeps one. Repeating it changes nothing.
    pub(crate) async fn keep_assignment(&self, job: &Job, assignment: &KeepAssignment) -> Outcome {
        let record = &job.record;
        for earlier in job.earlier(as_assignment) {
            if earlier.project != assignment.project {
                self.ledger
                    .forget_assignment(&earlier.project, &record.reference)
                    .await?;
            }
        }
        self.ledger
            .keep_assignment(&KeptAssignment {
                reference: record.reference.clone(),
                version: record.version,
                assignment: assignment.clone(),
            })
            .await?;
        // An hour that nobody pays is cheaper before it is worked.
        let contract = self.ledger.contract_of(&assignment.project).await?;
        let question = contract
            .and_then(|(deal, order)| unbillable(&record.reference, assignment, &order, &deal));
        match question {
            Some(question) => {
                info!(reference = %record.reference, code = question.code, owner = question.owner, "exception raised");
                let (now, correlation) = (self.clock.now(), record.correlation.clone());
                let exception =
                    question.raise(record.reference.clone(), record.version, now, correlation);
                self.exceptions.raise(&exception).await?;
            }
            None => {
                self.exceptions
                    .resolve_up_to(&record.reference, record.version)
                    .await?;
            }
        }
        Ok(Posted::here())
    }
}

const fn as_assignment(command: &Command) -> Option<&KeepAssignment> {
    if let Command::KeepAssignment(assignment) = command {
        return Some(assignment);
    }
    None
}
