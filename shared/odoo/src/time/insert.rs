//! Entries that are new in Odoo.

use std::collections::BTreeMap;

use domain::command::Company;
use domain::record::Posted;

use super::found::{self, Line};
use super::read_back::compare;
use super::rows::{FIELDS, MODEL, Part, TimeRow, cells, parts_of, posted};
use crate::isolate::Group;
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
    let groups: Vec<Group> = (parts.iter().flatten())
        .map(|parts| parts.iter().map(cells).collect())
        .collect();
    let loaded = odoo.load_groups(memory, &context, MODEL, &FIELDS, &groups);
    let loaded = loaded.await;
    let ids: Vec<i64> = loaded.iter().flatten().flatten().copied().collect();
    let found = found::by_id(odoo, &context, &ids).await;
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
