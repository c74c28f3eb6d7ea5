//! A vendor that lists records as Harvest and ConnectWise do, and misbehaves when it is told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The proof that it accepts.
pub const TOKEN: &str = "Bearer invented-token";

/// A record: its id, when it was changed, its hours.
#[derive(Clone)]
pub struct Record {
    pub id: u64,
    pub changed: Timestamp,
    pub hours: &'static str,
}

/// What it does.
pub struct State {
    pub records: Vec<Record>,
    /// What its further lists have, by their names. They answer whenever the proof counts.
    pub further: BTreeMap<String, Vec<Value>>,
    /// How many records one page has, whatever is asked for.
    pub page: usize,
    /// Answered to the list instead of records: a status, and for how long it asks to be left alone.
    pub instead: Option<(u16, Option<u32>)>,
    /// The list is answered so often, and then with `instead`.
    pub answers_left: Option<u32>,
    /// A list that is asked for from later than this is one that it does not know any more.
    pub knows_until: Option<Timestamp>,
    /// The proof that counts now.
    pub token: String,
    /// Every list that was asked for, as path and query.
    pub asked: Vec<String>,
    url: String,
}

/// The vendor; clones share everything.
#[derive(Clone)]
pub struct Vendor(Arc<Mutex<State>>);

impl Vendor {
    pub async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0));
        let listener = listener.await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let vendor = Self(Arc::new(Mutex::new(State {
            records: Vec::new(),
            further: BTreeMap::new(),
            page: 500,
            instead: None,
            answers_left: None,
            knows_until: None,
            token: TOKEN.to_owned(),
            asked: Vec::new(),
            url,
        })));
        let answers = vendor.clone();
        let router = Router::new().fallback(async move |uri: Uri, headers: HeaderMap| {
            let (status, retry, body) = answers.state().answer(&uri, &headers);
            let status = StatusCode::from_u16(status).expect("a status");
            let mut response = (status, body.to_string()).into_response();
            if let Some(seconds) = retry {
                response.headers_mut().insert("retry-after", seconds.into());
            }
            response
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        vendor
    }

    pub fn url(&self) -> String {
        self.state().url.clone()
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Since when the last list was asked for.
    pub fn asked_since(&self) -> Timestamp {
        let last = self.state().asked.last().cloned().expect("a list");
        parameter(&last, "updated_since").parse().expect("a time")
    }
}

impl State {
    fn answer(&mut self, uri: &Uri, headers: &HeaderMap) -> (u16, Option<u32>, Value) {
        let query = uri.query().unwrap_or_default();
        let is_list = !query.is_empty();
        let name = uri.path().rsplit('/').next().unwrap_or_default();
        if is_list && name != "time_entries" && self.accepts(headers) {
            let records = self.further.get(name).cloned().unwrap_or_default();
            return (200, None, json!({name: records, "links": {"next": null}}));
        }
        if is_list && name == "time_entries" {
            self.asked.push(uri.to_string());
        }
        if !self.accepts(headers) {
            return (401, None, json!({"error": "invalid_token"}));
        }
        if let Some((status, retry)) = self.instead
            && is_list
            && self.answers_left.is_none_or(|left| left == 0)
        {
            return (status, retry, json!({"message": "not now"}));
        }
        let since = parameter(query, "updated_since").parse().ok();
        if self.knows_until.is_some() && since > self.knows_until {
            return (410, None, json!({"message": "gone"}));
        }
        if is_list {
            self.answers_left = self.answers_left.map(|left| left.saturating_sub(1));
            return (200, None, self.list(uri.path(), query));
        }
        let id = uri.path().rsplit('/').next().unwrap_or_default();
        match self.records.iter().find(|one| one.id.to_string() == id) {
            Some(record) => (200, None, record.shown()),
            None => (404, None, json!({"message": "not found"})),
        }
    }

    fn accepts(&self, headers: &HeaderMap) -> bool {
        let given = headers.get("authorization");
        given.is_some_and(|given| given == self.token.as_str())
    }

    /// By time as Harvest does, with the next page's address.
    fn list(&self, path: &str, query: &str) -> Value {
        let since: Timestamp = parameter(query, "updated_since").parse().expect("a time");
        let page: usize = parameter(query, "page").parse().unwrap_or(1);
        let changed = self.records.iter().filter(|one| one.changed >= since);
        let changed: Vec<Value> = changed.map(Record::shown).collect();
        let begin = (page - 1) * self.page;
        let entries: Vec<_> = changed.iter().skip(begin).take(self.page).collect();
        let more = begin + self.page < changed.len();
        let url = &self.url;
        let next = more.then(|| format!("{url}{path}?updated_since={since}&page={}", page + 1));
        json!({"time_entries": entries, "links": {"next": next}})
    }
}

impl Record {
    fn shown(&self) -> Value {
        let hours: Value = serde_json::from_str(self.hours).expect("a number");
        json!({
            "id": self.id, "spent_date": "2026-11-20", "hours": hours, "rounded_hours": hours,
            "approval_status": "approved", "is_billed": false, "is_running": false, "billable": true,
            "updated_at": self.changed, "project": {"id": 77}, "user": {"id": 28},
            "task": {"id": 3, "name": "Senior Consultant"}, "notes": null,
        })
    }
}

fn parameter(query: &str, name: &str) -> String {
    let query = query.split_once('?').map_or(query, |(_, query)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let found = pairs.into_iter().find(|(key, _)| *key == name);
    found.map_or_else(String::new, |(_, value)| value.replace("%3A", ":"))
}
