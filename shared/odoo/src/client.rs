//! One call of Odoo's JSON-2 API.
//!
//! <https://www.odoo.com/documentation/19.0/developer/reference/external_api.html>

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{Context, OdooError};

/// 500 timesheet lines with their read fields are well under 1 MiB; more than this is a mistake.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// An API key of a service user. It has no `Debug` and no `Display`.
#[derive(Clone)]
pub struct ApiKey(Arc<str>);

impl ApiKey {
    /// Takes the key as Odoo showed it.
    pub fn new(key: &str) -> Self {
        Self(Arc::from(key))
    }
}

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
    http: reqwest::Client,
    url: String,
    database: String,
    key: ApiKey,
}

impl Odoo {
    /// Opens no connection yet.
    pub fn new(config: OdooConfig) -> Result<Self, OdooError> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(config.read_timeout)
            .build()
            .map_err(|error| OdooError::Unreachable(Arc::new(error)))?;
        Ok(Self {
            http,
            url: config.url.trim_end_matches('/').to_owned(),
            database: config.database,
            key: config.key,
        })
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
        let request = self
            .http
            .post(format!("{}/json/2/{model}/{method}", self.url))
            .header("X-Odoo-Database", &self.database)
            .bearer_auth(&self.key.0)
            .json(&arguments);
        let (status, body) = self.answer(request).await?;
        if !(200..300).contains(&status) {
            let error = OdooError::of_answer(status, &body);
            tracing::debug!(model, method, status, %error, "Odoo did not do it");
            return Err(error);
        }
        serde_json::from_slice(&body).map_err(|error| OdooError::Unreadable {
            reason: format!("{model}.{method}: {error}"),
        })
    }

    /// A page that needs no key.
    pub(crate) async fn get(&self, path: &str) -> Result<(u16, Vec<u8>), OdooError> {
        self.answer(self.http.get(format!("{}{path}", self.url)))
            .await
    }

    /// A call that needs no key.
    pub(crate) async fn post_without_key(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<(u16, Vec<u8>), OdooError> {
        let request = self.http.post(format!("{}{path}", self.url)).json(body);
        self.answer(request).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<(u16, Vec<u8>), OdooError> {
        let mut response = request.send().await.map_err(OdooError::of_transport)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(OdooError::of_transport)? {
            if body.len() + chunk.len() > ANSWER_BYTES {
                return Err(OdooError::Unreadable {
                    reason: format!("more than {ANSWER_BYTES} bytes"),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, body))
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
