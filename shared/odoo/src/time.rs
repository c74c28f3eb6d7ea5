//! Approved work as timesheet lines (`account.analytic.line`).
//!
//! An entry becomes one line with the billable hours on its order line, and one line on no order
//! line with what is left of the worked hours: negative when more is billed than was worked.
//! Together they cost the worked hours and deliver the billable ones.

use std::collections::BTreeMap;

use domain::command::{Company, LogTime};
use domain::record::Posted;
use domain::{DecimalText, Reference};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::answer::OrFalse;
use crate::differences::Differences;
use crate::load::{Row, flag, link};
use crate::{Context, Odoo, OdooError};

const MODEL: &str = "account.analytic.line";
/// 500 rows take about four seconds; Odoo ends a call after 120.
const ROWS: usize = 500;
const FIELDS: [&str; 9] = [
    "id",
    "project_id/.id",
    "employee_id/.id",
    "date",
    "unit_amount",
    "name",
    "ref",
    "so_line/.id",
    "is_so_line_edited",
];

/// An entry with what the ledger knows about its surroundings.
#[derive(Debug, Clone)]
pub struct TimeRow {
    /// The entry.
    pub reference: Reference,
    /// The Odoo project it is on.
    pub project_id: i64,
    /// The order line that bills its billable hours.
    pub line: Reference,
    /// The work.
    pub time: LogTime,
}

/// One timesheet line of an entry.
struct Part {
    external_id: String,
    entry: String,
    project_id: i64,
    employee_id: i64,
    date: Date,
    hours: Decimal,
    text: String,
    line_id: Option<i64>,
}

#[derive(Deserialize)]
struct Logged {
    id: i64,
    so_line: OrFalse<i64>,
    unit_amount: DecimalText,
    employee_id: OrFalse<i64>,
    project_id: OrFalse<i64>,
    amount: DecimalText,
    date: Date,
}

/// Logs entries; a bad one does not hold the others. [`Posted::id`] is the billable line, or the
/// only one.
pub async fn log(
    odoo: &Odoo,
    company: &Company,
    rows: &[TimeRow],
) -> Vec<(Reference, Result<Posted, OdooError>)> {
    let context = Context::of(company).untracked();
    let mut known = Known::default();
    let mut outcomes = BTreeMap::new();
    let mut ready: Vec<(usize, Vec<Part>)> = Vec::new();
    for (position, row) in rows.iter().enumerate() {
        match parts(odoo, &context, row, &mut known).await {
            Ok(parts) => ready.push((position, parts)),
            Err(error) => {
                outcomes.insert(position, Err(error));
            }
        }
    }
    // No entry has more than two lines.
    for batch in ready.chunks(ROWS / 2) {
        let groups: Vec<Vec<Row>> = (batch.iter())
            .map(|(_, parts)| parts.iter().map(cells).collect())
            .collect();
        let loaded = odoo.load_groups(&context, MODEL, &FIELDS, &groups).await;
        for ((position, _), outcome) in batch.iter().zip(check(odoo, &context, batch, loaded).await)
        {
            outcomes.insert(*position, outcome);
        }
    }
    (rows.iter().map(|row| row.reference.clone()))
        .zip(outcomes.into_values())
        .collect()
}

/// External ids already looked up for this batch.
#[derive(Default)]
struct Known(BTreeMap<String, i64>);

impl Known {
    async fn resolve(
        &mut self,
        odoo: &Odoo,
        context: &Context,
        external_id: &str,
    ) -> Result<i64, OdooError> {
        if let Some(id) = self.0.get(external_id) {
            return Ok(*id);
        }
        let id = odoo.resolve(context, external_id).await?;
        self.0.insert(external_id.to_owned(), id);
        Ok(id)
    }
}

async fn parts(
    odoo: &Odoo,
    context: &Context,
    row: &TimeRow,
    known: &mut Known,
) -> Result<Vec<Part>, OdooError> {
    let time = &row.time;
    let employee_id = known.resolve(odoo, context, &time.employee).await?;
    let narration = match time.narration.0.trim() {
        "" => "/",
        text => text,
    };
    let part = |reference: &Reference, hours, text, line_id| Part {
        external_id: reference.external_id(),
        entry: row.reference.id().to_owned(),
        project_id: row.project_id,
        employee_id,
        date: time.date,
        hours,
        text,
        line_id,
    };
    let mut parts = Vec::new();
    if time.billable > Decimal::ZERO {
        let line = known
            .resolve(odoo, context, &row.line.external_id())
            .await?;
        let text = narration.to_owned();
        parts.push(part(&row.reference, time.billable, text, Some(line)));
    }
    let unbilled = time.worked - time.billable.max(Decimal::ZERO);
    if !unbilled.is_zero() {
        let text = match &time.unbilled_because {
            Some(reason) => format!("{narration} ({reason})"),
            None => narration.to_owned(),
        };
        let own = row.reference.sibling("time_entry_unbilled");
        parts.push(part(&own, unbilled, text, None));
    }
    if parts.is_empty() {
        return Err(OdooError::refused("a time entry without hours"));
    }
    Ok(parts)
}

fn cells(part: &Part) -> Row {
    vec![
        part.external_id.clone(),
        part.project_id.to_string(),
        part.employee_id.to_string(),
        part.date.to_string(),
        part.hours.to_string(),
        part.text.clone(),
        part.entry.clone(),
        link(part.line_id),
        // Else the next change of the project's default line moves the hours to another price.
        flag(true),
    ]
}

/// Reads back all lines of the batch in one call and gives each entry its outcome.
async fn check(
    odoo: &Odoo,
    context: &Context,
    batch: &[(usize, Vec<Part>)],
    loaded: Vec<Result<Vec<i64>, OdooError>>,
) -> Vec<Result<Posted, OdooError>> {
    let ids: Vec<i64> = loaded.iter().flatten().flatten().copied().collect();
    let fields = [
        "so_line",
        "unit_amount",
        "employee_id",
        "project_id",
        "amount",
        "date",
    ];
    let read: Result<Vec<Logged>, OdooError> = match ids.is_empty() {
        true => Ok(Vec::new()),
        false => odoo.read(context, MODEL, &ids, &fields).await,
    };
    (batch.iter().zip(loaded))
        .map(|((_, parts), ids)| {
            let ids = ids?;
            let found = read.as_ref().map_err(Clone::clone)?;
            compare(parts, &ids, found)?;
            let mut ids = ids.into_iter();
            Ok(Posted {
                model: MODEL.to_owned(),
                id: ids.next().unwrap_or_default(),
                others: ids.collect(),
                name: None,
            })
        })
        .collect()
}

fn compare(parts: &[Part], ids: &[i64], found: &[Logged]) -> Result<(), OdooError> {
    let mut differences = Differences::default();
    for (part, id) in parts.iter().zip(ids) {
        let Some(line) = found.iter().find(|line| line.id == *id) else {
            differences.add(format!("the time line {id} cannot be read back"));
            continue;
        };
        let what = match part.line_id {
            Some(_) => "billable time",
            None => "unbilled time",
        };
        differences.expect_number(&format!("{what}: hours"), part.hours, line.unit_amount.0);
        differences.expect(
            &format!("{what}: order line"),
            &part.line_id,
            &line.so_line.0,
        );
        let employee = Some(part.employee_id);
        differences.expect(&format!("{what}: employee"), &employee, &line.employee_id.0);
        let project = Some(part.project_id);
        differences.expect(&format!("{what}: project"), &project, &line.project_id.0);
        differences.expect(&format!("{what}: day"), &part.date, &line.date);
        let cost = line.amount.0;
        if !cost.is_zero() && cost.is_sign_negative() != part.hours.is_sign_positive() {
            differences.add(format!("{what}: {} hours cost {}", part.hours, cost));
        }
    }
    differences.finish()
}
