//! A steward says which contract a PSA project belongs to.

use domain::command::{Command, Company};
use domain::judge::confirm_link;
use domain::{Record, Reference, Version, feedback};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    project: String,
    deal: String,
}

impl Console {
    /// Links a PSA project to a contract; its time is released when the link is posted.
    pub(crate) async fn confirm(&self, body: &str, person: &str) -> Result<Value, ConsoleError> {
        let confirmation: Confirmation = serde_json::from_str(body)?;
        let project: Reference = confirmation.project.parse()?;
        let deal: Reference = confirmation.deal.parse()?;
        if let Some(existing) = self.linked(&project).await? {
            return match existing == deal {
                true => Ok(json!({"project": project, "deal": deal, "was": "linked already"})),
                false => Err(ConsoleError::LinkedAlready {
                    project: project.to_string(),
                    deal: existing.to_string(),
                }),
            };
        }
        let (company, book) = self.company_of(&deal).await?;
        let now = self.clock.now();
        let by = format!("steward {person}");
        let planned = confirm_link(&project, Version::at(now), &deal, &company, &by);
        let record = planned
            .record(&self.tokens.fresh(), &book, now, now)
            .map_err(ConsoleError::Unstorable)?;
        let active = self.books.active(now).await?;
        let psa = active.psa(project.system(), project.account());
        let record = Record {
            feedback: psa.and_then(|psa| feedback::of_link(&project, &psa.projects.fields)),
            ..record
        };
        for open in self.ledger.versions(&project).await? {
            self.ledger.supersede(&open).await?;
        }
        self.ledger.accept(&record).await?;
        self.exceptions.resolve(&project).await?;
        self.bells.ring(record.shard).await?;
        tracing::info!(reference = %project, deal = %deal, correlation = %record.correlation, "link confirmed");
        Ok(json!({"project": project, "deal": deal, "correlation": record.correlation}))
    }

    /// The company of a deal's contract, and the book that judged it.
    async fn company_of(&self, deal: &Reference) -> Result<(Company, String), ConsoleError> {
        let versions = self.ledger.versions(deal).await?;
        let contract = versions
            .into_iter()
            .find_map(|record| match record.command {
                Some(Command::CreateOrder(order)) => Some((order.company, record.book)),
                _ => None,
            });
        contract.ok_or_else(|| ConsoleError::NoContract {
            deal: deal.to_string(),
        })
    }

    async fn linked(&self, project: &Reference) -> Result<Option<Reference>, ConsoleError> {
        let posted = self
            .ledger
            .posted(project)
            .await?
            .and_then(|record| record.command);
        match posted {
            Some(Command::LinkProject(link)) => Ok(Some(link.deal)),
            _ => Ok(None),
        }
    }
}
