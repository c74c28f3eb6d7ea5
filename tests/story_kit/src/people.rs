//! People and service users at work in Odoo: calls of its JSON-2 API with their own keys.

use std::time::Duration;

use cli::stack::seed;
use domain::Reference;
use odoo::wire::{HttpWire, Request, Wire as _};
use odoo::{ApiKey, OdooError};

use crate::functions::Place;
use crate::value::Value;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A call that did not go well.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody of that name has a key here.
    #[error("{who:?} is nobody in this Odoo: there are {known}")]
    Nobody {
        /// The name.
        who: String,
        /// Those who are there.
        known: String,
    },
    /// No answer.
    #[error("Odoo did not answer {model}.{method}")]
    NoAnswer {
        /// The model.
        model: String,
        /// The method.
        method: String,
        /// Why.
        #[source]
        source: OdooError,
    },
    /// Odoo's refusal, in its words.
    #[error("Odoo refused {model}.{method} with status {status}: {said}")]
    Refused {
        /// The model.
        model: String,
        /// The method.
        method: String,
        /// The HTTP status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// There is no record of that name.
    #[error("nothing in Odoo is called {0}")]
    NoRecord(String),
}

/// Everybody who has a key.
pub struct People {
    wire: HttpWire,
    database: String,
}

impl People {
    /// Those of the local seed, at this Odoo.
    ///
    /// # Errors
    /// When there is no HTTP client.
    pub fn at(odoo: &Place) -> Result<Self, OdooError> {
        Ok(Self {
            wire: HttpWire::new(&odoo.url, PATIENCE)?,
            database: odoo.database.clone(),
        })
    }

    /// Somebody calls a method. `body` is the JSON of its named arguments.
    ///
    /// # Errors
    /// When Odoo refuses or does not answer.
    pub async fn call(
        &self,
        who: &str,
        model: &str,
        method: &str,
        body: String,
    ) -> Result<Value, CallError> {
        let request = Request {
            path: format!("/json/2/{model}/{method}"),
            caller: Some((self.database.clone(), ApiKey::new(key(who)?))),
            body: Some(body.into_bytes()),
        };
        let answer = self.wire.send(request).await;
        let answer = answer.map_err(|source| CallError::NoAnswer {
            model: model.to_owned(),
            method: method.to_owned(),
            source,
        })?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let refused = |said: String| CallError::Refused {
            model: model.to_owned(),
            method: method.to_owned(),
            status: answer.status,
            said,
        };
        let value = Value::read(&text);
        match answer.status {
            200..=299 => value
                .filter(|value| !was_not_loaded(method, value))
                .ok_or_else(|| refused(text)),
            _ => {
                let said = value
                    .as_ref()
                    .and_then(|value| value.field("message")?.text());
                Err(refused(said.map_or(text, str::to_owned)))
            }
        }
    }

    /// The database id of `module.name`, or of the record that stands for a fact:
    /// `SOURCE/ACCOUNT/ENTITY/ID`.
    ///
    /// # Errors
    /// When there is no such record.
    pub async fn id_of(&self, name: &str) -> Result<String, CallError> {
        let none = || CallError::NoRecord(name.to_owned());
        let external = match reference(name) {
            Some(reference) => reference.external_id(),
            None => name.to_owned(),
        };
        let (module, rest) = external.split_once('.').ok_or_else(none)?;
        let domain = serde_json::json!([["module", "=", module], ["name", "=", rest]]);
        let body = serde_json::json!({"domain": domain, "fields": ["res_id"]}).to_string();
        let found = self
            .call("admin", "ir.model.data", "search_read", body)
            .await?;
        let id = found.at("/0/res_id").ok_or_else(none)?;
        Ok(id.to_string())
    }

    /// The ids of all companies, as JSON.
    ///
    /// # Errors
    /// When Odoo does not answer.
    pub async fn companies(&self) -> Result<String, CallError> {
        let all = "{\"domain\": []}".to_owned();
        let found = self.call("admin", "res.company", "search", all).await?;
        Ok(found.to_string())
    }

    /// JSON in which the name in every text that begins with `@` has become the record's id.
    ///
    /// # Errors
    /// When there is no such record.
    pub async fn resolved(&self, json: &str) -> Result<String, CallError> {
        let mut out = String::new();
        let mut rest = json;
        while let Some(start) = rest.find('"') {
            let end = start + 1 + end_of_text(rest.get(start + 1..).unwrap_or_default());
            let (before, after) = rest.split_at(end.min(rest.len()));
            let text = before.get(start..).unwrap_or_default();
            out.push_str(before.get(..start).unwrap_or_default());
            let name: String = serde_json::from_str(text).unwrap_or_default();
            match name.strip_prefix('@') {
                Some(name) => out.push_str(&self.id_of(name).await?),
                None => out.push_str(text),
            }
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// Where a JSON text ends whose first quote was read, behind its last quote.
fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !escaped => return place + 1,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// The fact that a story calls `SOURCE/ACCOUNT/ENTITY/ID`.
#[must_use]
pub fn reference(name: &str) -> Option<Reference> {
    let parts: Vec<&str> = name.splitn(4, '/').collect();
    match parts.as_slice() {
        [source, account, entity, id] => Some(Reference::new(*source, *account, *entity, *id)),
        _ => None,
    }
}

fn key(who: &str) -> Result<&'static str, CallError> {
    let users = seed::USERS.iter().map(|user| (user.login, user.key));
    let mut all = users.chain([(seed::ADMIN_LOGIN, seed::ADMIN_KEY)]);
    let found = all.find(|(login, _)| *login == who);
    found.map(|(_, key)| key).ok_or_else(|| CallError::Nobody {
        who: who.to_owned(),
        known: seed::USERS.map(|user| user.login).join(", ") + ", admin",
    })
}

/// Whether this is the answer of a `load` that wrote nothing: it has status 200 and its reasons inside.
fn was_not_loaded(method: &str, answer: &Value) -> bool {
    method == "load" && answer.field("ids") == Some(&Value::Yes(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_at_its_own_quote() {
        assert_eq!(end_of_text("ab\" , \"c\""), 3);
        assert_eq!(end_of_text("a\\\"b\"c"), 5);
        assert_eq!(end_of_text("a\\\\\"c"), 4);
    }
    #[test]
    fn a_load_that_wrote_nothing_is_a_refusal() {
        let wrote_nothing =
            r#"{"ids": false, "messages": [{"type": "error", "message": "No plan"}]}"#;
        let wrote = r#"{"ids": [7], "messages": []}"#;
        let answer = |json| Value::read(json).unwrap();
        assert!(was_not_loaded("load", &answer(wrote_nothing)));
        assert!(!was_not_loaded("load", &answer(wrote)));
        assert!(!was_not_loaded(
            "search_read",
            &answer(r#"[{"ids": false}]"#)
        ));
    }
}
