//! Time entries, all of a company in as few calls as possible.

use std::collections::BTreeMap;

use domain::Record;
use domain::command::{Command, Company};
use domain::judge::taxed_otherwise;
use domain::record::Posted;
use odoo::time::{Look, TimeChange, TimeRow};
use odoo::{Memory, Odoo, OdooError, time};
use rust_decimal::Decimal;

use crate::Post;
use crate::cap::Caps;
use crate::error::Outcome;
use crate::error::PostError;
use crate::job::{Job, Past};
use crate::overtaken::Found;
use crate::project_state::in_time;
use crate::targets::Targets;

/// The entries of one company, by what is known about their past.
#[derive(Default)]
struct Work {
    new: Vec<(Record, TimeRow)>,
    sought: Vec<(Record, Sought)>,
    in_odoo: Vec<(Record, TimeChange)>,
}

/// An entry that may be in Odoo.
struct Sought {
    row: TimeRow,
    /// The versions before it that may be what Odoo has, newest first.
    before: Vec<TimeRow>,
    /// It was there, in a version whose content nobody knows any more: it is never made again.
    was_there: bool,
}

impl Post {
    /// Posts entries; each has its own outcome. What was never sent is inserted, what may have
    /// been sent is looked for first, and what is in Odoo is changed there.
    pub(crate) async fn post_time(
        &self,
        odoo: &Odoo,
        batch: Vec<Job>,
    ) -> Result<Vec<(Record, Outcome)>, PostError> {
        let mut targets = Targets::new();
        let mut companies = BTreeMap::<(i64, String), (Company, Work)>::new();
        let mut run = Run {
            odoo,
            memory: &self.memory,
            outcomes: Vec::with_capacity(batch.len()),
            broken: None,
        };
        for Job { record, past } in batch {
            match self.prepare(&mut targets, &record, past).await {
                Ok((company, prepared)) => {
                    let key = (company.id, company.zone.clone());
                    let fresh = || (company, Work::default());
                    let (_, work) = companies.entry(key).or_insert_with(fresh);
                    match prepared {
                        Prepared::New(row) => work.new.push((record, row)),
                        Prepared::Sought(sought) => work.sought.push((record, sought)),
                        Prepared::InOdoo(change) => work.in_odoo.push((record, change)),
                    }
                }
                // Without the table we know nothing: the whole batch waits.
                Err(PostError::Store(error)) => return Err(PostError::Store(error)),
                Err(error) => run.outcomes.push((record, Err(error))),
            }
        }
        let mut caps = Caps::new(odoo, &targets);
        for (company, work) in companies.into_values() {
            let (absent, older) = run.look(&company, work.sought).await;
            let new = absent.into_iter().chain(work.new).collect();
            let new = in_time(&targets, new, &mut run.outcomes);
            let new = caps.fitting(&company, new, new_hours, &mut run.outcomes);
            let new = new.await;
            run.insert(&company, new.into_iter()).await;
            let older = older.into_iter().chain(work.in_odoo).collect();
            let older = caps.fitting(&company, older, changed_hours, &mut run.outcomes);
            let older = older.await;
            run.change(&company, older.into_iter()).await;
        }
        Ok(run.outcomes)
    }

    /// What Odoo has of an entry.
    pub(crate) async fn find_time(&self, odoo: &Odoo, record: &Record) -> Result<Found, PostError> {
        let (company, row) = self.row(&mut Targets::new(), record).await?;
        match time::look(odoo, &self.memory, &company, &[row]).await.pop() {
            Some(Ok(Look::Same(posted))) => Ok(Found::AsSent(posted)),
            Some(Ok(Look::Different { .. })) => Ok(Found::Otherwise),
            Some(Ok(Look::Absent)) | None => Ok(Found::Nothing),
            Some(Err(error)) => Err(error.into()),
        }
    }

    async fn prepare(
        &self,
        targets: &mut Targets,
        record: &Record,
        past: Past,
    ) -> Result<(Company, Prepared), PostError> {
        let (company, row) = self.row(targets, record).await?;
        let (earlier, posted) = match past {
            Past::New => return Ok((company, Prepared::New(row))),
            Past::MaybeSent { earlier } => (earlier, None),
            Past::InOdoo { earlier, posted } => (earlier, Some(posted)),
        };
        let before = self.rows(targets, &earlier).await?;
        let prepared = match posted {
            Some(posted) if !before.is_empty() => Prepared::InOdoo(TimeChange {
                before,
                after: row,
                posted,
                policies: record.policies,
            }),
            posted => Prepared::Sought(Sought {
                row,
                before,
                was_there: posted.is_some(),
            }),
        };
        Ok((company, prepared))
    }

    /// The versions before one, as they would be in Odoo. One that never found its place there was
    /// never sent.
    async fn rows(
        &self,
        targets: &mut Targets,
        versions: &[Record],
    ) -> Result<Vec<TimeRow>, PostError> {
        let mut rows = Vec::with_capacity(versions.len());
        for version in versions {
            match self.row(targets, version).await {
                Ok((_, row)) => rows.push(row),
                Err(PostError::Store(error)) => return Err(PostError::Store(error)),
                Err(_) => {}
            }
        }
        Ok(rows)
    }

    /// An entry with where it belongs in Odoo.
    async fn row(
        &self,
        targets: &mut Targets,
        record: &Record,
    ) -> Result<(Company, TimeRow), PostError> {
        let reference = &record.reference;
        let Some(Command::LogTime(time)) = record.command.clone() else {
            return Err(PostError::NotThere {
                reference: reference.to_string(),
                needs: "approved time".to_owned(),
            });
        };
        let target = self.target(targets, reference, &time.project).await?;
        let line = target.line(&time)?;
        if let Some(question) = taxed_otherwise(reference, &time, line) {
            return Err(PostError::Asked(Box::new(question)));
        }
        let row = TimeRow {
            reference: reference.clone(),
            project_id: target.project_id,
            line: line.reference.clone(),
            on_task: target.order.has_odoos_project(),
            time: target.order.in_odoo(time),
        };
        Ok((target.company.clone(), row))
    }
}

enum Prepared {
    New(TimeRow),
    Sought(Sought),
    InOdoo(TimeChange),
}

/// A batch on its way to Odoo.
struct Run<'a> {
    odoo: &'a Odoo,
    memory: &'a Memory,
    outcomes: Vec<(Record, Outcome)>,
    /// Why nothing more is sent: Odoo did not answer the call before.
    broken: Option<OdooError>,
}

impl Run<'_> {
    /// What is there with the same content is posted. Returns what is absent, which proves
    /// something, because nobody sends before an earlier worker's call must have ended; and what
    /// is there in an older version.
    async fn look(
        &mut self,
        company: &Company,
        sought: Vec<(Record, Sought)>,
    ) -> (Vec<(Record, TimeRow)>, Vec<(Record, TimeChange)>) {
        let rows: Vec<TimeRow> = sought.iter().map(|(_, one)| one.row.clone()).collect();
        let looks = match &self.broken {
            Some(error) => rows.iter().map(|_| Err(error.clone())).collect(),
            None => time::look(self.odoo, self.memory, company, &rows).await,
        };
        let (mut absent, mut older) = (Vec::new(), Vec::new());
        for ((record, sought), look) in sought.into_iter().zip(looks) {
            match look {
                Ok(Look::Absent) if sought.was_there => self.settle(record, Err(deleted())),
                Ok(Look::Absent) => absent.push((record, sought.row)),
                Ok(Look::Same(posted)) => self.settle(record, Ok(posted)),
                Ok(Look::Different { posted, .. }) if !sought.before.is_empty() => {
                    let change = TimeChange {
                        before: sought.before,
                        after: sought.row,
                        posted,
                        policies: record.policies,
                    };
                    older.push((record, change));
                }
                Ok(Look::Different { differs, .. }) => self.settle(record, Err(differs)),
                Err(error) => self.settle(record, Err(error)),
            }
        }
        (absent, older)
    }

    async fn insert(
        &mut self,
        company: &Company,
        entries: impl Iterator<Item = (Record, TimeRow)>,
    ) {
        let (records, rows): (Vec<_>, Vec<_>) = entries.unzip();
        let outcomes = match &self.broken {
            Some(error) => rows.iter().map(|_| Err(error.clone())).collect(),
            None => time::insert(self.odoo, self.memory, company, &rows).await,
        };
        let mut refused = Vec::new();
        for ((record, row), outcome) in records.into_iter().zip(rows).zip(outcomes) {
            match outcome {
                Err(error @ OdooError::Refused { .. }) => refused.push((record, row, error)),
                outcome => self.settle(record, outcome),
            }
        }
        self.look_at_refused(company, refused).await;
    }

    /// A refusal says nothing about an earlier attempt that nobody remembers: what is there all
    /// the same is posted.
    async fn look_at_refused(
        &mut self,
        company: &Company,
        refused: Vec<(Record, TimeRow, OdooError)>,
    ) {
        if refused.is_empty() || self.broken.is_some() {
            for (record, _, error) in refused {
                self.settle(record, Err(error));
            }
            return;
        }
        let rows: Vec<TimeRow> = refused.iter().map(|(_, row, _)| row.clone()).collect();
        let looks = time::look(self.odoo, self.memory, company, &rows).await;
        for ((record, _, error), look) in refused.into_iter().zip(looks) {
            match look {
                Ok(Look::Same(posted)) => self.settle(record, Ok(posted)),
                Ok(Look::Different { differs, .. }) => self.settle(record, Err(differs)),
                Ok(Look::Absent) => self.settle(record, Err(error)),
                // A bad row may be what cannot be looked for: a person who is not in Odoo.
                Err(look) if look.is_about_the_record() => self.settle(record, Err(error)),
                Err(look) => self.settle(record, Err(look)),
            }
        }
    }

    async fn change(
        &mut self,
        company: &Company,
        changes: impl Iterator<Item = (Record, TimeChange)>,
    ) {
        let (records, changes): (Vec<_>, Vec<_>) = changes.unzip();
        let outcomes = match &self.broken {
            Some(error) => changes.iter().map(|_| Err(error.clone())).collect(),
            None => time::change(self.odoo, self.memory, company, &changes).await,
        };
        for (record, outcome) in records.into_iter().zip(outcomes) {
            self.settle(record, outcome);
        }
    }

    fn settle(&mut self, record: Record, outcome: Result<Posted, OdooError>) {
        if let Err(error) = &outcome
            && !error.is_about_the_record()
        {
            self.broken = Some(error.clone().of_what_was_not_sent());
        }
        self.outcomes
            .push((record, outcome.map_err(PostError::from)));
    }
}

/// A new entry, of which nothing is in Odoo.
const fn new_hours(row: &TimeRow) -> (&TimeRow, Decimal) {
    (row, Decimal::ZERO)
}

/// A changed entry, and the billable hours that are in Odoo.
fn changed_hours(change: &TimeChange) -> (&TimeRow, Decimal) {
    let before = change.before.first().map(|row| row.time.billable);
    (&change.after, before.unwrap_or_default())
}

/// The ledger was rebuilt and knew the entry.
fn deleted() -> OdooError {
    OdooError::Differs {
        differences: vec!["it was deleted in Odoo; it is not made again".to_owned()],
    }
}
