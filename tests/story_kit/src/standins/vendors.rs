//! The records of HubSpot and ConnectWise, as a story writes them.

use std::collections::BTreeMap;

use aws::Clock as _;
use cli::standin::connectwise::Action;
use cli::standin::hubspot::Kind;
use serde_json::value::RawValue;

use super::{StandinError, Standins, Telling};
use crate::format::Change;
use crate::json::Json;
use crate::value::Value;

/// The keys of a deal that name what belongs to it.
const BELONGING: [(&str, Kind); 3] = [
    ("companies", Kind::Companies),
    ("contacts", Kind::Contacts),
    ("line_items", Kind::LineItems),
];

type Fields = BTreeMap<String, Box<RawValue>>;

impl Standins {
    /// Puts a record into the list of a source.
    pub(super) fn put(
        &self,
        source: &str,
        list: &str,
        id: &str,
        record: &Json,
    ) -> Result<(), StandinError> {
        match source {
            "hubspot" => {
                let texts = texts(record);
                let properties: Vec<(&str, Option<&str>)> = (texts.iter())
                    .map(|(name, text)| {
                        (
                            name.as_str(),
                            Some(text.as_str()).filter(|text| !text.is_empty()),
                        )
                    })
                    .collect();
                self.hubspot.put(kind(list)?, id, &properties);
            }
            "connectwise" => self.keep(list, id, fields(record))?,
            _ => {
                let answers = self.others.get(source).filter(|_| list == "answers");
                let answers = answers.ok_or_else(|| no_list(source, list, "answers"))?;
                answers.put(id, record.content());
            }
        }
        Ok(())
    }

    /// Joins the deals with what belongs to them.
    pub(super) fn associate(
        &self,
        lists: &BTreeMap<String, BTreeMap<String, Json>>,
    ) -> Result<(), StandinError> {
        for (deal, record) in lists.get("deals").into_iter().flatten() {
            self.belong_to(deal, record.value())?;
        }
        Ok(())
    }

    /// What a deal names belongs to it from now on.
    fn belong_to(&self, deal: &str, record: Value) -> Result<(), StandinError> {
        for (name, kind) in BELONGING {
            let ids = record.field(name).and_then(Value::list).unwrap_or_default();
            for id in ids.iter().filter_map(Value::text) {
                if !self.hubspot.has(kind, id) {
                    let named = format!("{name}/{id}");
                    return Err(no_record("hubspot", &named, "a deal names it"));
                }
                self.hubspot.associate(deal, kind, id);
            }
        }
        Ok(())
    }

    /// One webhook for each property, as HubSpot sends them.
    pub(super) fn change_hubspot(
        &self,
        list: &str,
        id: &str,
        change: &Change,
    ) -> Result<Vec<Telling>, StandinError> {
        let kind = kind(list)?;
        if !self.hubspot.has(kind, id) {
            return Err(no_record("hubspot", &change.record, "there is none"));
        }
        if kind == Kind::Deals {
            self.belong_to(id, change.set.value())?;
        }
        let mut told = Vec::new();
        for (name, value) in texts(&change.set) {
            match kind {
                Kind::Deals => told.push(Telling {
                    source: "hubspot".to_owned(),
                    body: self.hubspot.set_property(id, &name, &value),
                }),
                Kind::Companies | Kind::Contacts | Kind::LineItems => {
                    self.hubspot.set_quietly(kind, id, &name, &value);
                }
            }
        }
        Ok(told)
    }

    /// One callback, with the record as it is then.
    pub(super) fn change_connectwise(
        &self,
        list: &str,
        id: &str,
        change: &Change,
    ) -> Result<Vec<Telling>, StandinError> {
        let number = number(id)?;
        let before = self.connectwise.record(list, number);
        let action = match before {
            Some(_) => Action::Updated,
            None => Action::Added,
        };
        let before = before.and_then(|json| Json::parse(&json).ok());
        let mut all = before.as_ref().map(fields).unwrap_or_default();
        all.extend(fields(&change.set));
        self.keep(list, id, all)?;
        Ok(vec![Telling {
            source: "connectwise".to_owned(),
            body: self.connectwise.callback(list, action, number).body,
        }])
    }

    /// Keeps a record, changed now.
    fn keep(&self, list: &str, id: &str, mut fields: Fields) -> Result<(), StandinError> {
        let now = self.clock.now();
        let number = number(id)?;
        if !["time", "project"].contains(&list) {
            return Err(no_list("connectwise", list, "time and project"));
        }
        let info = serde_json::json!({"lastUpdated": now, "updatedBy": "BArchitect"});
        let raw =
            |value: &serde_json::Value| serde_json::value::to_raw_value(value).unwrap_or_default();
        fields.insert("id".to_owned(), raw(&serde_json::json!(number)));
        fields.insert("_info".to_owned(), raw(&info));
        let json = serde_json::value::to_raw_value(&fields).unwrap_or_default();
        self.connectwise.keep_record(list, number, now, json);
        Ok(())
    }

    /// How many records a list of ConnectWise has: `connectwise/LIST`.
    ///
    /// # Errors
    /// When it is no list of ConnectWise.
    pub fn count(&self, place: &str) -> Result<u64, StandinError> {
        match place.split_once('/') {
            Some(("connectwise", list @ ("project" | "phase" | "time"))) => {
                Ok(self.connectwise.count(list))
            }
            _ => Err(no_record(
                place,
                place,
                "write connectwise/project, connectwise/phase or connectwise/time",
            )),
        }
    }

    /// What a source has now at `SOURCE/LIST/ID`.
    ///
    /// # Errors
    /// When it has no such record.
    pub fn shows(&self, place: &str, field: &str) -> Result<Option<Value>, StandinError> {
        let parts: Vec<&str> = place.splitn(3, '/').collect();
        let [source, list, id] = parts.as_slice() else {
            return Err(no_record(
                place,
                place,
                "write SOURCE/LIST/ID, for example hubspot/deals/16024871101",
            ));
        };
        let json = match *source {
            "hubspot" => {
                return Ok(self
                    .hubspot
                    .property(kind(list)?, id, field)
                    .map(Value::Text));
            }
            "connectwise" => self.connectwise.record(list, number(id)?),
            source => self.others.get(source).and_then(|answers| answers.get(id)),
        };
        let json = json.ok_or_else(|| no_record(source, place, "there is none"))?;
        Ok(Value::read(&json).and_then(|value| value.at(field).cloned()))
    }
}

/// The properties of an object: every value is a text there.
fn texts(record: &Json) -> Vec<(String, String)> {
    let is_property = |name: &str| BELONGING.iter().all(|(belonging, _)| *belonging != name);
    let all = fields(record)
        .into_iter()
        .filter(|(name, _)| is_property(name));
    let text =
        |raw: &RawValue| serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned());
    all.map(|(name, raw)| (name, text(&raw))).collect()
}

fn fields(record: &Json) -> Fields {
    serde_json::from_str(&record.text()).unwrap_or_default()
}

fn kind(list: &str) -> Result<Kind, StandinError> {
    Kind::named(list)
        .ok_or_else(|| no_list("hubspot", list, "deals, companies, contacts and line_items"))
}

fn number(id: &str) -> Result<u64, StandinError> {
    id.parse()
        .map_err(|_| no_record("connectwise", id, "an id is a whole number there"))
}

fn no_list(source: &str, list: &str, known: &'static str) -> StandinError {
    StandinError::NoList {
        source_name: source.to_owned(),
        list: list.to_owned(),
        known,
    }
}

fn no_record(source: &str, record: &str, problem: &str) -> StandinError {
    StandinError::NoRecord {
        source_name: source.to_owned(),
        record: record.to_owned(),
        problem: problem.to_owned(),
    }
}
