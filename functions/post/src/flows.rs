//! One command, one flow of Odoo.

use domain::command::{Command, Company, CreateOrder, CreateProject, DraftInvoice};
use domain::record::Posted;
use domain::{Record, Reference};
use odoo::{Odoo, invoice, order, order_change, ours, project_adopt, project_change};

use crate::Post;
use crate::error::{Outcome, PostError};
use crate::job::{Job, Past};

impl Post {
    /// Posts a batch; each record has its own outcome.
    pub(crate) async fn post_batch(
        &self,
        odoo: &Odoo,
        batch: Vec<Job>,
    ) -> Result<Vec<(Record, Outcome)>, PostError> {
        let is_time = |job: &Job| matches!(job.record.command, Some(Command::LogTime(_)));
        if batch.iter().all(is_time) {
            return self.post_time(odoo, batch).await;
        }
        let mut outcomes = Vec::with_capacity(batch.len());
        for job in batch {
            let outcome = self.post_one(odoo, &job).await;
            outcomes.push((job.record, outcome));
        }
        Ok(outcomes)
    }

    pub(crate) async fn post_one(&self, odoo: &Odoo, job: &Job) -> Outcome {
        let record = &job.record;
        let reference = &record.reference;
        let Some(command) = &record.command else {
            return Err(nothing_to_do(record));
        };
        if let Past::InOdoo { posted, .. } = &job.past
            && !is_there(odoo, command, reference, posted).await?
        {
            return Err(PostError::Deleted);
        }
        match command {
            Command::CreateCustomer(customer) => self.customer(odoo, job, customer).await,
            Command::CreateOrder(order) => {
                self.customer_goes_first(order).await?;
                let earlier = job.earlier(as_order);
                let posted = order_change::follow(odoo, reference, &earlier, order).await?;
                self.ledger
                    .note_of_customer(&order.customer, reference)
                    .await?;
                Ok(posted)
            }
            Command::ConfirmOrder(confirmed) => {
                let order = self.there(reference, &confirmed.order).await?;
                Ok(order::confirm(odoo, order.id, confirmed).await?)
            }
            Command::CancelOrder(lost) => {
                let order = self.there(reference, &lost.order).await?;
                Ok(order::cancel(odoo, order.id, lost).await?)
            }
            Command::CreateProject(project) => follow_contract(odoo, job, project).await,
            Command::LinkProject(link) => self.link_project(odoo, reference, link).await,
            Command::FollowProject(followed) => self.follow_project(odoo, job, followed).await,
            // Whoever tells the PSA creates it, as soon as this is written down.
            Command::CreatePsaProject(_) => Ok(Posted::here()),
            // Time goes in batches; a single entry is a batch of one.
            Command::LogTime(_) => match self.post_time(odoo, vec![job.clone()]).await?.pop() {
                Some((_, outcome)) => outcome,
                None => Err(nothing_to_do(record)),
            },
            Command::KeepAssignment(assignment) => self.keep_assignment(job, assignment).await,
            Command::DraftInvoice(draft) => self.draft(odoo, reference, draft).await,
            Command::LinkInvoicedTime(link) => {
                let drafted = self.there(reference, &link.invoice).await?;
                let entries = self.entry_ids(reference, &link.entries).await?;
                invoice::link(odoo, &link.company, drafted.id, &entries).await?;
                Ok(drafted)
            }
            Command::PostInvoice(posting) => {
                let drafted = self.there(reference, &posting.invoice).await?;
                let order = self.there(reference, &posting.draft.order).await?;
                Ok(invoice::post(odoo, posting, drafted.id, order.id).await?)
            }
        }
    }

    async fn draft(&self, odoo: &Odoo, reference: &Reference, draft: &DraftInvoice) -> Outcome {
        let order = self.there(reference, &draft.order).await?;
        let time = draft.lines.iter().filter(|line| !line.marks_delivered);
        let units: Vec<Reference> = time.flat_map(|line| line.units.iter().cloned()).collect();
        let entries = self.entry_ids(reference, &units).await?;
        Ok(invoice::draft(odoo, reference, draft, order.id, &entries).await?)
    }

    async fn entry_ids(
        &self,
        reference: &Reference,
        entries: &[Reference],
    ) -> Result<Vec<i64>, PostError> {
        let mut ids = Vec::with_capacity(entries.len());
        for entry in entries {
            ids.push(self.there(reference, entry).await?.id);
        }
        Ok(ids)
    }
}

const fn as_order(command: &Command) -> Option<&CreateOrder> {
    if let Command::CreateOrder(order) = command {
        return Some(order);
    }
    None
}

/// The project as its contract has it now.
async fn follow_contract(odoo: &Odoo, job: &Job, project: &CreateProject) -> Outcome {
    let earlier = job.earlier(as_project);
    let there = match &job.past {
        Past::InOdoo { posted, .. } => Some(posted.id),
        Past::New | Past::MaybeSent { .. } => None,
    };
    let reference = &job.record.reference;
    Ok(project_change::follow(odoo, reference, &earlier, there, project).await?)
}

const fn as_project(command: &Command) -> Option<&CreateProject> {
    if let Command::CreateProject(project) = command {
        return Some(project);
    }
    None
}

fn nothing_to_do(record: &Record) -> PostError {
    PostError::NotThere {
        reference: record.reference.to_string(),
        needs: record.reference.to_string(),
    }
}

/// Whether what a command made is still there: by our external id, or by the id in the database of a
/// project that Odoo made. What makes no record of its own always is.
async fn is_there(
    odoo: &Odoo,
    command: &Command,
    reference: &Reference,
    posted: &Posted,
) -> Result<bool, PostError> {
    if let Command::CreateProject(project) = command
        && project.is_odoos()
    {
        let (company, id) = (&project.company, posted.id);
        return Ok(project_adopt::is_there(odoo, company, id).await?);
    }
    match made_for(command) {
        Some(company) => Ok(ours::is_there(odoo, company, reference).await?),
        None => Ok(true),
    }
}

/// The company of a command that makes a record under the reference's own name.
pub(crate) fn made_for(command: &Command) -> Option<&Company> {
    match command {
        Command::CreateCustomer(customer) => Some(&customer.company),
        Command::CreateOrder(order) => Some(&order.company),
        Command::CreateProject(project) => Some(&project.company),
        Command::DraftInvoice(draft) => Some(&draft.company),
        Command::ConfirmOrder(_)
        | Command::CancelOrder(_)
        | Command::LinkProject(_)
        | Command::FollowProject(_)
        | Command::CreatePsaProject(_)
        | Command::LogTime(_)
        | Command::KeepAssignment(_)
        | Command::LinkInvoicedTime(_)
        | Command::PostInvoice(_) => None,
    }
}
