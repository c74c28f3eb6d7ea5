//! What was called otherwise, in which versions. Each entry is read in the sources of both.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::wire::Answer;

/// A field that had another name.
struct Field {
    model: &'static str,
    today: &'static str,
    before: &'static str,
    /// The versions in which it had.
    versions: RangeInclusive<u8>,
}

const fn field(
    model: &'static str,
    today: &'static str,
    before: &'static str,
    versions: RangeInclusive<u8>,
) -> Field {
    Field {
        model,
        today,
        before,
        versions,
    }
}

/// <https://github.com/odoo/odoo>: `addons/project`, `addons/sale`, `addons/hr_timesheet`,
/// `addons/hr_hourly_cost`, `odoo/addons/base`, each on the branches of both versions.
const FIELDS: [Field; 7] = [
    field(
        "project.project",
        "account_id",
        "analytic_account_id",
        14..=17,
    ),
    field("project.task", "allocated_hours", "planned_hours", 14..=16),
    field("sale.order.line", "tax_ids", "tax_id", 14..=18),
    field("sale.order.line", "product_uom_id", "product_uom", 14..=18),
    field("res.users", "group_ids", "groups_id", 14..=18),
    field("product.product", "type", "detailed_type", 15..=17),
    field("hr.employee", "hourly_cost", "timesheet_cost", 14..=15),
];

/// From 18 on. Before, the answer of the same question is asked for without an error.
const HAS_ACCESS: (&str, &str, u8) = ("has_access", "check_access_rights", 17);

/// The arguments whose texts are names of fields.
const LISTS: [&str; 3] = ["fields", "allfields", "fields_to_export"];
/// The arguments whose keys are names of fields.
const VALUES: [&str; 2] = ["vals", "vals_list"];

/// A request in the words of a version.
pub fn request(
    version: u8,
    model: &str,
    method: &str,
    named: Value,
) -> (String, Map<String, Value>) {
    let Value::Object(mut named) = named else {
        return (method.to_owned(), Map::new());
    };
    let names = Names::of(version, model, |field| (field.today, field.before));
    for (name, value) in &mut named {
        match name.as_str() {
            list if LISTS.contains(&list) => names.in_list(value),
            values if VALUES.contains(&values) => names.in_keys(value),
            "domain" => names.in_domain(value),
            _ => {}
        }
    }
    let (today, before, until) = HAS_ACCESS;
    if method == today && version <= until {
        named.insert("raise_exception".to_owned(), Value::Bool(false));
        named.remove("ids");
        return (before.to_owned(), named);
    }
    (method.to_owned(), named)
}

/// An answer in the words of today. Values are kept as they are written: the digits of a number
/// count.
pub fn answer(version: u8, model: &str, answer: Answer) -> Answer {
    let names = Names::of(version, model, |field| (field.before, field.today));
    if names.0.is_empty() {
        return answer;
    }
    type Record = BTreeMap<String, Box<RawValue>>;
    let rename = |record: Record| -> Record {
        let fields = record.into_iter();
        fields
            .map(|(name, value)| (names.of_field(&name), value))
            .collect()
    };
    let body = &answer.body;
    let renamed = match serde_json::from_slice::<Vec<Record>>(body) {
        Ok(records) => {
            let records: Vec<Record> = records.into_iter().map(rename).collect();
            serde_json::to_vec(&records).ok()
        }
        Err(_) => match serde_json::from_slice::<Record>(body) {
            Ok(record) => serde_json::to_vec(&rename(record)).ok(),
            Err(_) => None,
        },
    };
    match renamed {
        Some(body) => Answer { body, ..answer },
        None => answer,
    }
}

/// From one name to another.
struct Names(Vec<(&'static str, &'static str)>);

impl Names {
    fn of(version: u8, model: &str, pair: impl Fn(&Field) -> (&'static str, &'static str)) -> Self {
        let of_model = FIELDS.iter().filter(|field| field.model == model);
        let had = of_model.filter(|field| field.versions.contains(&version));
        Self(had.map(pair).collect())
    }

    /// A name, or the way to a field of a linked record: `account_id/.id`, `account_id.name`.
    fn of_field(&self, name: &str) -> String {
        let end = name.find(['/', '.']).unwrap_or(name.len());
        let (first, rest) = name.split_at(end);
        let found = self.0.iter().find(|(from, _)| *from == first);
        format!("{}{rest}", found.map_or(first, |(_, to)| to))
    }

    fn in_list(&self, list: &mut Value) {
        for name in list.as_array_mut().into_iter().flatten() {
            if let Some(text) = name.as_str() {
                *name = Value::String(self.of_field(text));
            }
        }
    }

    fn in_keys(&self, values: &mut Value) {
        match values {
            Value::Array(records) => records.iter_mut().for_each(|record| self.in_keys(record)),
            Value::Object(fields) => {
                let renamed = std::mem::take(fields).into_iter();
                *fields = renamed
                    .map(|(name, value)| (self.of_field(&name), value))
                    .collect();
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// `[["account_id", "=", 7], "|", …]`
    fn in_domain(&self, domain: &mut Value) {
        let terms = domain.as_array_mut().into_iter().flatten();
        for term in terms.filter_map(Value::as_array_mut) {
            if let Some(first) = term.first_mut()
                && let Some(text) = first.as_str()
            {
                *first = Value::String(self.of_field(text));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_place_of_a_name_is_translated() {
        let named = json!({
            "domain": [["account_id.active", "=", true], "|", ["name", "=", "x"]],
            "fields": ["account_id/.id", "name"],
            "vals_list": [{"account_id": 7, "name": "y"}],
        });
        let (method, named) = request(17, "project.project", "search_read", named);
        assert_eq!(method, "search_read");
        assert_eq!(named["domain"][0][0], "analytic_account_id.active");
        assert_eq!(named["fields"], json!(["analytic_account_id/.id", "name"]));
        assert_eq!(
            named["vals_list"],
            json!([{"analytic_account_id": 7, "name": "y"}])
        );
        let other = request(
            17,
            "account.analytic.line",
            "read",
            json!({"fields": ["account_id"]}),
        )
        .1;
        assert_eq!(other["fields"], json!(["account_id"]), "of another model");
    }

    #[test]
    fn whether_something_may_be_done_is_asked_as_it_was() {
        let asked = || json!({"operation": "create"});
        let (method, named) = request(17, "res.partner", "has_access", asked());
        assert_eq!(method, "check_access_rights");
        assert_eq!(
            Value::Object(named),
            json!({"operation": "create", "raise_exception": false})
        );
        assert_eq!(
            request(18, "res.partner", "has_access", asked()).0,
            "has_access"
        );
    }
}
