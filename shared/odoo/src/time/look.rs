//! Entries that may be in Odoo already.

use std::collections::{BTreeMap, BTreeSet};

use domain::command::Company;
use domain::record::Posted;

use super::content;
use super::found::{self, ENTRIES_AT_ONCE, Line};
use super::read_back::compare;
use super::rows::{Part, TimeRow, parts_of, posted};
use crate::memory::Memory;
use crate::{Context, Odoo, OdooError};

/// Whether an entry is in Odoo.
#[derive(Debug, Clone)]
pub enum Look {
    /// No line of it is there.
    Absent,
    /// It is there with the same content.
    Same(Posted),
    /// Something of it is there, and not as it would be sent.
    Different {
        /// Where it is.
        posted: Posted,
        /// What Odoo has and what is expected.
        differs: OdooError,
    },
}

/// Looks for entries by the id of their source (`ref`): two calls for up to 2,500 of them, one
/// where there is nothing. Writes nothing.
pub async fn look(
    odoo: &Odoo,
    memory: &Memory,
    company: &Company,
    rows: &[TimeRow],
) -> Vec<Result<Look, OdooError>> {
    let context = Context::of(company).untracked();
    let mut outcomes = Vec::with_capacity(rows.len());
    for some in rows.chunks(ENTRIES_AT_ONCE) {
        outcomes.extend(look_at(odoo, memory, &context, some).await);
    }
    outcomes
}

async fn look_at(
    odoo: &Odoo,
    memory: &Memory,
    context: &Context,
    rows: &[TimeRow],
) -> Vec<Result<Look, OdooError>> {
    let entries: Vec<&str> = rows.iter().map(|row| row.reference.id()).collect();
    let mut found = match found::by_entry(odoo, context, &entries, &BTreeSet::new()).await {
        Ok(found) => found,
        Err(error) => return rows.iter().map(|_| Err(error.clone())).collect(),
    };
    let names: BTreeSet<String> = found.keys().cloned().collect();
    let is_there = |row: &&TimeRow| (row.external_ids().iter()).any(|name| names.contains(name));
    let there: Vec<&TimeRow> = rows.iter().filter(is_there).collect();
    let parts = parts_of(odoo, memory, context, &there).await;
    let plans = content::used(parts.iter().flatten().flatten().map(|part| &part.content));
    if let Err(error) = with_plans(odoo, context, &plans, &mut found).await {
        return rows.iter().map(|_| Err(error.clone())).collect();
    }
    let mut parts = parts.into_iter();
    let outcome = |row: &TimeRow| match is_there(&row) {
        true => Ok(judged(
            row,
            &parts.next().unwrap_or(Ok(Vec::new()))?,
            &found,
        )),
        false => Ok(Look::Absent),
    };
    rows.iter().map(outcome).collect()
}

/// The columns of analytic plans of lines that were found.
async fn with_plans(
    odoo: &Odoo,
    context: &Context,
    plans: &BTreeSet<String>,
    found: &mut BTreeMap<String, Line>,
) -> Result<(), OdooError> {
    let mut lines: BTreeMap<i64, Line> = (found.values())
        .map(|line| (line.id, line.clone()))
        .collect();
    found::read_plans(odoo, context, plans, &mut lines).await?;
    for line in found.values_mut() {
        if let Some(read) = lines.get(&line.id) {
            *line = read.clone();
        }
    }
    Ok(())
}

fn judged(row: &TimeRow, parts: &[Part], found: &BTreeMap<String, Line>) -> Look {
    let pairs = || (parts.iter()).map(|part| (part, found.get(&part.external_id)));
    let names = row.external_ids();
    let there = names.iter().filter_map(|name| found.get(name));
    let posted = posted(there.map(|line| line.id));
    if let Err(differs) = compare(pairs()) {
        return Look::Different { posted, differs };
    }
    let wanted = |name: &&String| parts.iter().any(|part| part.external_id == **name);
    // A part that the entry no longer has stays in Odoo with no hours.
    let surplus = names.iter().filter(|name| !wanted(name));
    let with_hours = surplus
        .filter_map(|name| found.get(name))
        .find(|line| !line.content.hours.is_zero());
    if let Some(line) = with_hours {
        let hours = line.content.hours.normalize();
        let differs = OdooError::differs(format!(
            "Odoo has a line with {hours} hours for it that is not expected"
        ));
        return Look::Different { posted, differs };
    }
    Look::Same(posted)
}
