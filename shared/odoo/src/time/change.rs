//! Entries that Odoo has in an older version.

use std::collections::{BTreeMap, BTreeSet};

use domain::command::Company;
use domain::record::Posted;

use super::content;
use super::found::{self, ENTRIES_AT_ONCE, Line};
use super::plan::{Plan, TimeChange, plan};
use super::read_back::compare;
use super::rows::{Part, TimeRow, parts_of, posted};
use super::write::write_all;
use crate::memory::Memory;
use crate::{Context, Odoo, OdooError};

/// Writes what the source changed, and nothing else. What a person changed meanwhile is kept,
/// replaced or a difference, as the policies say. A line that was deleted is a difference, never
/// made again. A part of an entry that has no hours any more keeps its line, with 0 hours.
pub async fn change(
    odoo: &Odoo,
    memory: &Memory,
    company: &Company,
    changes: &[TimeChange],
) -> Vec<Result<Posted, OdooError>> {
    let context = Context::of(company).untracked();
    let plans = plans(odoo, memory, &context, changes).await;
    let open: Vec<&Plan> = (plans.iter().flatten())
        .filter(|plan| !plan.is_done())
        .collect();
    let written = write_all(odoo, memory, &context, &open).await;
    let checked = check(odoo, &context, &open, written).await;
    let mut checked = checked.into_iter();
    let outcome = |plan: Result<Plan, OdooError>| {
        let plan = plan?;
        match plan.is_done() {
            true => Ok(posted(plan.lines.iter().filter_map(|line| line.id))),
            false => checked.next().unwrap_or(Err(OdooError::Defect {
                what: "a changed time entry was left out",
            })),
        }
    };
    plans.into_iter().map(outcome).collect()
}

async fn plans(
    odoo: &Odoo,
    memory: &Memory,
    context: &Context,
    changes: &[TimeChange],
) -> Vec<Result<Plan, OdooError>> {
    let befores: Vec<&TimeRow> = changes.iter().flat_map(|change| &change.before).collect();
    let afters: Vec<&TimeRow> = changes.iter().map(|change| &change.after).collect();
    let befores = parts_of(odoo, memory, context, &befores).await.into_iter();
    let afters = parts_of(odoo, memory, context, &afters).await;
    let befores: Vec<Parts> = befores.collect();
    let parts = befores.iter().chain(&afters).flatten().flatten();
    let plans = content::used(parts.map(|part| &part.content));
    let found = lines(odoo, context, changes, &plans).await;
    let mut befores = befores.into_iter();
    let planned = |(change, after): (&TimeChange, Parts)| {
        let before: Result<Vec<Vec<Part>>, OdooError> =
            befores.by_ref().take(change.before.len()).collect();
        let found = found.as_ref().map_err(Clone::clone)?;
        plan(change, &before?, &after?, found)
    };
    changes.iter().zip(afters).map(planned).collect()
}

/// The lines of some entries, by external id: those that are known, and those that a version may
/// have added of which nobody knows whether it was sent.
async fn lines(
    odoo: &Odoo,
    context: &Context,
    changes: &[TimeChange],
    plans: &BTreeSet<String>,
) -> Result<BTreeMap<String, Line>, OdooError> {
    let ids = |change: &TimeChange| {
        let Posted { id, others, .. } = &change.posted;
        [&[*id], others.as_slice()].concat()
    };
    let ids: Vec<i64> = changes.iter().flat_map(ids).collect();
    let known = found::by_id(odoo, context, &ids, plans).await?;
    let mut lines = found::named(odoo, context, &known).await?;
    let uncertain = |change: &&TimeChange| change.before.len() > 1;
    let uncertain = changes.iter().filter(uncertain);
    let entries: Vec<&str> = uncertain.map(|c| c.after.reference.id()).collect();
    for some in entries.chunks(ENTRIES_AT_ONCE) {
        lines.extend(found::by_entry(odoo, context, some, plans).await?);
    }
    Ok(lines)
}

type Parts = Result<Vec<Part>, OdooError>;

/// Reads everything that was written back in as few calls as possible.
async fn check(
    odoo: &Odoo,
    context: &Context,
    plans: &[&Plan],
    written: Vec<Result<Vec<i64>, OdooError>>,
) -> Vec<Result<Posted, OdooError>> {
    let ids: Vec<i64> = written.iter().flatten().flatten().copied().collect();
    let lines = plans.iter().flat_map(|plan| &plan.lines);
    let columns = content::used(lines.map(|line| &line.part.content));
    let found = match ids.is_empty() {
        true => Ok(BTreeMap::new()),
        false => found::by_id(odoo, context, &ids, &columns).await,
    };
    let outcome = |(plan, ids): (&&Plan, Result<Vec<i64>, OdooError>)| {
        let ids = ids?;
        let found = found.as_ref().map_err(Clone::clone)?;
        let lines = plan.lines.iter().map(|line| &line.part);
        compare(lines.zip(ids.iter().map(|id| found.get(id))))?;
        Ok(posted(ids))
    };
    plans.iter().zip(written).map(outcome).collect()
}
