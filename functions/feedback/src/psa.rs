//! A PSA project is told which order and project in Odoo it stands for.

use domain::Record;
use domain::command::Command;
use domain::feedback::Feedback as Told;
use source_account::What;
use sources::Source;
use sources::api::classify;
use sources::connectwise::feedback::{Change, change, look};
use tracing::info;

use crate::{Feedback, TellError};

impl Feedback {
    /// What is told, with what only the ledger knows: the order of a linked project.
    pub(crate) async fn complete(&self, record: &Record) -> Result<Option<Told>, TellError> {
        let Some(told) = &record.feedback else {
            return Ok(None);
        };
        let Some(Command::LinkProject(link)) = &record.command else {
            return Ok(Some(told.clone()));
        };
        let order = self.ledger.posted(&link.deal).await?;
        let order = order.and_then(|order| order.posted);
        let told = told.clone();
        Ok(order.and_then(|order| told.with_order(order.id, order.name.as_deref())))
    }

    /// Reads the project, and writes what differs.
    pub(crate) async fn tell_connectwise(
        &self,
        source: &Source,
        told: &Told,
    ) -> Result<(), TellError> {
        let (facts, account) = (&source.facts, told.target.account());
        let opened = self
            .accounts
            .open(facts, account, "feedback", What::Records)
            .await?;
        let found = opened.ask(&look(&told.target)).await?;
        let found = classify(&found.answer)?;
        match change(&told.target, &found.body, &told.properties)? {
            Change::Nothing => Ok(()),
            Change::NoFields(captions) => Err(TellError::NoFields { captions }),
            Change::Write(request) => {
                classify(&opened.ask(&request).await?.answer)?;
                info!(reference = %told.target, "project told");
                Ok(())
            }
        }
    }
}
