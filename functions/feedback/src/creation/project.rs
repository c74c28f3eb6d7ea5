//! The project itself: found, or created and handed to whoever links projects to contracts.

use std::collections::BTreeMap;

use aws::{PsaCreation, PsaPart};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::delivery::{DELIVERY_VERSION, Delivery};
use domain::{Record, Reference};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};
use sources::PULLED;
use sources::connectwise::creation::{
    create, found_project, found_projects, projects_for, projects_of,
};
use sources::connectwise::feedback::{Change, change, look};
use tracing::info;

use super::{Case, Stopped, named, question};
use crate::{Feedback, TellError};

/// Whose the project is that stands for a contract in the PSA.
pub(super) enum Project {
    /// We created it.
    Ours {
        /// Its id.
        id: String,
        /// What is known now.
        known: PsaCreation,
    },
    /// Somebody else did: it is left as it is.
    Theirs,
}

impl Feedback {
    pub(super) async fn project(
        &self,
        case: &Case<'_>,
        known: PsaCreation,
    ) -> Result<Project, Stopped> {
        let linked = self.ledger.linked_projects(&case.plan.deal).await?;
        let linked: Vec<Reference> = linked
            .into_iter()
            .filter(|project| {
                let account = &case.account;
                project.system() == account.source && project.account() == account.account
            })
            .collect();
        let found = match &known.project {
            Some(id) => Some((id.clone(), known)),
            None => self.find_or_create(case, known, &linked).await?,
        };
        let Some((id, known)) = found else {
            return Ok(Project::Theirs);
        };
        if !linked.contains(&named(case.plan, &id)) {
            self.hand_on(case, &id).await?;
        }
        Ok(Project::Ours { id, known })
    }

    /// None where somebody else made one.
    async fn find_or_create(
        &self,
        case: &Case<'_>,
        known: PsaCreation,
        linked: &[Reference],
    ) -> Result<Option<(String, PsaCreation)>, Stopped> {
        let asked = known.asked.as_ref().map(|asked| &asked.part);
        let was_asked = asked == Some(&PsaPart::Project);
        let reference = &case.record.reference;
        if !was_asked && !linked.is_empty() {
            info!(%reference, "a project of the PSA is linked already");
            return Ok(None);
        }
        let (deal, caption) = (&case.plan.deal, &case.psa.deal_id_field);
        let listed = self.answer(case, &projects_of(deal, caption)).await?;
        let mut there = found_projects(&listed, caption)?;
        there.retain(|project| project.deal_id.as_deref() == Some(deal.id()));
        match (there.into_iter().next(), was_asked) {
            // Its answer was lost.
            (Some(project), true) => {
                info!(%reference, id = project.id, "what was asked for was created");
                let done = known.done(PsaPart::Project, project.id.clone());
                let known = self.note(case, &known, done).await?;
                Ok(Some((project.id, known)))
            }
            (Some(project), false) => {
                info!(%reference, id = project.id, "a project of the PSA names the deal already");
                self.hand_on(case, &project.id).await?;
                Ok(None)
            }
            (None, true) if !linked.is_empty() => {
                self.note(case, &known, known.not_done()).await?;
                Ok(None)
            }
            (None, _) => Ok(Some(self.create_one(case, known, was_asked).await?)),
        }
    }

    async fn create_one(
        &self,
        case: &Case<'_>,
        known: PsaCreation,
        was_asked: bool,
    ) -> Result<(String, PsaCreation), Stopped> {
        let customers = case.psa.customers_of(&case.plan.customer);
        let company: Option<u64> = match customers.as_slice() {
            [only] => only.parse().ok(),
            _ => None,
        };
        let Some(company) = company else {
            let objection = question::no_customer(case.plan, &customers);
            return Err(Stopped::Asks(Box::new(objection)));
        };
        if was_asked {
            self.no_namesake(case, company).await?;
        }
        let days = days(case);
        let request = create(case.plan, case.how, company, days);
        let caption = &case.psa.deal_id_field;
        let id = |body: &str| Ok(found_project(body, caption)?.id);
        let known = self
            .ask_once(case, &known, PsaPart::Project, &request, id)
            .await?;
        match known.project.clone() {
            Some(id) => Ok((id, known)),
            None => Err(Stopped::Later(self.clock.now())),
        }
    }

    /// After a lost answer: a project of this name that names no deal may be ours, where the PSA did not
    /// take the field when it created it. A person has to say.
    async fn no_namesake(&self, case: &Case<'_>, company: u64) -> Result<(), Stopped> {
        let listed = self
            .answer(case, &projects_for(&company.to_string()))
            .await?;
        let there = found_projects(&listed, &case.psa.deal_id_field)?;
        let namesake = there.into_iter().find(|project| {
            let names_none = project.deal_id.as_deref().is_none_or(str::is_empty);
            project.name == case.plan.name && names_none
        });
        match namesake {
            Some(project) => {
                let objection = question::uncertain(case.plan, &project.id, case.psa);
                Err(Stopped::Asks(Box::new(objection)))
            }
            None => Ok(()),
        }
    }

    /// Hands the project on as our own pull would: it names its deal, so that it is linked like any other
    /// project, whether or not ConnectWise's own message about it comes, and when.
    async fn hand_on(&self, case: &Case<'_>, id: &str) -> Result<(), Stopped> {
        let project = named(case.plan, id);
        let found = self.answer(case, &look(&project)).await?;
        let field = case.psa.deal_id_field.clone();
        let names = BTreeMap::from([(field, case.plan.deal.id().to_owned())]);
        let found = match change(&project, &found, &names)? {
            Change::Nothing => found,
            Change::Write(request) => self.answer(case, &request).await?,
            Change::NoFields(captions) => return Err(TellError::NoFields { captions }.into()),
        };
        let delivery = Delivery {
            v: DELIVERY_VERSION,
            id: case.record.correlation.clone(),
            source: case.account.source.clone(),
            account: case.account.account.clone(),
            received_at: self.clock.now(),
            headers: BTreeMap::from([(PULLED.to_owned(), String::new())]),
            body: BASE64_STANDARD.encode(format!("[{found}]")),
        };
        Ok(self.deliveries.send(&delivery).await?)
    }
}

/// From when to when the project is planned: where the contract does not say it, from the day on which
/// it was confirmed, and for as many days as the book says.
fn days(case: &Case<'_>) -> (Date, Date) {
    let start = case.plan.starts_on;
    let start = start.unwrap_or_else(|| confirmed_on(case.record, &case.plan.company.zone));
    let length: Span = i32::from(case.how.days).days();
    let end = || start.checked_add(length).unwrap_or(start);
    (start, case.plan.ends_on.unwrap_or_else(end).max(start))
}

/// The day on which our record of it last changed, in the entity's zone.
fn confirmed_on(record: &Record, zone: &str) -> Date {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    zone.to_datetime(record.changed_at).date()
}
