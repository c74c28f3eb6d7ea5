//! What is in the simulated Odoo.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::calls::{Call, Said};

/// Timesheet lines.
pub const LINES: &str = "account.analytic.line";

/// A record's fields, as `read` answers them.
pub type Fields = BTreeMap<String, Value>;

/// A record, and when it last changed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) fields: Fields,
    /// The number of the transaction that wrote it.
    pub(super) written: u64,
}

/// A name that `load` gave to a record, `module.name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) model: String,
    pub(super) id: i64,
    /// The number of the transaction that gave it.
    pub(super) given: u64,
}

/// One timesheet line, as people see it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Its database id.
    pub id: i64,
    /// The entry that it says it comes from.
    pub entry: String,
    /// Its external id.
    pub external_id: String,
    /// The order line that bills it.
    pub order_line: Option<i64>,
    /// Its hours.
    pub hours: Decimal,
    /// Its text.
    pub text: String,
    /// Its day.
    pub date: String,
}

/// A database of Odoo.
#[derive(Debug, Clone, Default)]
pub struct Erp {
    pub(super) rows: BTreeMap<(String, i64), Row>,
    pub(super) names: BTreeMap<String, Name>,
    /// The keys that its service users have now.
    keys: BTreeSet<String>,
    /// How many transactions were committed.
    pub(super) committed: u64,
    last_id: i64,
    /// What a client believes to be in it that takes every HTTP 200 for success.
    believed: Option<Box<Erp>>,
}

impl Erp {
    /// Gives a key to a service user.
    pub fn allow(&mut self, key: &str) {
        self.keys.insert(key.to_owned());
    }

    /// Takes a key back.
    pub fn revoke(&mut self, key: &str) {
        self.keys.remove(key);
    }

    /// Whether this is the key of a service user.
    pub fn knows(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// A record that is there from the beginning, with an external id if it has one.
    pub fn put(&mut self, model: &str, external_id: Option<&str>, fields: Fields) -> i64 {
        self.committed += 1;
        self.create(model, external_id, fields)
    }

    /// A new record, as a part of the transaction that is being committed.
    pub(super) fn create(
        &mut self,
        model: &str,
        external_id: Option<&str>,
        mut fields: Fields,
    ) -> i64 {
        self.last_id += 1;
        let (id, written) = (self.last_id, self.committed);
        fields.insert("id".to_owned(), json!(id));
        let model = model.to_owned();
        self.rows
            .insert((model.clone(), id), Row { fields, written });
        if let Some(name) = external_id {
            let given = written;
            self.names
                .insert(name.to_owned(), Name { model, id, given });
        }
        id
    }

    /// Changes a record, as a part of the transaction that is being committed.
    pub(super) fn change(&mut self, model: &str, id: i64, fields: Fields) {
        let written = self.committed;
        if let Some(row) = self.rows.get_mut(&(model.to_owned(), id)) {
            row.fields.extend(fields);
            row.written = written;
        }
    }

    /// Somebody changes a record by hand.
    pub fn edit(&mut self, model: &str, id: i64, fields: Fields) {
        self.committed += 1;
        self.change(model, id, fields);
    }

    /// Somebody deletes a record by hand; its external id goes with it.
    pub fn delete(&mut self, model: &str, id: i64) {
        self.committed += 1;
        self.rows.remove(&(model.to_owned(), id));
        self.names
            .retain(|_, name| (name.model.as_str(), name.id) != (model, id));
    }

    /// A record's fields.
    pub fn fields(&self, model: &str, id: i64) -> Option<&Fields> {
        self.rows
            .get(&(model.to_owned(), id))
            .map(|row| &row.fields)
    }

    /// The record under an external id.
    pub fn id_of(&self, external_id: &str) -> Option<i64> {
        self.names.get(external_id).map(|name| name.id)
    }

    /// The external id of a record.
    pub fn name_of(&self, model: &str, id: i64) -> Option<&str> {
        let names = self.names.iter();
        names
            .filter(|(_, name)| name.model == model && name.id == id)
            .map(|(text, _)| text.as_str())
            .next()
    }

    /// What a client believes that takes every HTTP 200 for success, also when it reads back.
    pub fn pretend(&mut self, call: &Call, said: Said) -> Said {
        let taken = match said.1["ids"] == json!(false) {
            true => {
                let mut believed = self.clone();
                let began = believed.begin();
                let said = believed.commit(call, began);
                self.believed = Some(Box::new(believed));
                return said;
            }
            false => said,
        };
        match (call.method.as_str(), &mut self.believed) {
            ("read" | "get_metadata", Some(believed)) => {
                let began = believed.begin();
                believed.commit(call, began)
            }
            _ => taken,
        }
    }

    /// Every timesheet line.
    pub fn lines(&self) -> Vec<Line> {
        let rows = self.rows.iter().filter(|((model, _), _)| model == LINES);
        rows.map(|((_, id), row)| self.line(*id, &row.fields))
            .collect()
    }

    fn line(&self, id: i64, fields: &Fields) -> Line {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let hours = fields.get("unit_amount").map(Value::to_string);
        Line {
            id,
            entry: text("ref").to_owned(),
            external_id: self.name_of(LINES, id).unwrap_or_default().to_owned(),
            order_line: fields.get("so_line").and_then(Value::as_i64),
            hours: hours
                .and_then(|hours| hours.parse().ok())
                .unwrap_or_default(),
            text: text("name").to_owned(),
            date: text("date").to_owned(),
        }
    }
}
