//! PSA projects beside the work list: which of them stand for a contract, and where each stands.

use domain::command::{Command, FollowProject};
use domain::judge::state_of;
use domain::{Record, Reference, State};
use jiff::civil::Date;

use crate::item::{Item, get_text, key};
use crate::{Ledger, StoreError, keys};

impl Ledger {
    /// Notes that a PSA project stands for a contract. Repeating it changes nothing.
    pub async fn note_linked(
        &self,
        deal: &Reference,
        project: &Reference,
    ) -> Result<(), StoreError> {
        let item = key(keys::linked(deal), project.to_string());
        self.put_item(item).await
    }

    /// The PSA projects that stand for a contract. Strongly consistent.
    pub async fn linked_projects(&self, deal: &Reference) -> Result<Vec<Reference>, StoreError> {
        self.noted(keys::linked(deal)).await
    }

    /// Notes that a deal of the CRM, or a project of a PSA, is a customer's. Repeating it changes
    /// nothing.
    pub async fn note_of_customer(
        &self,
        customer: &Reference,
        what: &Reference,
    ) -> Result<(), StoreError> {
        let item = key(keys::of_customer(customer), what.to_string());
        self.put_item(item).await
    }

    /// The deals, or the PSA projects, that were noted as a customer's. Strongly consistent. What was
    /// moved to another customer since is still among them.
    pub async fn of_customer(&self, customer: &Reference) -> Result<Vec<Reference>, StoreError> {
        self.noted(keys::of_customer(customer)).await
    }

    async fn noted(&self, pk: String) -> Result<Vec<Reference>, StoreError> {
        let items = self.items(pk).await?;
        let project = |item: &Item| {
            let name = get_text(item, "sk").unwrap_or_default();
            name.parse()
                .map_err(|error| StoreError::unreadable(name, error))
        };
        items.iter().map(project).collect()
    }

    /// Where a PSA project stands by its newest version, whether or not Odoo has that yet; none where
    /// the book does not follow it.
    pub async fn followed(&self, project: &Reference) -> Result<Option<FollowProject>, StoreError> {
        let versions = self.versions(&state_of(project)).await?;
        Ok(versions.into_iter().find_map(followed))
    }

    /// The last day of work on a PSA project, while it is closed.
    pub async fn last_day_of(&self, project: &Reference) -> Result<Option<Date>, StoreError> {
        let followed = self.followed(project).await?;
        Ok(followed.and_then(|followed| followed.last_day()))
    }
}

fn followed(record: Record) -> Option<FollowProject> {
    match (record.state, record.command) {
        (State::Superseded | State::Rejected, _) => None,
        (_, Some(Command::FollowProject(followed))) => Some(followed),
        _ => None,
    }
}
