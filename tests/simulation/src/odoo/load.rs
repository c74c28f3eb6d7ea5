//! `load`: rows of cells become records, all or none, and every failure is an HTTP 200.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::calls::{Call, Said, Snapshot};
use super::erp::{Erp, Fields, LINES};

/// What an hour of any employee costs.
const HOURLY_COST: i64 = 50;

/// The links of a timesheet line, and where they lead.
const LINKS: [(&str, &str, &str); 3] = [
    ("project_id/.id", "project.project", "Project"),
    ("employee_id/.id", "hr.employee", "Employee"),
    ("so_line/.id", "sale.order.line", "Sales Order Item"),
];

/// One row as `load` reads it.
struct Cells<'a> {
    external_id: Option<&'a str>,
    database_id: Option<&'a str>,
    fields: Fields,
}

/// Why a row is refused, in Odoo's words.
type Refusal = String;

impl Erp {
    pub(super) fn load(&mut self, call: &Call, began: Snapshot) -> Said {
        if call.model != LINES {
            panic!("the simulated Odoo does not load {}", call.model);
        }
        let rows: Vec<&Value> = call.arguments["data"]
            .as_array()
            .into_iter()
            .flatten()
            .collect();
        let read: Vec<Result<Cells<'_>, Refusal>> =
            rows.iter().map(|row| self.cells(call, row)).collect();
        let messages: Vec<Value> = (read.iter().enumerate())
            .filter_map(|(place, row)| {
                let refusal = match row {
                    Ok(cells) => self.refusal(call, cells, began)?,
                    Err(refusal) => refusal.clone(),
                };
                let rows = json!({"from": place, "to": place});
                Some(json!({"type": "error", "record": place, "rows": rows, "message": refusal}))
            })
            .collect();
        if !messages.is_empty() {
            return (
                200,
                json!({"ids": false, "messages": messages, "nextrow": 0}),
            );
        }
        self.committed += 1;
        let cells = read.into_iter().flatten();
        let owned: Vec<_> = cells
            .map(|row| {
                (
                    row.external_id.map(str::to_owned),
                    row.database_id.map(str::to_owned),
                    row.fields,
                )
            })
            .collect();
        let ids: Vec<i64> = owned
            .into_iter()
            .map(|(name, id, fields)| self.take(call, name, id, fields))
            .collect();
        (200, json!({"ids": ids, "messages": [], "nextrow": 0}))
    }

    /// Another transaction was faster, the record is gone, or it may not change any more.
    fn refusal(&self, call: &Call, cells: &Cells<'_>, began: Snapshot) -> Option<Refusal> {
        let conflict = || "could not serialize access due to concurrent update".to_owned();
        let id = match (cells.external_id, cells.database_id) {
            (None, Some(id)) => match self.known(call, id) {
                Some(id) => id,
                None => return Some(format!("Unknown database identifier '{id}'")),
            },
            (Some(name), _) => {
                if name.contains(' ') {
                    return Some("ir_model_data_name_nospaces".to_owned());
                }
                let known = self.names.get(name)?;
                if known.given > began.0 {
                    return Some(conflict());
                }
                if inserts_once(call) {
                    return None;
                }
                known.id
            }
            (None, None) => return None,
        };
        let row = self.rows.get(&(call.model.clone(), id))?;
        (row.written > began.0)
            .then(conflict)
            .or_else(|| self.refuses_change(call, id))
    }

    fn known(&self, call: &Call, id: &str) -> Option<i64> {
        let id = id.parse().ok()?;
        self.fields(&call.model, id).map(|_| id)
    }

    /// Makes one row a record, or changes the one that it names.
    fn take(
        &mut self,
        call: &Call,
        name: Option<String>,
        id: Option<String>,
        fields: Fields,
    ) -> i64 {
        let known = match (&name, &id) {
            (Some(name), _) => self.names.get(name).map(|known| known.id),
            (None, Some(id)) => self.known(call, id),
            (None, None) => None,
        };
        let id = match known {
            Some(id) if name.is_some() && inserts_once(call) => return id,
            Some(id) => {
                self.change(&call.model, id, fields);
                id
            }
            None => self.create(&call.model, name.as_deref(), fields),
        };
        self.recompute(&call.model, id);
        id
    }

    fn cells<'a>(&self, call: &'a Call, row: &'a Value) -> Result<Cells<'a>, Refusal> {
        let columns = call.arguments["fields"].as_array().into_iter().flatten();
        let cells = row.as_array().into_iter().flatten();
        let mut read = Cells {
            external_id: None,
            database_id: None,
            fields: BTreeMap::new(),
        };
        for (column, cell) in columns.zip(cells) {
            let column = column.as_str().unwrap_or_default();
            let cell = cell.as_str().ok_or("a cell that is no text")?;
            match column {
                "id" | ".id" if cell.is_empty() => {}
                "id" => read.external_id = Some(cell),
                ".id" => read.database_id = Some(cell),
                "is_so_line_edited" => {
                    drop(read.fields.insert(column.to_owned(), json!(cell == "1")))
                }
                "unit_amount" => drop(read.fields.insert(column.to_owned(), hours(cell)?)),
                "date" => drop(read.fields.insert(column.to_owned(), date(cell)?)),
                "name" | "ref" => drop(read.fields.insert(column.to_owned(), text(cell))),
                _ => {
                    let (field, value) = self.link(column, cell)?;
                    read.fields.insert(field, value);
                }
            }
        }
        Ok(read)
    }

    fn link(&self, column: &str, cell: &str) -> Result<(String, Value), Refusal> {
        let link = LINKS.iter().find(|(name, ..)| *name == column);
        let Some((_, model, label)) = link else {
            panic!("the simulated Odoo does not know the column {column}");
        };
        let field = column.trim_end_matches("/.id").to_owned();
        if cell.is_empty() {
            return Ok((field, json!(false)));
        }
        let id = cell
            .parse()
            .ok()
            .filter(|id| self.fields(model, *id).is_some());
        match id {
            Some(id) => Ok((field, json!(id))),
            None => Err(format!(
                "No matching record found for database id '{cell}' in field '{label}'"
            )),
        }
    }

    /// What Odoo computes by itself: hours cost.
    pub(super) fn recompute(&mut self, model: &str, id: i64) {
        let Some(fields) = self.fields(model, id).filter(|_| model == LINES) else {
            return;
        };
        let hours: Decimal = fields
            .get("unit_amount")
            .and_then(|hours| hours.to_string().parse().ok())
            .unwrap_or_default();
        let cost = number(-hours * Decimal::from(HOURLY_COST));
        self.change(model, id, Fields::from([("amount".to_owned(), cost)]));
    }
}

fn inserts_once(call: &Call) -> bool {
    let context = &call.arguments["context"];
    context["mode"] == json!("update") && context["noupdate"] == json!(true)
}

fn hours(cell: &str) -> Result<Value, Refusal> {
    let hours: Result<Decimal, _> = if cell.is_empty() {
        Ok(Decimal::ZERO)
    } else {
        cell.parse()
    };
    hours
        .map(number)
        .map_err(|_| format!("'{cell}' does not seem to be a number for field 'Quantity'"))
}

/// A value as `write` takes it: a number may come as a text.
pub(super) fn coerced(field: &str, value: &Value) -> Value {
    match (field, value.as_str()) {
        ("unit_amount", Some(text)) => hours(text).unwrap_or_default(),
        _ => value.clone(),
    }
}

/// A number as JSON writes it, from its digits.
fn number(decimal: Decimal) -> Value {
    serde_json::from_str(&decimal.normalize().to_string()).expect("a decimal is a JSON number")
}

fn date(cell: &str) -> Result<Value, Refusal> {
    let date: Result<jiff::civil::Date, _> = cell.parse();
    date.map(|date| json!(date.to_string()))
        .map_err(|_| format!("'{cell}' does not seem to be a valid date for field 'Date'"))
}

fn text(cell: &str) -> Value {
    match cell {
        "" => json!(false),
        text => json!(text),
    }
}
