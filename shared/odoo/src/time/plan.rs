//! What a change writes for one entry.

use std::collections::{BTreeMap, BTreeSet};

use domain::policy::TimePolicies;
use domain::record::Posted;

use super::content::Content;
use super::found::Line;
use super::rows::{Part, TimeRow};
use super::task::OnTask;
use super::three_way::{Column, Merged, merge};
use crate::OdooError;
use crate::differences::Differences;

/// An entry whose source has changed it.
#[derive(Debug, Clone)]
pub struct TimeChange {
    /// As it may be in Odoo: the version that was posted last, and before it, newest first, those
    /// that may have been sent since.
    pub before: Vec<TimeRow>,
    /// As it shall be.
    pub after: TimeRow,
    /// Where it is.
    pub posted: Posted,
    /// Who decides where a person has changed it too.
    pub policies: TimePolicies,
}

/// One line of a changed entry.
#[derive(Debug)]
pub(super) struct Planned {
    /// The line in Odoo; none when this part of the entry is new.
    pub(super) id: Option<i64>,
    /// What it will say.
    pub(super) part: Part,
}

/// What is written for one entry, in one call.
#[derive(Debug)]
pub(super) struct Plan {
    /// Its lines: the billable one first.
    pub(super) lines: Vec<Planned>,
    /// What differs in at least one of them.
    pub(super) columns: BTreeSet<Column>,
}

impl Plan {
    /// Whether one of its lines is new.
    pub(super) fn inserts(&self) -> bool {
        self.lines.iter().any(|line| line.id.is_none())
    }

    /// Whether Odoo says everything already.
    pub(super) fn is_done(&self) -> bool {
        self.columns.is_empty() && !self.inserts()
    }

    /// All lines go on the task of the newest version, where one says it, and wherever project and order
    /// line are written: Odoo would leave the task of the ones before.
    fn put_on_tasks<'a>(&mut self, versions: impl Iterator<Item = &'a [Part]>) {
        let tasks: Vec<OnTask> = versions
            .filter_map(|parts| parts.first())
            .map(|part| part.content.task)
            .collect();
        let moves = self.columns.contains(&Column::Contract) || self.inserts();
        if !moves || !tasks.iter().any(|task| task.is_said()) {
            return;
        }
        let task = OnTask::Said(tasks.last().and_then(|task| task.id()));
        for line in &mut self.lines {
            line.part.content.task = task;
        }
        self.columns.insert(Column::Task);
    }

    fn add(&mut self, change: &TimeChange, name: &str, id: i64, merged: Merged) {
        let reference = &change.after.reference;
        if !merged.restored.is_empty() {
            tracing::info!(%reference, line = id, fields = ?merged.restored, "a person's values are replaced by those of the source");
        }
        self.columns.extend(merged.written);
        self.lines.push(Planned {
            id: Some(id),
            part: Part {
                external_id: name.to_owned(),
                entry: reference.id().to_owned(),
                content: merged.content,
            },
        });
    }
}

/// Compares an entry's parts with its lines. Everything that a person must decide is one error.
pub(super) fn plan(
    change: &TimeChange,
    before: &[Vec<Part>],
    after: &[Part],
    found: &BTreeMap<String, Line>,
) -> Result<Plan, OdooError> {
    let mut plan = Plan {
        lines: Vec::new(),
        columns: BTreeSet::new(),
    };
    let mut differences = Differences::default();
    for id in deleted(change, found) {
        differences.add(format!(
            "time line {id} was deleted in Odoo; it is not made again"
        ));
    }
    let names = change.after.external_ids();
    let before = closest(before, &names, found);
    for (name, what) in names.iter().zip(["billable time", "unbilled time"]) {
        let after = part(after, name);
        let Some(line) = found.get(name) else {
            let new = after.map(|part| Planned {
                id: None,
                part: part.clone(),
            });
            plan.lines.extend(new);
            continue;
        };
        let before: Vec<Option<&Content>> = (before.iter())
            .map(|parts| part(parts, name).map(content))
            .collect();
        let after = after.map(content);
        let merged = merge(&change.policies, &before, &line.content, after);
        for conflict in &merged.conflicts {
            differences.add(format!("{what}: {conflict}"));
        }
        plan.add(change, name, line.id, merged);
    }
    differences.finish()?;
    plan.put_on_tasks(before.iter().copied().chain([after]));
    Ok(plan)
}

/// The lines that were posted and are not there any more.
fn deleted(change: &TimeChange, found: &BTreeMap<String, Line>) -> Vec<i64> {
    let names = change.after.external_ids();
    let lines = names.iter().filter_map(|name| found.get(name));
    let there: Vec<i64> = lines.map(|line| line.id).collect();
    let posted = std::iter::once(&change.posted.id).chain(&change.posted.others);
    (posted.copied()).filter(|id| !there.contains(id)).collect()
}

/// The versions that Odoo may have, as far as its lines tell: those with which all lines together
/// share most. One call writes all lines of an entry, so one version explains all of them.
fn closest<'a>(
    versions: &'a [Vec<Part>],
    names: &[String],
    found: &BTreeMap<String, Line>,
) -> Vec<&'a [Part]> {
    let shared = |parts: &[Part], name: &String| match (part(parts, name), found.get(name)) {
        (Some(part), Some(line)) => part.content.shared(&line.content),
        // Had the part no hours, its line has none or was never made, and nothing else counts.
        (None, None) => Content::FIELDS,
        (None, Some(line)) if line.content.hours.is_zero() => Content::FIELDS,
        (None, Some(_)) | (Some(_), None) => 0,
    };
    let all = |parts: &[Part]| names.iter().map(|name| shared(parts, name)).sum::<usize>();
    let most = versions.iter().map(|parts| all(parts)).max();
    let versions = versions.iter().map(Vec::as_slice);
    versions.filter(|parts| Some(all(parts)) == most).collect()
}

fn part<'a>(parts: &'a [Part], name: &str) -> Option<&'a Part> {
    parts.iter().find(|part| part.external_id == *name)
}

fn content(part: &Part) -> &Content {
    &part.content
}
