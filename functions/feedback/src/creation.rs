//! A confirmed contract gets its project in ConnectWise, once, and a phase for each milestone.
//!
//! ConnectWise does not know that two equal requests mean one project. So what is asked for is written
//! down before it is sent (`aws::PsaCreations`), what is there is looked for before anything is created,
//! and after an answer that did not come nothing is created before its request is surely over and was
//! looked for. A project that somebody else made for the deal is left as it is.

mod asking;
mod project;
mod question;

use std::sync::Arc;

use aws::{Account, FeedbackDue, PsaCreation, PsaPart, StoreError};
use domain::book::{Book, Psa, PsaCreate};
use domain::command::{Command, CreatePsaProject};
use domain::judge::Objection;
use domain::{NextStep, Record, Reference};
use jiff::{SignedDuration, Timestamp};
use source_account::{NotAsked, SourceAccount, What, wait};
use sources::connectwise::creation::{
    create_phase, found_phase, found_phases, phase_of, phases_of,
};
use tracing::info;

use crate::{Feedback, TellError};
use project::Project;

/// How long a question stays before it is looked at again: as long as a message may wait in a queue.
const AGAIN: SignedDuration = SignedDuration::from_mins(15);

/// When a request without an answer is surely over. ConnectWise names no limit of its own; its
/// callbacks, which are the slowest thing that it times, end after seconds, and we hang up after ten.
const SETTLES: SignedDuration = SignedDuration::from_mins(10);

/// How many phases are created in one turn: more would take longer than the function may.
const MOST_PHASES: usize = 5;

/// How long another worker of ours is let alone.
const TURN: SignedDuration = SignedDuration::from_mins(1);

/// Why nothing more is done now.
pub(crate) enum Stopped {
    /// A person must do something first.
    Asks(Box<Objection>),
    /// It goes on then.
    Later(Timestamp),
    /// Something failed.
    Failed(TellError),
}

/// One contract's project, with what it takes to create it.
pub(crate) struct Case<'a> {
    plan: &'a CreatePsaProject,
    record: &'a Record,
    psa: &'a Psa,
    how: &'a PsaCreate,
    account: Account,
    opened: SourceAccount<'a>,
}

impl Feedback {
    /// Brings a contract's project in the PSA about, as far as that goes now.
    pub(crate) async fn create_in_psa(
        &self,
        due: &FeedbackDue,
        record: &Record,
        plan: &CreatePsaProject,
    ) -> Result<(), TellError> {
        let until = match self.create(record, plan).await {
            Ok(()) => return Ok(self.exceptions.resolve(&record.reference).await?),
            Err(Stopped::Later(until)) => until,
            Err(Stopped::Asks(objection)) => self.ask_people(record, *objection).await?,
            Err(Stopped::Failed(TellError::NotAsked(why))) if why.until().is_some() => {
                return self.come_back(due, why).await;
            }
            Err(Stopped::Failed(failure)) if matches!(failure.next_step(), NextStep::Reject) => {
                let objection = question::refused(plan, &failure);
                self.ask_people(record, objection).await?
            }
            Err(Stopped::Failed(failure)) => return Err(failure),
        };
        info!(reference = %record.reference, %until, "project of the PSA is looked at again");
        let delay = wait(until, self.clock.now());
        Ok(self.queue.send_after(due, delay).await?)
    }

    async fn create(&self, record: &Record, plan: &CreatePsaProject) -> Result<(), Stopped> {
        let book = self.books.active(self.clock.now()).await?;
        let Some((psa, how)) = how(&book, plan) else {
            info!(reference = %record.reference, "the book creates no project of the PSA any more");
            return Ok(());
        };
        let cancellation = plan.deal.sibling("cancellation");
        if self.ledger.posted(&cancellation).await?.is_some() {
            info!(reference = %record.reference, "the contract is cancelled");
            return Ok(());
        }
        let source = sources::source(&plan.source).ok_or_else(|| TellError::NoWay {
            source_name: plan.source.clone(),
        })?;
        let (facts, account) = (&source.facts, &plan.account);
        let opened = self
            .accounts
            .open(facts, account, "feedback", What::Records);
        let case = Case {
            plan,
            record,
            psa,
            how,
            account: Account {
                source: plan.source.clone(),
                account: account.clone(),
            },
            opened: opened.await?,
        };
        let known = self.creations.of(&plan.deal, &case.account).await?;
        if let Some(until) = self.unsettled(&known) {
            return Err(Stopped::Later(until));
        }
        match self.project(&case, known).await? {
            Project::Ours { id, known } => self.phases(&case, &id, known).await,
            Project::Theirs => Ok(()),
        }
    }

    /// Until when a request may still be under way whose answer did not come.
    fn unsettled(&self, known: &PsaCreation) -> Option<Timestamp> {
        let asked = known.asked.as_ref()?;
        let until = asked.at.checked_add(SETTLES).ok()?;
        (until > self.clock.now()).then_some(until)
    }

    /// A phase for each milestone that has none. What was created once is not created again, also
    /// when a person deleted it.
    async fn phases(
        &self,
        case: &Case<'_>,
        project: &str,
        mut known: PsaCreation,
    ) -> Result<(), Stopped> {
        let plan = case.plan;
        let lacks = |known: &PsaCreation, line: &str| !known.phases.contains_key(line);
        if !plan
            .milestones
            .iter()
            .any(|milestone| lacks(&known, milestone.line.id()))
        {
            return Ok(());
        }
        let listed = self.answer(case, &phases_of(project)).await?;
        let mut there = found_phases(&listed)?;
        let mut created = 0;
        for milestone in &plan.milestones {
            let line = milestone.line.id();
            there.retain(|phase| known.phases.values().all(|id| *id != phase.id));
            if !lacks(&known, line) {
                continue;
            }
            let part = PsaPart::Phase(line.to_owned());
            known = match phase_of(&there, &plan.deal, milestone) {
                Some(phase) => {
                    let done = known.done(part, phase.id.clone());
                    self.note(case, &known, done).await?
                }
                None if created == MOST_PHASES => {
                    return Err(Stopped::Later(self.clock.now()));
                }
                None => {
                    created += 1;
                    let request = create_phase(project, &plan.deal, milestone);
                    let id = |body: &str| Ok(found_phase(body)?.id);
                    self.ask_once(case, &known, part, &request, id).await?
                }
            };
        }
        Ok(())
    }

    async fn ask_people(
        &self,
        record: &Record,
        objection: Objection,
    ) -> Result<Timestamp, StoreError> {
        let now = self.clock.now();
        let (reference, version) = (&record.reference, record.version);
        // What was asked before and is not what stands in the way now.
        let code = objection.code;
        self.exceptions
            .resolve_but(reference, code, version)
            .await?;
        let exception =
            objection.raise(reference.clone(), version, now, record.correlation.clone());
        self.exceptions.raise(&exception).await?;
        Ok(now.checked_add(AGAIN).unwrap_or(now))
    }
}

/// The newest version of a contract's project that is to be created in a PSA.
pub(crate) fn planned(versions: &[Record]) -> Option<(&Record, &CreatePsaProject)> {
    let posted = versions.iter().filter(|record| record.state.is_in_odoo());
    posted
        .filter_map(|record| match &record.command {
            Some(Command::CreatePsaProject(plan)) => Some((record, plan)),
            _ => None,
        })
        .next()
}

/// What the book says now of creating it.
fn how<'a>(book: &'a Arc<Book>, plan: &CreatePsaProject) -> Option<(&'a Psa, &'a PsaCreate)> {
    let psa = book.psa(&plan.source, &plan.account)?;
    Some((psa, psa.projects.create.as_ref()?))
}

/// A project of the PSA by its id there.
fn named(plan: &CreatePsaProject, id: &str) -> Reference {
    Reference::new(&plan.source, &plan.account, "project", id)
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<NotAsked> for Stopped {
    fn from(error: NotAsked) -> Self {
        Self::Failed(error.into())
    }
}

impl From<TellError> for Stopped {
    fn from(error: TellError) -> Self {
        Self::Failed(error)
    }
}

impl From<sources::Unreadable> for Stopped {
    fn from(error: sources::Unreadable) -> Self {
        Self::Failed(error.into())
    }
}
