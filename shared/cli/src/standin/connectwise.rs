//! A stand-in for ConnectWise PSA: its callbacks, and the address that gives their signing key.
//!
//! <https://developer.connectwise.com/Products/ConnectWise_PSA/Developer_Guide#Callbacks>

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::Method;
use jiff::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Webhook;
use super::connectwise_account;
use super::serve::{Answer, Question, serve};
use super::sign::sign_connectwise;

pub use super::connectwise_records::{CustomField, Info, Member, Named, Project, TimeEntry};

/// The host that callbacks name; it is one of the vendor's, so that the same rules hold here.
pub const HOST: &str = "sandbox-na.myconnectwise.net";

struct State {
    company: String,
    client_id: String,
    /// Id and signing key; the last one signs.
    keys: Vec<(String, String)>,
    messages: u64,
    key_requests: u64,
    /// By the name that callbacks have for their kind, and by id.
    records: BTreeMap<(String, u64), Kept>,
}

/// A record as the list shows it.
struct Kept {
    changed: Timestamp,
    /// Digits as they are: a number of ours would lose its last zero.
    json: Box<RawValue>,
}

/// The stand-in; clones share everything.
#[derive(Clone)]
pub struct ConnectWise(Arc<Mutex<State>>);

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Added,
    /// It was changed.
    Updated,
}

impl ConnectWise {
    /// A company with one integration, and its first signing key.
    pub fn new(company: &str, client_id: &str, signing_key: &str) -> Self {
        let connectwise = Self(Arc::new(Mutex::new(State {
            company: company.to_owned(),
            client_id: client_id.to_owned(),
            keys: Vec::new(),
            messages: 0,
            key_requests: 0,
            records: BTreeMap::new(),
        })));
        connectwise.sign_with(signing_key);
        connectwise
    }

    /// Serves the key's address and the API on a free port; gives the address that stands for
    /// [`HOST`].
    pub async fn serve(&self) -> io::Result<String> {
        let connectwise = self.clone();
        serve(move |question| connectwise.state().answer(question)).await
    }

    /// From now on callbacks are signed with this key, at an address of its own.
    pub fn sign_with(&self, signing_key: &str) {
        let mut state = self.state();
        let id = format!("e17e5f0c-7a64-4f0f-8b0e-{:012x}", state.keys.len() + 1);
        state.keys.push((id, signing_key.to_owned()));
    }

    /// The address of the key that signs now, as callbacks name it.
    pub fn key_url(&self) -> String {
        self.state().key_url()
    }

    /// How often a key was asked for.
    pub fn key_requests(&self) -> u64 {
        self.state().key_requests
    }

    /// The callback about a project.
    pub fn project(&self, action: Action, project: &Project) -> Webhook {
        let entity = serde_json::to_string(project).unwrap_or_default();
        self.state()
            .callback("project", action.word(), project.id, Some(&entity))
    }

    /// The callback about a time entry.
    pub fn time_entry(&self, action: Action, entry: &TimeEntry) -> Webhook {
        let entity = serde_json::to_string(entry).unwrap_or_default();
        self.state()
            .callback("time", action.word(), entry.id, Some(&entity))
    }

    /// From now on the list of time entries has it as it is.
    pub fn keep(&self, entry: &TimeEntry) {
        let json = serde_json::value::to_raw_value(entry).unwrap_or_default();
        self.keep_record("time", entry.id, entry.info.last_updated, json);
    }

    /// From now on the list of projects has it as it is.
    pub fn keep_project(&self, project: &Project) {
        let json = serde_json::value::to_raw_value(project).unwrap_or_default();
        self.keep_record("project", project.id, project.info.last_updated, json);
    }

    /// From now on the list of this kind (`time` or `project`) has a record, which was changed then.
    pub fn keep_record(&self, kind: &str, id: u64, changed: Timestamp, json: Box<RawValue>) {
        let kept = Kept { changed, json };
        self.state().records.insert((kind.to_owned(), id), kept);
    }

    /// A record as its list has it.
    pub fn record(&self, kind: &str, id: u64) -> Option<String> {
        let state = self.state();
        let kept = state.records.get(&(kind.to_owned(), id))?;
        Some(kept.json.get().to_owned())
    }

    /// The callback about a record, as its list has it.
    pub fn callback(&self, kind: &str, action: Action, id: u64) -> Webhook {
        let entity = self.record(kind, id);
        self.state()
            .callback(kind, action.word(), id, entity.as_deref())
    }

    /// The callback about a time entry that was deleted.
    pub fn time_entry_deleted(&self, id: u64) -> Webhook {
        self.state().callback("time", "deleted", id, None)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Action {
    const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Updated => "updated",
        }
    }
}

impl State {
    fn key_url(&self) -> String {
        let id = self.keys.last().map_or("", |(id, _)| id);
        format!(
            "https://{HOST}/v2025_1//system/callbackkey/index.rails?companyName={}&id={id}",
            self.company
        )
    }

    fn callback(&mut self, kind: &str, action: &str, id: u64, entity: Option<&str>) -> Webhook {
        self.messages += 1;
        let body = json!({
            "Action": action,
            "CallbackObjectRecId": 26601,
            "CompanyId": self.company,
            "Entity": entity,
            "FromUrl": HOST,
            "ID": id,
            "MemberId": "BArchitect",
            "MessageId": format!("824d99d2-33c0-4c56-9ded-{:012x}", self.messages),
            "Metadata": { "key_url": self.key_url() },
            "PartnerId": "8f2c7f4e-0f0b-4a2e-9c55-0b7a6f5f3b10",
            "ProductInstanceId": "0d7a1c0e-5a52-4d3c-a0f1-4b2a6b0b7c33",
            "Type": kind,
        })
        .to_string();
        let key = self.keys.last().map_or("", |(_, key)| key);
        Webhook {
            headers: sign_connectwise(key, &body),
            body,
        }
    }

    fn answer(&mut self, question: &Question) -> Answer {
        match question.uri.path() {
            "/time/entries" => self.list(question, "time"),
            "/project/projects" => self.list(question, "project"),
            path => match path.strip_prefix("/project/projects/") {
                Some(id) => self.one_project(question, id.parse().unwrap_or_default()),
                None => match connectwise_account::answer(path) {
                    Some(body) => self.about_company(question, &body),
                    None => self.key(question),
                },
            },
        }
    }

    fn about_company(&self, question: &Question, body: &Value) -> Answer {
        let (status, body) = match question.header("clientid") == Some(&self.client_id) {
            true => (200, body.to_string()),
            false => (401, json!({ "code": "ClientId" }).to_string()),
        };
        Answer {
            status,
            headers: Vec::new(),
            body,
        }
    }

    /// One project: read, or changed by a list of operations.
    fn one_project(&mut self, question: &Question, id: u64) -> Answer {
        let kept = self.records.get_mut(&("project".to_owned(), id));
        let (status, body) = match kept {
            _ if question.header("clientid") != Some(&self.client_id) => {
                (401, json!({ "code": "ClientId" }).to_string())
            }
            None => (404, json!({ "code": "NotFound" }).to_string()),
            Some(kept) if question.method == Method::PATCH => {
                match patched(kept.json.get(), &question.body) {
                    Some(json) => {
                        kept.json = json;
                        (200, kept.json.get().to_owned())
                    }
                    None => (400, json!({ "code": "InvalidObject" }).to_string()),
                }
            }
            Some(kept) => (200, kept.json.get().to_owned()),
        };
        Answer {
            status,
            headers: Vec::new(),
            body,
        }
    }

    /// Records by when they were changed and by id, as far as that is asked for.
    fn list(&self, question: &Question, kind: &str) -> Answer {
        let conditions = question.parameter("conditions").unwrap_or_default();
        let asked = conditions.strip_prefix("lastUpdated>[");
        let asked = asked.and_then(|rest| rest.split_once("] and id>"));
        let asked = asked.and_then(|(since, id)| {
            let since: Timestamp = since.parse().ok()?;
            Some((since, id.parse::<u64>().ok()?))
        });
        let size = question.parameter("pageSize");
        let size = size.and_then(|size| size.parse().ok()).unwrap_or(25);
        let (status, body) = match asked {
            _ if question.header("clientid") != Some(&self.client_id) => (401, "[]".to_owned()),
            Some((since, id)) => {
                let of_kind = self.records.iter().filter(|((its, _), _)| its == kind);
                let newer =
                    of_kind.filter(|((_, known), kept)| *known > id && kept.changed > since);
                let found: Vec<&RawValue> = newer.take(size).map(|(_, kept)| &*kept.json).collect();
                (200, serde_json::to_string(&found).unwrap_or_default())
            }
            None => (400, json!({ "code": "InvalidCondition" }).to_string()),
        };
        Answer {
            status,
            headers: Vec::new(),
            body,
        }
    }

    fn key(&mut self, question: &Question) -> Answer {
        self.key_requests += 1;
        // The real address has an empty segment in its path.
        let mut path = question
            .uri
            .path()
            .split('/')
            .filter(|part| !part.is_empty());
        let is_key =
            path.next() == Some("v2025_1") && path.eq(["system", "callbackkey", "index.rails"]);
        let of_company = question.parameter("companyName").as_deref() == Some(&self.company);
        let id = question.parameter("id").unwrap_or_default();
        let key = self.keys.iter().find(|(known, _)| *known == id);
        let (status, body) = match key {
            _ if question.header("clientid") != Some(&self.client_id) => {
                let message = "Please provide a valid client ID.";
                (401, json!({ "code": "ClientId", "message": message }))
            }
            Some((_, key)) if is_key && of_company => (200, json!({ "signing_key": key })),
            Some(_) | None => (404, json!({ "code": "NotFound", "message": "Not found" })),
        };
        Answer {
            status,
            headers: Vec::new(),
            body: body.to_string(),
        }
    }
}

/// A record with fields of its own replaced; none for an operation that is not known here.
fn patched(record: &str, operations: &[u8]) -> Option<Box<RawValue>> {
    #[derive(serde::Deserialize)]
    struct Operation {
        op: String,
        path: String,
        value: Box<RawValue>,
    }
    let operations: Vec<Operation> = serde_json::from_slice(operations).ok()?;
    let mut record: BTreeMap<String, Box<RawValue>> = serde_json::from_str(record).ok()?;
    for Operation { op, path, value } in operations {
        if op != "replace" || !record.contains_key(&path) {
            return None;
        }
        record.insert(path, value);
    }
    serde_json::value::to_raw_value(&record).ok()
}
