//! Timesheet lines as they are in Odoo.

use std::collections::{BTreeMap, BTreeSet};

use domain::DecimalText;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::json;

use super::analytic::MODEL;
use super::content::Content;
use super::task::OnTask;
use crate::answer::OrFalse;
use crate::{Context, Odoo, OdooError};

/// How many lines are read in one call; 5,000 are about 2 MiB.
const READ_AT_ONCE: usize = 5_000;

/// An entry has up to two lines.
pub(super) const ENTRIES_AT_ONCE: usize = READ_AT_ONCE / 2;

const FIELDS: [&str; 7] = [
    "so_line",
    "unit_amount",
    "employee_id",
    "project_id",
    "amount",
    "date",
    "name",
];

#[derive(Deserialize)]
struct Raw {
    id: i64,
    so_line: OrFalse<i64>,
    unit_amount: DecimalText,
    employee_id: OrFalse<i64>,
    project_id: OrFalse<i64>,
    amount: DecimalText,
    date: Date,
    name: OrFalse<String>,
}

/// A line in Odoo.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) id: i64,
    pub(super) cost: Decimal,
    pub(super) content: Content,
}

impl From<Raw> for Line {
    fn from(raw: Raw) -> Self {
        Self {
            id: raw.id,
            cost: raw.amount.0,
            content: Content {
                hours: raw.unit_amount.0,
                date: raw.date,
                employee_id: raw.employee_id.0,
                project_id: raw.project_id.0,
                line_id: raw.so_line.0,
                text: raw.name.0.unwrap_or_default(),
                task: OnTask::NotSaid,
                analytic: None,
            },
        }
    }
}

/// Adds what lines have in some columns; nothing is asked where there are none.
pub(super) async fn read_plans(
    odoo: &Odoo,
    context: &Context,
    columns: &BTreeSet<String>,
    lines: &mut BTreeMap<i64, Line>,
) -> Result<(), OdooError> {
    if columns.is_empty() || lines.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = lines.keys().copied().collect();
    let fields: Vec<&str> = columns.iter().map(String::as_str).collect();
    let rows: Vec<BTreeMap<String, OrFalse<i64>>> =
        odoo.read(context, MODEL, &ids, &fields).await?;
    for mut row in rows {
        let id = row.remove("id").and_then(|id| id.0);
        let Some(line) = id.and_then(|id| lines.get_mut(&id)) else {
            continue;
        };
        let filled = |(column, account): (String, OrFalse<i64>)| Some((column, account.0?));
        line.content.analytic = Some(row.into_iter().filter_map(filled).collect());
    }
    Ok(())
}

/// Lines by database id, with the columns of these analytic plans. What no longer exists is left out.
pub(super) async fn by_id(
    odoo: &Odoo,
    context: &Context,
    ids: &[i64],
    plans: &BTreeSet<String>,
) -> Result<BTreeMap<i64, Line>, OdooError> {
    let mut found = BTreeMap::new();
    for some in ids.chunks(READ_AT_ONCE) {
        let lines: Vec<Raw> = odoo.read(context, MODEL, some, &FIELDS).await?;
        let mut lines: BTreeMap<i64, Line> = (lines.into_iter())
            .map(|raw| (raw.id, Line::from(raw)))
            .collect();
        read_plans(odoo, context, plans, &mut lines).await?;
        found.extend(lines);
    }
    Ok(found)
}

/// Lines with one of these `ref`s, by the external id of each. A `ref` is a natural key only: it
/// says where to look, the external id says whether the line is ours.
pub(super) async fn by_entry(
    odoo: &Odoo,
    context: &Context,
    entries: &[&str],
    plans: &BTreeSet<String>,
) -> Result<BTreeMap<String, Line>, OdooError> {
    let arguments = json!({
        "domain": [["ref", "in", entries], ["project_id", "!=", false]],
        "fields": FIELDS,
        "load": null,
    });
    let lines: Vec<Raw> = odoo.call(MODEL, "search_read", context, arguments).await?;
    let mut lines: BTreeMap<i64, Line> = (lines.into_iter())
        .map(|raw| (raw.id, Line::from(raw)))
        .collect();
    read_plans(odoo, context, plans, &mut lines).await?;
    named(odoo, context, &lines).await
}

/// The same lines by external id. A line may have several, and none of them may be ours.
pub(super) async fn named(
    odoo: &Odoo,
    context: &Context,
    lines: &BTreeMap<i64, Line>,
) -> Result<BTreeMap<String, Line>, OdooError> {
    let mut named = BTreeMap::new();
    let ids: Vec<i64> = lines.keys().copied().collect();
    for some in ids.chunks(READ_AT_ONCE) {
        for (name, id) in odoo.names_of(context, MODEL, some).await? {
            if let Some(line) = lines.get(&id) {
                named.insert(name, line.clone());
            }
        }
    }
    Ok(named)
}
