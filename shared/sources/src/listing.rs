//! Reading a list of a source, page by page, as its description says.
//!
//! A [`Walk`] goes through the list once. It is a value: what one run does not come to, the next one
//! goes on with. What it sends and what the answers mean is decided here; somebody else sends.

use domain::book::{Book, CrmProperties};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api::{ApiAnswer, ApiRequest};
use crate::facts::api::{CursorForm, Listing, Paging, Pull};
use crate::hubspot::deal_fetch::escaped;
use crate::json::{self, Object, Unreadable, missing, wrong};

mod beside;
mod bodies;

pub use beside::Named;

/// One way through a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// What changed since then is asked for.
    pub since: Timestamp,
    /// When it began.
    pub began_at: Timestamp,
    /// The latest change that came so far.
    pub newest: Option<Timestamp>,
    /// How many records came so far.
    pub records: u64,
    /// Where it goes on.
    pub position: Position,
}

/// Where a walk goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// At the page of this number, from 1.
    Page(u32),
    /// Beyond the record of this id.
    Beyond(String),
    /// At this path and query.
    Address(String),
    /// Where this mark of the source says.
    Mark(String),
}

/// One page.
pub struct Page<'a> {
    /// Its records.
    pub rows: Vec<Row<'a>>,
    /// Where the next one is; none after the last.
    pub next: Option<Position>,
}

/// One record of a page.
pub struct Row<'a> {
    /// Its id and when it was last changed; none when it does not say so in the place described.
    pub known: Option<(String, Timestamp)>,
    /// All of it.
    pub text: &'a str,
}

impl Walk {
    /// Begins.
    #[must_use]
    pub const fn from(since: Timestamp, began_at: Timestamp) -> Self {
        Self {
            since,
            began_at,
            newest: None,
            records: 0,
            position: Position::Page(1),
        }
    }

    /// How far the list has been read once the walk is at its end. A record that changes while it is
    /// read may have been passed by then, so no change after the beginning counts as read.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        self.newest.map(|newest| newest.min(self.began_at))
    }
}

/// How a source's list is asked for and read.
#[derive(Clone, Copy)]
pub struct Lister<'a> {
    pull: &'a Pull,
    list: &'a Listing,
    account: &'a str,
    /// What the firm calls the fields of its own.
    names: &'a CrmProperties,
}

impl<'a> Lister<'a> {
    /// How a list of an account is asked for; none when its description does not say.
    #[must_use]
    pub fn of(source: &str, pull: &'a Pull, account: &'a str, book: &'a Book) -> Option<Self> {
        let list = pull.list.as_ref()?;
        Some(Self {
            pull,
            list,
            account,
            names: &book.crm_or_first(source, account).properties,
        })
    }

    /// What its records are.
    #[must_use]
    pub fn entity(&self) -> &'a str {
        &self.list.entity
    }

    /// The request for the next page.
    #[must_use]
    pub fn request(&self, walk: &Walk) -> ApiRequest {
        if let Position::Address(path_and_query) = &walk.position {
            return get(path_and_query.clone());
        }
        let mut query: Vec<String> = self.list.query.clone();
        match (&self.pull.paging, &walk.position) {
            (
                Some(Paging::Number { parameter, .. } | Paging::Header { parameter, .. }),
                Position::Page(number),
            ) => query.push(format!("{parameter}={number}")),
            (
                Some(Paging::Next {
                    parameter: Some(parameter),
                    ..
                }),
                Position::Mark(mark),
            ) => query.push(format!("{parameter}={mark}")),
            _ => {}
        }
        let which = self.list.which.as_ref().map_or("", |which| &which.listed);
        let filled = |value: &str| self.filled(&value.replace("{which}", which), walk);
        let path = self.filled(&self.pull.path, walk);
        let body = self.list.body.as_ref();
        ApiRequest {
            method: if body.is_some() { "POST" } else { "GET" },
            path_and_query: with_query(path, &query, filled),
            body: body.map(|body| self.filled(body, walk)),
        }
    }

    /// The request for one record in the shape of the list, where the description knows one.
    #[must_use]
    pub fn request_for_whole(&self, id: &str) -> Option<ApiRequest> {
        let which = self.list.which.as_ref().filter(|_| is_plain(id))?;
        let one = which.one.replace("{id}", id);
        let filled = |value: &str| self.named(&value.replace("{which}", &one));
        let path = self.named(&self.pull.path);
        Some(get(with_query(path, &self.list.query, filled)))
    }

    /// The request for one record; none where the description does not say how.
    #[must_use]
    pub fn request_for(&self, id: &str) -> Option<ApiRequest> {
        let record = self.list.record.as_ref()?;
        let path = record.replace("{account}", &escaped(self.account));
        Some(get(path.replace("{id}", &escaped(id))))
    }

    /// What an answer says. `header` gives a header of it by its lower-case name.
    ///
    /// # Errors
    /// When it does not have the shape that the description says.
    pub fn page<'t>(
        &self,
        walk: &Walk,
        base_url: &str,
        answer: &'t ApiAnswer,
        header: impl Fn(&str) -> Option<String>,
    ) -> Result<Page<'t>, Unreadable> {
        let body = answer.body.as_str();
        let records = match self.list.records.as_str() {
            "" => body,
            place => json::at(body, place).ok_or_else(|| missing(place))?,
        };
        let records: Vec<&'t str> = match self.list.by_id {
            true => Object::parse(records)?.values(),
            false => json::array(records)?.iter().map(|one| one.get()).collect(),
        };
        let rows: Vec<Row<'t>> = records.into_iter().map(|one| self.row(one)).collect();
        let old = |row: &Row<'_>| row.known.as_ref().is_some_and(|(_, at)| *at < walk.since);
        if self.list.newest_first && rows.iter().any(old) {
            let rows = rows.into_iter().filter(|row| !old(row)).collect();
            return Ok(Page { rows, next: None });
        }
        let next = self.next(walk, base_url, body, &rows, header)?;
        Ok(Page { rows, next })
    }

    fn row<'t>(&self, text: &'t str) -> Row<'t> {
        let id = json::id_at(text, &self.list.id);
        let changed = json::at(text, &self.pull.cursor.from).and_then(instant);
        Row {
            known: id.zip(changed),
            text,
        }
    }

    fn next(
        &self,
        walk: &Walk,
        base_url: &str,
        body: &str,
        rows: &[Row<'_>],
        header: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Position>, Unreadable> {
        let Some(paging) = &self.pull.paging else {
            return Ok(None);
        };
        let is_full = rows.len() >= usize::try_from(paging.size()).unwrap_or(usize::MAX);
        let number = match walk.position {
            Position::Page(number) => number.saturating_add(1),
            Position::Beyond(_) | Position::Address(_) | Position::Mark(_) => 1,
        };
        match paging {
            Paging::Number { .. } => Ok(is_full.then_some(Position::Page(number))),
            Paging::Header { name, .. } => match header(name).as_deref() {
                Some("true") => Ok(None),
                Some(_) => Ok(Some(Position::Page(number))),
                None => Err(missing(name)),
            },
            Paging::Id { .. } if !is_full => Ok(None),
            Paging::Id { .. } => {
                let last = rows.last().and_then(|row| row.known.as_ref());
                let (id, _) = last.ok_or_else(|| missing(&self.list.id))?;
                Ok(Some(Position::Beyond(id.clone())))
            }
            Paging::Next { at, parameter, .. } => {
                let next = json::id_at(body, at).filter(|next| !next.is_empty());
                match (next, parameter) {
                    (None, _) => Ok(None),
                    (Some(mark), Some(_)) => Ok(Some(Position::Mark(mark))),
                    (Some(address), None) => within(base_url, &address)
                        .map(|path| Some(Position::Address(path)))
                        .ok_or_else(|| wrong(at, "an address below the API's own")),
                }
            }
        }
    }

    fn filled(&self, text: &str, walk: &Walk) -> String {
        let since = match self.list.written {
            CursorForm::Rfc3339 => format!("{:.0}", walk.since),
            CursorForm::Milliseconds => walk.since.as_millisecond().to_string(),
        };
        let last = match &walk.position {
            // What comes from an answer stands in a body: only a plain id may.
            Position::Beyond(id) if is_plain(id) => id.as_str(),
            Position::Beyond(_) | Position::Page(_) | Position::Address(_) | Position::Mark(_) => {
                "0"
            }
        };
        let size = self.pull.paging.as_ref().map_or(0, Paging::size);
        let filled = text
            .replace("{cursor}", &since)
            .replace("{id}", last)
            .replace("{size}", &size.to_string());
        self.named(&filled)
    }

    /// The account, and what the firm calls fields of its own.
    fn named(&self, text: &str) -> String {
        let names = self.names;
        text.replace("{account}", &escaped(self.account))
            .replace("{legal_entity}", &names.legal_entity)
            .replace("{payment_terms}", &names.payment_terms)
            .replace("{purchase_order}", &names.purchase_order)
            .replace("{signed_on}", &names.signed_on)
            .replace("{vat}", &names.vat)
    }
}

/// A path with its parameters, each filled in and escaped.
fn with_query(path: String, query: &[String], filled: impl Fn(&str) -> String) -> String {
    let pairs = query.iter().map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        format!("{}={}", escaped(name), escaped(&filled(value)))
    });
    let pairs: Vec<String> = pairs.collect();
    match pairs.is_empty() {
        true => path,
        false => format!("{path}?{}", pairs.join("&")),
    }
}

const fn get(path_and_query: String) -> ApiRequest {
    ApiRequest {
        method: "GET",
        path_and_query,
        body: None,
    }
}

/// An instant as a text, or as a number of seconds or milliseconds.
fn instant(json: &str) -> Option<Timestamp> {
    /// Seconds reach this number in the year 5138.
    const LARGEST_SECOND: i64 = 100_000_000_000;
    if json.starts_with('"') {
        let text: String = serde_json::from_str(json).ok()?;
        return text.parse().ok();
    }
    let number: i64 = json.parse().ok()?;
    match number > LARGEST_SECOND {
        true => Timestamp::from_millisecond(number).ok(),
        false => Timestamp::from_second(number).ok(),
    }
}

fn is_plain(id: &str) -> bool {
    id.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Path and query of an address below the API's own: an answer must not choose whom we talk to.
fn within(base_url: &str, address: &str) -> Option<String> {
    let base = base_url.trim_end_matches('/');
    let rest = match address.starts_with('/') {
        true => address,
        false => address.strip_prefix(base)?,
    };
    (rest.starts_with('/') && !rest.starts_with("//")).then(|| rest.to_owned())
}

#[cfg(test)]
mod tests;
