//! One call of Odoo's JSON-2 API.
//!
//! <https://www.odoo.com/documentation/19.0/developer/reference/external_api.html>

use std::sync::Arc;
use std::time::Duration;

use domain::gate::{Gatekeeper, Went};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::gate::{NoGate, went};
use crate::wire::{Answer, HttpWire, Request, Wire};
use crate::{ApiKey, Context, OdooError};

/// Which Odoo, and as whom.
pub struct OdooConfig {
    /// For example `https://erp.example.com`.
    pub url: String,
    /// The database's name.
    pub database: String,
    /// The key of the service user for the flows this connection is for.
    pub key: ApiKey,
    /// How long an answer may take; Odoo itself works on for up to its own limit.
    pub read_timeout: Duration,
}

/// One Odoo database, as one service user. Clones share their connections.
#[derive(Clone)]
pub struct Odoo {
    wire: Arc<dyn Wire>,
    gate: Arc<dyn Gatekeeper>,
    database: String,
    key: ApiKey,
    last_start: Option<LastStart>,
}

/// After when no call goes out: its answer would come too late for the caller.
#[derive(Debug, Clone, Copy)]
pub struct LastStart {
    /// For what writes.
    pub writing: Instant,
    /// For what only reads: when its answer does not come in time, nothing is uncertain.
    pub reading: Instant,
}

/// The methods that we call and that write nothing.
const READING: [&str; 5] = [
    "/read",
    "/search",
    "/search_read",
    "/get_metadata",
    "/check_object_reference",
];

impl Odoo {
    /// Over HTTP. Opens no connection yet.
    pub fn new(config: OdooConfig) -> Result<Self, OdooError> {
        let wire = HttpWire::new(&config.url, config.read_timeout)?;
        Ok(Self::over(Arc::new(wire), config.database, config.key))
    }

    /// Over a wire that is there already, with no gate.
    pub fn over(wire: Arc<dyn Wire>, database: String, key: ApiKey) -> Self {
        Self {
            wire,
            gate: Arc::new(NoGate),
            database,
            key,
            last_start: None,
        }
    }

    /// The same Odoo behind a gate, which is asked before each call.
    #[must_use]
    pub fn behind(self, gate: Arc<dyn Gatekeeper>) -> Self {
        Self { gate, ..self }
    }

    /// The same Odoo, which no call goes to after this: its answer would come too late for us.
    #[must_use]
    pub fn until(self, last_start: LastStart) -> Self {
        let last_start = Some(last_start);
        Self { last_start, ..self }
    }

    /// The same Odoo as another service user.
    #[must_use]
    pub fn with_key(&self, key: ApiKey) -> Self {
        Self {
            key,
            ..self.clone()
        }
    }

    /// Calls `method` of `model`. `arguments` is an object of named arguments, with `ids` where
    /// the method works on records.
    pub async fn call<T: DeserializeOwned>(
        &self,
        model: &str,
        method: &str,
        context: &Context,
        mut arguments: Value,
    ) -> Result<T, OdooError> {
        if let Some(named) = arguments.as_object_mut() {
            named.insert("context".to_owned(), context.value());
        }
        let request = Request {
            path: format!("/json/2/{model}/{method}"),
            caller: Some((self.database.clone(), self.key.clone())),
            body: Some(arguments.to_string().into_bytes()),
        };
        let answer = self.send(request).await?;
        if !(200..300).contains(&answer.status) {
            let error = OdooError::of_answer(&answer);
            tracing::debug!(model, method, status = answer.status, %error, "Odoo did not do it");
            return Err(error);
        }
        serde_json::from_slice(&answer.body).map_err(|error| OdooError::Unreadable {
            reason: format!("{model}.{method}: {error}"),
        })
    }

    /// A page that needs no key: its status and body.
    pub(crate) async fn get(&self, path: &str) -> Result<(u16, Vec<u8>), OdooError> {
        self.without_key(path, None).await
    }

    /// A call that needs no key: its status and body.
    pub(crate) async fn post_without_key(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<(u16, Vec<u8>), OdooError> {
        self.without_key(path, Some(body.to_string().into_bytes()))
            .await
    }

    async fn without_key(
        &self,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<(u16, Vec<u8>), OdooError> {
        let request = Request {
            path: path.to_owned(),
            caller: None,
            body,
        };
        let answer = self.send(request).await?;
        Ok((answer.status, answer.body))
    }

    /// The only way out: through the gate and over the wire.
    async fn send(&self, request: Request) -> Result<Answer, OdooError> {
        let reads = READING.iter().any(|method| request.path.ends_with(method));
        let last = |last: LastStart| if reads { last.reading } else { last.writing };
        let out_of_time = || self.last_start.is_some_and(|l| Instant::now() > last(l));
        if out_of_time() {
            return Err(OdooError::OutOfTime);
        }
        let pass = self.gate.enter().await?;
        // The gate may have taken its time.
        if out_of_time() {
            self.gate.leave(pass, Went::NotMade).await;
            return Err(OdooError::OutOfTime);
        }
        let outcome = self.wire.send(request).await;
        self.gate.leave(pass, went(&outcome)).await;
        outcome
    }

    /// Reads fields of records; those that do not exist are left out of the answer. Links come as
    /// bare ids, because their names may be those of people.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        context: &Context,
        model: &str,
        ids: &[i64],
        fields: &[&str],
    ) -> Result<Vec<T>, OdooError> {
        let arguments = json!({"ids": ids, "fields": fields, "load": null});
        self.call(model, "read", context, arguments).await
    }

    /// Reads one record; that it is missing is a difference.
    pub(crate) async fn read_one<T: DeserializeOwned>(
        &self,
        context: &Context,
        model: &str,
        id: i64,
        fields: &[&str],
    ) -> Result<T, OdooError> {
        let mut found = self.read(context, model, &[id], fields).await?;
        found
            .pop()
            .ok_or_else(|| OdooError::differs(format!("{model} {id} no longer exists in Odoo")))
    }

    /// Writes values and expects `true`.
    pub(crate) async fn write(
        &self,
        context: &Context,
        model: &str,
        ids: &[i64],
        values: Value,
    ) -> Result<(), OdooError> {
        let arguments = json!({"ids": ids, "vals": values});
        let _: Value = self.call(model, "write", context, arguments).await?;
        Ok(())
    }
}
