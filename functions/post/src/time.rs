//! Time entries, all of a company in as few calls as possible.

use std::collections::BTreeMap;

use domain::Record;
use domain::command::{Command, Company};
use domain::record::Posted;
use odoo::time::{Look, TimeChange, TimeRow};
use odoo::{Memory, Odoo, OdooError, time};

use crate::Post;
use crate::error::PostError;
use crate::flows::Outcome;
use crate::job::{Job, Past};
use crate::targets::Targets;

/// The entries of one company, by what is known about their past.
#[derive(Default)]
struct Work {
    new: Vec<(Record, TimeRow)>,
    maybe_sent: Vec<(Record, TimeRow)>,
    in_odoo: Vec<(Record, TimeChange)>,
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
                        Prepared::MaybeSent(row) => work.maybe_sent.push((record, row)),
                        Prepared::InOdoo(change) => work.in_odoo.push((record, change)),
                    }
                }
                // Without the table we know nothing: the whole batch waits.
                Err(PostError::Store(error)) => return Err(PostError::Store(error)),
                Err(error) => run.outcomes.push((record, Err(error))),
            }
        }
        for (company, work) in companies.into_values() {
            let absent = run.look(&company, work.maybe_sent).await;
            run.insert(&company, absent.into_iter().chain(work.new))
                .await;
            run.change(&company, work.in_odoo).await;
        }
        Ok(run.outcomes)
    }

    async fn prepare(
        &self,
        targets: &mut Targets,
        record: &Record,
        past: Past,
    ) -> Result<(Company, Prepared), PostError> {
        let (company, row) = self.row(targets, record).await?;
        let prepared = match past {
            Past::New => Prepared::New(row),
            Past::MaybeSent => Prepared::MaybeSent(row),
            Past::InOdoo { version, posted } => Prepared::InOdoo(TimeChange {
                before: self.row(targets, &version).await?.1,
                after: row,
                posted,
                policies: record.policies,
            }),
        };
        Ok((company, prepared))
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
        let row = TimeRow {
            reference: reference.clone(),
            project_id: target.project_id,
            line: target.line(&time)?.reference.clone(),
            time,
        };
        Ok((target.company.clone(), row))
    }
}

enum Prepared {
    New(TimeRow),
    MaybeSent(TimeRow),
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
    /// What is there with the same content is posted. Returns what is absent: an absence proves
    /// something, because nobody sends before an earlier worker's call must have ended.
    async fn look(
        &mut self,
        company: &Company,
        maybe_sent: Vec<(Record, TimeRow)>,
    ) -> Vec<(Record, TimeRow)> {
        let (records, rows): (Vec<_>, Vec<_>) = maybe_sent.into_iter().unzip();
        let looks = match &self.broken {
            Some(error) => rows.iter().map(|_| Err(error.clone())).collect(),
            None => time::look(self.odoo, self.memory, company, &rows).await,
        };
        let mut absent = Vec::new();
        for ((record, row), look) in records.into_iter().zip(rows).zip(looks) {
            match look {
                Ok(Look::Absent) => absent.push((record, row)),
                Ok(Look::Same(posted)) => self.settle(record, Ok(posted)),
                Ok(Look::Different(differs)) => self.settle(record, Err(differs)),
                Err(error) => self.settle(record, Err(error)),
            }
        }
        absent
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
                Ok(Look::Different(differs)) => self.settle(record, Err(differs)),
                Ok(Look::Absent) => self.settle(record, Err(error)),
                // A bad row may be what cannot be looked for: a person who is not in Odoo.
                Err(look) if look.is_about_the_record() => self.settle(record, Err(error)),
                Err(look) => self.settle(record, Err(look)),
            }
        }
    }

    async fn change(&mut self, company: &Company, changes: Vec<(Record, TimeChange)>) {
        let (records, changes): (Vec<_>, Vec<_>) = changes.into_iter().unzip();
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
