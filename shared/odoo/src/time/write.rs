//! Writes changed lines in as few calls as possible.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::analytic::{self, MODEL};
use super::content::{self, Content};
use super::plan::{Plan, Planned};
use super::rows;
use super::task;
use super::three_way::Column;
use crate::isolate::{Group, GroupOutcome};
use crate::load::{Row, flag, link};
use crate::memory::Memory;
use crate::{Context, Odoo, OdooError};

/// So many entries with the same change are worth a `write` of their own: Odoo does it faster than
/// a `load` of as many rows. Fewer would cost calls, and 5,000 changes must fit into 60.
const ALIKE: usize = 100;

/// Entries of one `write`.
const WRITTEN_AT_ONCE: usize = 500;

/// The columns of a `load`, whether some of its lines are new, and the columns of analytic plans.
type Shape = (BTreeSet<Column>, bool, BTreeSet<String>);

/// Writes all plans, an entry's lines always in one call. The ids of each one's lines, or why not.
pub(super) async fn write_all(
    odoo: &Odoo,
    memory: &Memory,
    context: &Context,
    plans: &[&Plan],
) -> Vec<GroupOutcome> {
    let mut writer = Writer {
        odoo,
        memory,
        context,
        outcomes: BTreeMap::new(),
        broken: None,
    };
    let mut shapes = BTreeMap::<Shape, Vec<(usize, &Plan)>>::new();
    for (values, alike) in alike(plans) {
        let enough = alike.len() >= ALIKE;
        for some in alike.chunks(WRITTEN_AT_ONCE) {
            if let (true, Some(values)) = (enough, &values)
                && writer.write(values, some).await
            {
                continue;
            }
            for (position, plan) in some {
                let shape = (plan.columns.clone(), plan.inserts(), plans_of(plan));
                shapes.entry(shape).or_default().push((*position, plan));
            }
        }
    }
    for (shape, plans) in shapes {
        writer.load(&shape, &plans).await;
    }
    writer.outcomes.into_values().collect()
}

/// Plans with their positions that write the same values; none where the lines of one plan differ
/// in them.
type Alike<'a> = (Option<Value>, Vec<(usize, &'a Plan)>);

fn alike<'a>(plans: &[&'a Plan]) -> Vec<Alike<'a>> {
    let mut alike = BTreeMap::<String, Alike<'a>>::new();
    for (position, plan) in plans.iter().enumerate() {
        let values = values(plan);
        let key = values.as_ref().map(Value::to_string).unwrap_or_default();
        let (_, members) = alike.entry(key).or_insert((values, Vec::new()));
        members.push((position, plan));
    }
    alike.into_values().collect()
}

/// What a `write` to all lines of a plan would say, if one can.
fn values(plan: &Plan) -> Option<Value> {
    let plans = plans_of(plan);
    let of = |line: &Planned| {
        let columns = plan.columns.iter();
        let values = columns.flat_map(|column| written(*column, &line.part.content));
        let values = values.map(|(field, value)| (field.to_owned(), value));
        let own = line.part.content.analytic.iter().flatten();
        let own = own.filter(|(column, _)| plans.contains(*column));
        let own = own.map(|(column, account)| (column.clone(), json!(account)));
        Value::Object(values.chain(own).collect())
    };
    let mut all = plan.lines.iter().map(of);
    let first = all.next()?;
    (!plan.inserts() && all.all(|values| values == first)).then_some(first)
}

struct Writer<'a> {
    odoo: &'a Odoo,
    memory: &'a Memory,
    context: &'a Context,
    outcomes: BTreeMap<usize, GroupOutcome>,
    /// Why nothing more is sent.
    broken: Option<OdooError>,
}

impl Writer<'_> {
    /// One `write` for all; false when one of them cannot be written, which `load` will find.
    async fn write(&mut self, values: &Value, plans: &[(usize, &Plan)]) -> bool {
        let ids: Vec<i64> = plans.iter().flat_map(|(_, plan)| ids_of(plan)).collect();
        let result = match &self.broken {
            Some(error) => Err(error.clone()),
            None => {
                let written = self.odoo.write(self.context, MODEL, &ids, values.clone());
                written.await
            }
        };
        match result {
            Err(error) if error.is_about_the_record() => return false,
            Err(error) => {
                let failed = plans
                    .iter()
                    .map(|(position, _)| (*position, Err(error.clone())));
                self.outcomes.extend(failed);
                self.broken = Some(error.of_what_was_not_sent());
            }
            Ok(()) => {
                let done = plans
                    .iter()
                    .map(|(position, plan)| (*position, Ok(ids_of(plan))));
                self.outcomes.extend(done);
            }
        }
        true
    }

    async fn load(&mut self, shape: &Shape, plans: &[(usize, &Plan)]) {
        let group = |(_, plan): &(usize, &Plan)| -> Group {
            plan.lines.iter().map(|line| row(shape, line)).collect()
        };
        let groups: Vec<Group> = plans.iter().map(group).collect();
        let outcomes = match &self.broken {
            Some(error) => groups.iter().map(|_| Err(error.clone())).collect(),
            None => {
                let (odoo, fields) = (self.odoo, fields(shape));
                let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
                let loaded = odoo.load_groups(self.memory, self.context, MODEL, &fields, &groups);
                loaded.await
            }
        };
        for ((position, _), outcome) in plans.iter().zip(outcomes) {
            if let Err(error) = &outcome
                && !error.is_about_the_record()
            {
                self.broken = Some(error.clone().of_what_was_not_sent());
            }
            self.outcomes.insert(*position, outcome.map_err(deleted));
        }
    }
}

/// Odoo's words for a line that somebody deleted after we read it.
fn deleted(error: OdooError) -> OdooError {
    let unknown = matches!(&error, OdooError::Refused { message } if message.starts_with("Unknown database identifier"));
    if unknown {
        return OdooError::differs("a time line was deleted in Odoo; it is not made again");
    }
    error
}

/// The columns of analytic plans that a `load` of it names. Odoo fills them anew wherever the order line
/// is written, so they go with it.
fn plans_of(plan: &Plan) -> BTreeSet<String> {
    let names = [Column::Contract, Column::CostCenter];
    let is_written = names.iter().any(|column| plan.columns.contains(column));
    match is_written || plan.inserts() {
        true => content::used(plan.lines.iter().map(|line| &line.part.content)),
        false => BTreeSet::new(),
    }
}

fn ids_of(plan: &Plan) -> Vec<i64> {
    plan.lines.iter().filter_map(|line| line.id).collect()
}

/// The columns of a row. By database id alone nothing is ever created: Odoo refuses an id that it
/// does not know. A new line has its external id, and all columns.
fn fields((columns, inserts, plans): &Shape) -> Vec<String> {
    let mut fields = vec![".id"];
    if *inserts {
        fields.extend(rows::FIELDS);
        fields.extend(columns.get(&Column::Task).map(|_| task::FIELD));
    } else {
        fields.extend(columns.iter().flat_map(|column| names(*column)));
    }
    let fields = fields.into_iter().map(str::to_owned);
    fields.chain(analytic::fields(plans)).collect()
}

fn row((columns, inserts, plans): &Shape, line: &Planned) -> Row {
    let mut row = vec![link(line.id)];
    if *inserts {
        let on_task = columns.contains(&Column::Task);
        let mut cells = rows::cells(&line.part, on_task, plans);
        if let (Some(_), Some(external_id)) = (line.id, cells.first_mut()) {
            external_id.clear();
        }
        row.extend(cells);
    } else {
        let content = &line.part.content;
        row.extend(columns.iter().flat_map(|column| cells(*column, content)));
        row.extend(content::analytic_cells(content, plans));
    }
    row
}

const fn names(column: Column) -> &'static [&'static str] {
    match column {
        Column::Hours => &["unit_amount"],
        Column::Date => &["date"],
        Column::Employee => &["employee_id/.id"],
        Column::Contract => &["project_id/.id", "so_line/.id", "is_so_line_edited"],
        // Theirs are those of analytic plans.
        Column::CostCenter => &[],
        Column::Text => &["name"],
        Column::Task => &[task::FIELD],
    }
}

fn cells(column: Column, content: &Content) -> Row {
    match column {
        Column::Hours => vec![content.hours.to_string()],
        Column::Date => vec![content.date.to_string()],
        Column::Employee => vec![link(content.employee_id)],
        Column::Contract => vec![link(content.project_id), link(content.line_id), flag(true)],
        Column::CostCenter => Vec::new(),
        Column::Text => vec![content.text.clone()],
        Column::Task => vec![link(content.task.id())],
    }
}

/// The same for `write`. Hours go as text, which Odoo reads as exactly as a number.
fn written(column: Column, content: &Content) -> Vec<(&'static str, Value)> {
    let link = |id: Option<i64>| id.map_or(json!(false), |id| json!(id));
    match column {
        Column::Hours => vec![("unit_amount", json!(content.hours.normalize().to_string()))],
        Column::Date => vec![("date", json!(content.date.to_string()))],
        Column::Employee => vec![("employee_id", link(content.employee_id))],
        Column::Contract => vec![
            ("project_id", link(content.project_id)),
            ("so_line", link(content.line_id)),
            ("is_so_line_edited", json!(true)),
        ],
        Column::CostCenter => Vec::new(),
        Column::Text => vec![("name", json!(content.text))],
        Column::Task => vec![("task_id", link(content.task.id()))],
    }
}
