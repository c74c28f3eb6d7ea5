//! Where a PSA project stands, on its project in Odoo; and work that comes after it was closed.

use domain::Reference;
use domain::command::{Command, FollowProject, LinkProject};
use domain::judge::after_closing;
use domain::record::Posted;
use domain::{Record, book::ProjectState};
use odoo::project_state::{self, Following};
use odoo::time::TimeRow;
use odoo::{Odoo, project};

use crate::Post;
use crate::error::{Outcome, PostError};
use crate::job::Job;
use crate::targets::{Targets, not_there};

impl Post {
    /// Links a PSA project to its contract's project.
    pub(crate) async fn link_project(
        &self,
        odoo: &Odoo,
        reference: &Reference,
        link: &LinkProject,
    ) -> Outcome {
        let project = self.there(reference, &link.deal.sibling("project")).await?;
        let posted = project::verify(odoo, project.id, link).await?;
        self.ledger.note_linked(&link.deal, reference).await?;
        Ok(posted)
    }

    /// Lets the project in Odoo follow one of the PSA's.
    pub(crate) async fn follow_project(
        &self,
        odoo: &Odoo,
        job: &Job,
        followed: &FollowProject,
    ) -> Outcome {
        let (link, posted) = self.link_of(&job.record.reference, followed).await?;
        // Those that were linked by an earlier build were not noted.
        self.ledger
            .note_linked(&link.deal, &followed.project)
            .await?;
        let of_deal = self.ledger.posted(&link.deal.sibling("project")).await?;
        let deals_name = of_deal.and_then(|record| match record.command {
            Some(Command::CreateProject(project)) => Some(project.name),
            _ => None,
        });
        let following = Following {
            company: &link.company,
            project_id: posted.id,
            followed,
            earlier: &job.earlier(as_followed),
            deals_name: deals_name.as_deref(),
            stays_open: followed.last_day().is_some()
                && self.another_is_open(&link.deal, &followed.project).await?,
        };
        Ok(project_state::follow(odoo, &following).await?)
    }

    async fn link_of(
        &self,
        reference: &Reference,
        followed: &FollowProject,
    ) -> Result<(LinkProject, Posted), PostError> {
        let link = self.ledger.posted(&followed.project).await?;
        match link.map(|record| (record.command, record.posted)) {
            Some((Some(Command::LinkProject(link)), Some(posted))) => Ok((link, posted)),
            _ => Err(not_there(reference, &followed.project)),
        }
    }

    /// Whether another PSA project that stands for the same contract is worked on.
    async fn another_is_open(
        &self,
        deal: &Reference,
        closed: &Reference,
    ) -> Result<bool, PostError> {
        for project in self.ledger.linked_projects(deal).await? {
            if project == *closed {
                continue;
            }
            let followed = self.ledger.followed(&project).await?;
            if followed.and_then(|other| other.state) != Some(ProjectState::Closed) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Keeps the entries that are of a day on which their project was worked on. Only of entries that are
/// not in Odoo: what is there came in time, and follows its source.
pub fn in_time(
    targets: &Targets,
    rows: Vec<(Record, TimeRow)>,
    outcomes: &mut Vec<(Record, Outcome)>,
) -> Vec<(Record, TimeRow)> {
    let mut good = Vec::with_capacity(rows.len());
    for (record, row) in rows {
        let (project, day) = (&row.time.project, row.time.date);
        let last_day = targets.get(project).and_then(|target| target.last_day);
        let late = last_day.and_then(|last| after_closing(&record.reference, project, last, day));
        match late {
            None => good.push((record, row)),
            Some(question) => outcomes.push((record, Err(PostError::Asked(Box::new(question))))),
        }
    }
    good
}

const fn as_followed(command: &Command) -> Option<&FollowProject> {
    if let Command::FollowProject(followed) = command {
        return Some(followed);
    }
    None
}
