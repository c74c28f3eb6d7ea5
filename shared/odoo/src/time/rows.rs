//! From an entry to the lines it becomes.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::Reference;
use domain::command::LogTime;
use domain::record::Posted;
use rust_decimal::Decimal;
use serde_json::json;

use super::analytic::{self, Columns, MODEL};
use super::content::{self, Content};
use super::task::{self, OnTask, Tasks};
use crate::cost_center;
use crate::load::{Row, flag, link};
use crate::memory::{Memory, Resolved, Wanted};
use crate::{Context, Odoo, OdooError};

/// An entry with what the ledger knows about its surroundings.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeRow {
    /// The entry.
    pub reference: Reference,
    /// The Odoo project it is on.
    pub project_id: i64,
    /// The order line that bills its billable hours.
    pub line: Reference,
    /// The work.
    pub time: LogTime,
    /// Whether Odoo made the project: then the hours go on the task of their order line.
    pub on_task: bool,
}

/// One timesheet line of an entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) external_id: String,
    /// The entry's id in its source, which people find the line by (`ref`).
    pub(super) entry: String,
    pub(super) content: Content,
}

/// The columns of [`cells`].
pub(super) const FIELDS: [&str; 9] = [
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

/// A new line, with its task, where one is said of some, and the columns of analytic plans behind the
/// others.
pub(super) fn cells(part: &Part, with_task: bool, plans: &BTreeSet<String>) -> Row {
    let content = &part.content;
    let mut row = vec![
        part.external_id.clone(),
        link(content.project_id),
        link(content.employee_id),
        content.date.to_string(),
        content.hours.to_string(),
        content.text.clone(),
        part.entry.clone(),
        link(content.line_id),
        // Else the next change of the project's default line moves the hours to another price.
        flag(true),
    ];
    row.extend(with_task.then(|| link(content.task.id())));
    row.extend(content::analytic_cells(content, plans));
    row
}

impl TimeRow {
    /// The external ids of the billable and the unbilled line.
    pub(super) fn external_ids(&self) -> [String; 2] {
        let unbilled = self.reference.sibling("time_entry_unbilled");
        [self.reference.external_id(), unbilled.external_id()]
    }

    fn is_billable(&self) -> bool {
        self.time.billable > Decimal::ZERO
    }

    /// The lines, one or two. `ids` must have answers for all that [`needs`] names.
    fn parts(
        &self,
        ids: &Resolved<'_>,
        columns: &Columns,
        tasks: &Result<Tasks, OdooError>,
    ) -> Result<Vec<Part>, OdooError> {
        let time = &self.time;
        let narration = match time.narration.0.trim() {
            "" => "/",
            text => text,
        };
        let employee_id = found(ids, &time.employee)?;
        let [billable, unbilled] = self.external_ids();
        let analytic = match &time.coding.cost_center {
            Some(name) => Some(analytic::of(found(ids, name)?, columns)?),
            None => None,
        };
        let task = match self.on_task {
            true => {
                let line = found(ids, &self.line.external_id())?;
                let tasks = tasks.as_ref().map_err(Clone::clone)?;
                OnTask::Said(task::in_project(tasks, line, self.project_id))
            }
            false => OnTask::NotSaid,
        };
        let part = |external_id, hours, text, line_id| Part {
            external_id,
            entry: self.reference.id().to_owned(),
            content: Content {
                hours,
                date: time.date,
                employee_id: Some(employee_id),
                project_id: Some(self.project_id),
                line_id,
                text,
                task,
                analytic: analytic.clone(),
            },
        };
        let mut parts = Vec::new();
        if self.is_billable() {
            let line = found(ids, &self.line.external_id())?;
            parts.push(part(
                billable,
                time.billable,
                narration.to_owned(),
                Some(line),
            ));
        }
        let rest = time.worked - time.billable.max(Decimal::ZERO);
        if !rest.is_zero() {
            let text = match &time.unbilled_because {
                Some(reason) => format!("{narration} ({reason})"),
                None => narration.to_owned(),
            };
            parts.push(part(unbilled, rest, text, None));
        }
        Ok(parts)
    }
}

fn found(ids: &Resolved<'_>, external_id: &str) -> Result<i64, OdooError> {
    match ids.get(external_id) {
        Some(outcome) => outcome.clone(),
        None => Err(OdooError::Defect {
            what: "an external id was not asked for",
        }),
    }
}

/// The lines of all entries. What is wrong with one of them, even a panic, is its own outcome.
pub(super) async fn parts_of(
    odoo: &Odoo,
    memory: &Memory,
    context: &Context,
    rows: &[&TimeRow],
) -> Vec<Result<Vec<Part>, OdooError>> {
    let lines: Vec<Option<String>> = (rows.iter())
        .map(|row| (row.is_billable() || row.on_task).then(|| row.line.external_id()))
        .collect();
    let projects: BTreeSet<i64> = rows.iter().map(|row| row.project_id).collect();
    let employees = rows.iter().map(|row| row.time.employee.as_str());
    let wanted = vec![
        Wanted {
            model: "hr.employee",
            domain: json!([]),
            names: employees.collect(),
        },
        Wanted {
            model: "sale.order.line",
            domain: json!([["order_id.project_id", "in", projects]]),
            names: lines.iter().flatten().map(String::as_str).collect(),
        },
        Wanted {
            model: cost_center::MODEL,
            domain: json!([]),
            names: (rows.iter())
                .filter_map(|row| row.time.coding.cost_center.as_deref())
                .collect(),
        },
    ];
    let ids = memory.resolve(odoo, context, wanted).await;
    let centers: BTreeSet<i64> = (rows.iter())
        .filter_map(|row| {
            ids.get(row.time.coding.cost_center.as_deref()?)?
                .as_ref()
                .ok()
        })
        .copied()
        .collect();
    let columns = analytic::columns(odoo, memory, context, &centers).await;
    let on_task = rows.iter().filter(|row| row.on_task);
    let lines = on_task.filter_map(|row| found(&ids, &row.line.external_id()).ok());
    let tasks = task::of_lines(odoo, context, &lines.collect()).await;
    rows.iter()
        .map(|row| built(row, &ids, &columns, &tasks))
        .collect()
}

fn built(
    row: &TimeRow,
    ids: &Resolved<'_>,
    columns: &Columns,
    tasks: &Result<Tasks, OdooError>,
) -> Result<Vec<Part>, OdooError> {
    let parts = catch_unwind(AssertUnwindSafe(|| row.parts(ids, columns, tasks)));
    parts.unwrap_or(Err(OdooError::Defect {
        what: "a time entry could not be made into timesheet lines",
    }))
}

/// Where an entry is: the billable line first.
pub(super) fn posted(ids: impl IntoIterator<Item = i64>) -> Posted {
    let mut ids = ids.into_iter();
    Posted {
        model: MODEL.to_owned(),
        id: ids.next().unwrap_or_default(),
        others: ids.collect(),
        name: None,
        customer: domain::customer::Noted::default(),
    }
}

#[cfg(test)]
mod tests {
    use domain::event::Personal;
    use std::collections::BTreeMap;

    use jiff::civil::date;

    use super::*;

    fn row(worked: Decimal, billable: Decimal) -> TimeRow {
        TimeRow {
            reference: Reference::new("psa", "1", "time_entry", "7"),
            project_id: 2,
            line: Reference::new("crm", "1", "line_item", "3"),
            time: LogTime {
                project: Reference::new("psa", "1", "project", "1"),
                service: "senior".to_owned(),
                employee: "hr.alice".to_owned(),
                date: date(2026, 10, 6),
                worked,
                billable,
                unbilled_because: None,
                coding: domain::command::Coding::default(),
                narration: Personal("Workshop".to_owned()),
            },
            on_task: false,
        }
    }

    #[test]
    fn an_entry_that_makes_us_panic_is_its_own_outcome() {
        let ids = Resolved::from([("hr.alice", Ok(1)), ("tenon.crm__1__line_5fitem__3", Ok(3))]);
        let good = built(
            &row(Decimal::TWO, Decimal::ONE),
            &ids,
            &Ok(BTreeMap::new()),
            &Ok(Tasks::new()),
        )
        .unwrap();
        assert_eq!(good.len(), 2);
        // No source sends it, and Odoo would take it.
        let bad = built(
            &row(Decimal::MIN, Decimal::ONE),
            &ids,
            &Ok(BTreeMap::new()),
            &Ok(Tasks::new()),
        )
        .unwrap_err();
        assert!(matches!(bad, OdooError::Defect { .. }), "{bad}");
        assert!(!bad.to_string().contains("Workshop"), "{bad}");
    }
}
