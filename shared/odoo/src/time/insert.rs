//! Entries that are new in Odoo.

use std::collections::{BTreeMap, BTreeSet};

use domain::command::Company;
use domain::record::Posted;

use super::analytic::{self, MODEL};
use super::content;
use super::found::{self, Line};
use super::read_back::compare;
use super::rows::{FIELDS, Part, TimeRow, cells, parts_of, posted};
use super::task;
use crate::isolate::{Group, GroupOutcome};
use crate::memory::Memory;
use crate::{Context, Odoo, OdooError};

/// Logs entries that Odoo does not have; a bad one does not hold the others. One that is there all
/// the same is left as it is, and compared. [`Posted::id`] is the billable line, or the only one.
pub async fn insert(
    odoo: &Odoo,
    memory: &Memory,
    company: &Company,
    rows: &[TimeRow],
) -> Vec<Result<Posted, OdooError>> {
    let context = Context::of(company).untracked();
    let rows: Vec<&TimeRow> = rows.iter().collect();
    let parts: Vec<Result<Vec<Part>, OdooError>> = (parts_of(odoo, memory, &context, &rows).await)
        .into_iter()
        .map(with_hours)
        .collect();
    let good: Vec<&Vec<Part>> = parts.iter().flatten().collect();
    let loaded = load(odoo, memory, &context, &good).await;
    let ids: Vec<i64> = loaded.iter().flatten().flatten().copied().collect();
    let plans = content::used(
        good.iter()
            .flat_map(|parts| parts.iter())
            .map(|p| &p.content),
    );
    let found = found::by_id(odoo, &context, &ids, &plans).await;
    let mut loaded = loaded.into_iter();
    let outcome = |parts: Result<Vec<Part>, OdooError>| {
        let parts = parts?;
        let ids = loaded.next().unwrap_or(Err(OdooError::Defect {
            what: "a time entry was left out of the load",
        }))?;
        check(&parts, ids, found.as_ref().map_err(Clone::clone)?)
    };
    parts.into_iter().map(outcome).collect()
}

/// A `load` for all entries with the same columns: a cell that is blank would be written.
async fn load(
    odoo: &Odoo,
    memory: &Memory,
    context: &Context,
    entries: &[&Vec<Part>],
) -> Vec<GroupOutcome> {
    let mut by_columns = BTreeMap::<(BTreeSet<String>, bool), Vec<(usize, &Vec<Part>)>>::new();
    for (position, parts) in entries.iter().enumerate() {
        let plans = content::used(parts.iter().map(|part| &part.content));
        let on_task = parts.iter().any(|part| part.content.task.is_said());
        let alike = by_columns.entry((plans, on_task)).or_default();
        alike.push((position, parts));
    }
    let mut outcomes = BTreeMap::new();
    for ((plans, on_task), entries) in by_columns {
        let own = analytic::fields(&plans);
        let fields: Vec<&str> = (FIELDS.into_iter())
            .chain(on_task.then_some(task::FIELD))
            .chain(own.iter().map(String::as_str))
            .collect();
        let row = |part: &Part| cells(part, on_task, &plans);
        let group = |parts: &Vec<Part>| parts.iter().map(row).collect();
        let groups: Vec<Group> = entries.iter().map(|(_, parts)| group(parts)).collect();
        let loaded = odoo.load_groups(memory, context, MODEL, &fields, &groups);
        let positions = entries.iter().map(|(position, _)| *position);
        outcomes.extend(positions.zip(loaded.await));
    }
    outcomes.into_values().collect()
}

fn with_hours(parts: Result<Vec<Part>, OdooError>) -> Result<Vec<Part>, OdooError> {
    match parts {
        Ok(parts) if parts.is_empty() => Err(OdooError::refused("a time entry without hours")),
        parts => parts,
    }
}

fn check(parts: &[Part], ids: Vec<i64>, found: &BTreeMap<i64, Line>) -> Result<Posted, OdooError> {
    compare(parts.iter().zip(ids.iter().map(|id| found.get(id))))?;
    Ok(posted(ids))
}
