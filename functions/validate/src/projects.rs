//! A PSA project: which contract it belongs to, and where it stands.

use aws::StoreError;
use domain::Reference;
use domain::command::Command;
use domain::event::{Event, PsaProject};
use domain::judge::{Added, Verdict, judge_project, judge_project_state, state_of};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::error::ValidateError;
use crate::{Case, Validate};

impl Validate {
    /// Which contract it belongs to.
    pub(crate) async fn judge_psa_project(
        &self,
        case: &Case<'_>,
        project: &PsaProject,
    ) -> Result<Verdict, StoreError> {
        if let Some(customer) = &project.customer {
            self.ledger
                .note_of_customer(customer, &project.reference)
                .await?;
        }
        if self.ledger.posted(&project.reference).await?.is_some() {
            return Ok(Verdict::Nothing {
                why: "project is linked already",
            });
        }
        let (book, source) = (case.book, project.reference.system());
        let account = project.reference.account();
        // A CRM that keeps projects too names its own deals.
        let crm = match book.psa(source, account) {
            Some(psa) => book.crm_of_projects(psa),
            None => book.crm(source, account),
        };
        let (Some(id), Some(crm)) = (&project.deal_id, crm) else {
            let day = changed_on(case, project);
            let added = self.added_to_project(case, project, day).await?;
            return Ok(judge_project(project, None, added));
        };
        let deal = Reference::new(&crm.source, &crm.account, "deal", id);
        let versions = self.ledger.versions(&deal).await?;
        let company = versions.iter().find_map(|record| match &record.command {
            Some(Command::CreateOrder(order)) => Some(&order.company),
            _ => None,
        });
        Ok(judge_project(
            project,
            company.map(|company| (&deal, company)),
            Added::None,
        ))
    }

    /// Where it stands, under a name of its own: it changes as often as it likes, the link does not.
    pub(crate) async fn follow_project(
        &self,
        case: &Case<'_>,
        project: PsaProject,
    ) -> Result<(), ValidateError> {
        let reference = state_of(&project.reference);
        let known = self.ledger.versions(&reference).await?;
        let older = known.iter().filter(|known| known.version < project.version);
        let before = older
            .filter_map(|record| match &record.command {
                Some(Command::FollowProject(followed)) => Some(followed),
                _ => None,
            })
            .next();
        let changed_on = changed_on(case, &project);
        match judge_project_state(&project, case.book, before, changed_on) {
            // What it was before still counts, in the ledger too: nothing is offered in its place.
            Verdict::Except(question) => {
                let is_stale = known.iter().any(|known| known.version > project.version);
                if !is_stale {
                    let version = project.version;
                    self.raise(case, &reference, version, question).await?;
                }
                Ok(())
            }
            Verdict::Nothing { .. } => Ok(()),
            verdict @ (Verdict::Go(_) | Verdict::Hold { .. } | Verdict::Reject { .. }) => {
                let about = Event::Project(Box::new(PsaProject {
                    reference,
                    ..project
                }));
                self.judged(case, about, verdict).await
            }
        }
    }
}

/// The day of a version where its PSA's people work.
fn changed_on(case: &Case<'_>, project: &PsaProject) -> Date {
    let reference = &project.reference;
    let psa = case.book.psa(reference.system(), reference.account());
    let zone = psa.and_then(|psa| psa.zone.as_deref());
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok());
    let changed = project.version.instant();
    let changed = changed.unwrap_or(case.delivery.received_at);
    zone.unwrap_or(TimeZone::UTC).to_datetime(changed).date()
}
