//! Where in Odoo a record belongs: what it stands on, by its id there.

use std::collections::HashMap;

use domain::Reference;
use domain::command::{Command, Company, CreateOrder, LogTime, OrderLine};
use domain::record::Posted;
use jiff::civil::Date;

use crate::Post;
use crate::error::PostError;

/// The project and contract that a PSA project stands for.
#[derive(Debug, Clone)]
pub struct Target {
    /// The Odoo project.
    pub project_id: i64,
    /// Where it bills.
    pub company: Company,
    /// The contract.
    pub deal: Reference,
    /// The contract's order, as it was posted.
    pub order: CreateOrder,
    /// Its id in Odoo.
    pub order_id: i64,
    /// The last day of work on the PSA project, while that is closed.
    pub last_day: Option<Date>,
}

impl Target {
    /// The order line that bills this work.
    pub fn line(&self, time: &LogTime) -> Result<&OrderLine, PostError> {
        let line = self.order.line_for(time);
        line.ok_or_else(|| PostError::NoLine {
            deal: self.deal.to_string(),
            service: time.service.clone(),
            day: time.date,
        })
    }
}

/// Targets of one batch: many entries share one project.
pub type Targets = HashMap<Reference, Target>;

impl Post {
    /// What Odoo answered for something that a record stands on.
    pub(crate) async fn there(
        &self,
        reference: &Reference,
        needs: &Reference,
    ) -> Result<Posted, PostError> {
        let record = self.ledger.posted(needs).await?;
        record
            .and_then(|record| record.posted)
            .ok_or_else(|| not_there(reference, needs))
    }

    /// The target of a PSA project, looked up once per batch.
    pub(crate) async fn target<'a>(
        &self,
        targets: &'a mut Targets,
        reference: &Reference,
        project: &Reference,
    ) -> Result<&'a Target, PostError> {
        if !targets.contains_key(project) {
            let target = self.find_target(reference, project).await?;
            targets.insert(project.clone(), target);
        }
        targets
            .get(project)
            .ok_or_else(|| not_there(reference, project))
    }

    async fn find_target(
        &self,
        reference: &Reference,
        project: &Reference,
    ) -> Result<Target, PostError> {
        let link = self.ledger.posted(project).await?;
        let Some((Some(Command::LinkProject(link)), Some(posted))) =
            link.map(|record| (record.command, record.posted))
        else {
            return Err(not_there(reference, project));
        };
        let order = self
            .ledger
            .posted(&link.deal)
            .await?
            .map(|record| (record.command, record.posted));
        let (order, order_id) = match order {
            Some((Some(Command::CreateOrder(order)), Some(posted))) => (order, posted.id),
            Some((None, _)) => {
                return Err(PostError::NotReplayed {
                    deal: link.deal.to_string(),
                });
            }
            Some((Some(_), _)) | None => return Err(not_there(reference, &link.deal)),
        };
        Ok(Target {
            project_id: posted.id,
            company: link.company,
            deal: link.deal,
            order,
            order_id,
            last_day: self.ledger.last_day_of(project).await?,
        })
    }
}

pub(crate) fn not_there(reference: &Reference, needs: &Reference) -> PostError {
    PostError::NotThere {
        reference: reference.to_string(),
        needs: needs.to_string(),
    }
}
