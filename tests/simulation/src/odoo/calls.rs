//! The calls that the simulated Odoo answers. Whatever it does not know ends the run.

use serde_json::{Value, json};

use super::erp::{Erp, Fields, Row};
use super::load;

/// One call of JSON-2: `/json/2/<model>/<method>`.
#[derive(Debug, Clone)]
pub struct Call {
    /// For example `account.analytic.line`.
    pub model: String,
    /// For example `load`.
    pub method: String,
    /// Its named arguments, with the context.
    pub arguments: Value,
}

/// A transaction: what was committed when it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot(pub(super) u64);

/// An HTTP status and a body.
pub type Said = (u16, Value);

impl Call {
    /// The call of a request.
    pub fn of(path: &str, body: &[u8]) -> Self {
        let mut parts = path.trim_start_matches("/json/2/").splitn(2, '/');
        let mut part = || parts.next().unwrap_or_default().to_owned();
        Self {
            model: part(),
            method: part(),
            arguments: serde_json::from_slice(body).unwrap_or(Value::Null),
        }
    }

    /// What a `load` works on: the external id of each row, or else its database id.
    pub fn loads(&self) -> Vec<&str> {
        if self.method != "load" {
            return Vec::new();
        }
        let fields = self.arguments["fields"].as_array();
        let place = |name: &str| fields?.iter().position(|field| field == name);
        let (external, database) = (place("id"), place(".id"));
        let cell = |row: &'_ Value, place: Option<usize>| -> Option<usize> {
            place.filter(|place| row[*place].as_str().is_some_and(|text| !text.is_empty()))
        };
        let rows = self.arguments["data"].as_array().into_iter().flatten();
        rows.filter_map(|row| row[cell(row, external).or(cell(row, database))?].as_str())
            .collect()
    }

    fn ids(&self) -> Vec<i64> {
        let ids = self.arguments["ids"].as_array().into_iter().flatten();
        ids.filter_map(Value::as_i64).collect()
    }
}

impl Erp {
    /// Begins a transaction.
    pub fn begin(&self) -> Snapshot {
        Snapshot(self.committed)
    }

    /// Does what a call asks for, in the transaction that began with it, and commits.
    pub fn commit(&mut self, call: &Call, began: Snapshot) -> Said {
        match call.method.as_str() {
            "load" => self.load(call, began),
            "read" => self.read(call),
            "search_read" => self.search_read(call),
            "write" => self.write(call),
            "get_metadata" => self.get_metadata(call),
            "check_object_reference" => self.check_object_reference(call),
            method => fault(
                404,
                "werkzeug.exceptions.NotFound",
                &format!("the simulated Odoo does not know {method}"),
            ),
        }
    }

    fn read(&self, call: &Call) -> Said {
        let found = call.ids().into_iter().filter_map(|id| {
            let row = self.rows.get(&(call.model.clone(), id))?;
            Some(chosen(row, &call.arguments["fields"]))
        });
        (200, Value::Array(found.collect()))
    }

    fn search_read(&self, call: &Call) -> Said {
        let domain = call.arguments["domain"].as_array();
        let limit = call.arguments["limit"].as_u64().unwrap_or(u64::MAX);
        let offset = call.arguments["offset"].as_u64().unwrap_or_default();
        let of_model = self
            .rows
            .iter()
            .filter(|((model, _), _)| *model == call.model);
        let found = of_model
            .filter(|(_, row)| domain.into_iter().flatten().all(|term| fits(row, term)))
            .skip(usize::try_from(offset).unwrap_or(usize::MAX))
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .map(|(_, row)| chosen(row, &call.arguments["fields"]));
        (200, Value::Array(found.collect()))
    }

    fn write(&mut self, call: &Call) -> Said {
        let ids = call.ids();
        if let Some(missing) = ids
            .iter()
            .find(|id| self.fields(&call.model, **id).is_none())
        {
            let message = format!("Record does not exist or has been deleted.\n({missing})");
            return fault(404, "odoo.exceptions.MissingError", &message);
        }
        if let Some(refusal) = ids.iter().find_map(|id| self.refuses_change(call, *id)) {
            return fault(422, "odoo.exceptions.UserError", &refusal);
        }
        self.committed += 1;
        let values = call.arguments["vals"].as_object().into_iter().flatten();
        let values: Fields = values
            .map(|(field, value)| (field.clone(), load::coerced(field, value)))
            .collect();
        for id in ids {
            self.change(&call.model, id, values.clone());
            self.recompute(&call.model, id);
        }
        (200, json!(true))
    }

    /// Time on an invoice stays as it is.
    pub(super) fn refuses_change(&self, call: &Call, id: i64) -> Option<String> {
        let invoice = self.fields(&call.model, id)?.get("timesheet_invoice_id")?;
        invoice
            .is_i64()
            .then(|| "You cannot modify timesheets that are already invoiced.".to_owned())
    }

    fn get_metadata(&self, call: &Call) -> Said {
        let metadata = |id: i64| {
            self.fields(&call.model, id)?;
            let name = self.name_of(&call.model, id);
            let names: Vec<Value> = (name.iter())
                .map(|name| json!({"xmlid": name, "noupdate": true}))
                .collect();
            let name = name.map_or(json!(false), |name| json!(name));
            Some(json!({"id": id, "xmlid": name, "xmlids": names, "noupdate": true}))
        };
        (200, call.ids().into_iter().filter_map(metadata).collect())
    }

    fn check_object_reference(&self, call: &Call) -> Said {
        let text = |name: &str| call.arguments[name].as_str().unwrap_or_default();
        let name = format!("{}.{}", text("module"), text("xml_id"));
        match self.names.get(&name) {
            Some(known) => (200, json!([known.model, known.id])),
            None => fault(
                500,
                "builtins.ValueError",
                &format!("External ID not found in the system: {name}"),
            ),
        }
    }
}

/// How Odoo tells that it did not do something.
pub fn fault(status: u16, name: &str, message: &str) -> Said {
    let body = json!({"name": name, "message": message, "arguments": [message], "context": {}, "debug": ""});
    (status, body)
}

/// The fields that are asked for; an empty one is `false`.
fn chosen(row: &Row, fields: &Value) -> Value {
    let names = fields.as_array().into_iter().flatten();
    let mut chosen: serde_json::Map<String, Value> = names
        .filter_map(Value::as_str)
        .map(|name| {
            let value = row.fields.get(name).cloned();
            (name.to_owned(), value.unwrap_or(json!(false)))
        })
        .collect();
    chosen.insert("id".to_owned(), row.fields["id"].clone());
    Value::Object(chosen)
}

fn fits(row: &Row, term: &Value) -> bool {
    let name = term[0].as_str().unwrap_or_default();
    let value = row.fields.get(name).cloned().unwrap_or(json!(false));
    match term[1].as_str() {
        Some("in") => term[2].as_array().is_some_and(|all| all.contains(&value)),
        Some("=") => value == term[2],
        Some("!=") => value != term[2],
        _ => panic!("the simulated Odoo does not know the condition {term}"),
    }
}
