//! Who is to work on what, for people: without anybody's name.

use aws::KeptAssignment;
use domain::Reference;
use futures::future::try_join_all;
use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;

impl Console {
    /// The assignments of a project; of every project when none is named.
    pub(crate) async fn assignments(&self, project: Option<&str>) -> Result<Value, ConsoleError> {
        let projects: Vec<Reference> = match project {
            Some(project) => vec![project.parse()?],
            None => self.ledger.assigned_projects().await?,
        };
        let kept = projects
            .iter()
            .map(|project| self.ledger.assignments(project));
        let kept: Vec<Value> = try_join_all(kept)
            .await?
            .iter()
            .flatten()
            .map(shown)
            .collect();
        Ok(json!({"count": kept.len(), "assignments": kept}))
    }
}

fn shown(kept: &KeptAssignment) -> Value {
    let assignment = &kept.assignment;
    let who = match (&assignment.member, &assignment.employee) {
        (None, _) => "nobody yet",
        (Some(_), None) => "somebody who is not in the book",
        (Some(_), Some(_)) => "somebody of the book",
    };
    json!({
        "reference": kept.reference,
        "version": kept.version,
        "project": assignment.project,
        "task": assignment.task,
        "who": who,
        "work_role": assignment.work_role,
        "service": assignment.service,
        "from": assignment.from,
        "to": assignment.to,
        "hours": assignment.hours,
        "cost_rate": assignment.cost_rate,
        "bill_rate": assignment.bill_rate,
        "tentative": assignment.is_tentative,
    })
}
