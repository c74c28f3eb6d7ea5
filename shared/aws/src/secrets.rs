//! Secrets, read at run time and cached briefly.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_secretsmanager::Client;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::{Connection, StoreError};

/// How long a secret is used before it is read again: a rotated one is picked up within this.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// The text of a secret. It has no `Debug` and no `Display`, so that it cannot reach a log.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    /// The text itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Secrets Manager, with a cache.
pub struct Secrets {
    client: Client,
    cached: Mutex<HashMap<String, (Timestamp, Secret)>>,
}

impl Secrets {
    /// The secrets that the function's role may read.
    pub fn new(connection: &Connection) -> Self {
        Self {
            client: connection.secrets_manager(),
            cached: Mutex::default(),
        }
    }

    /// A secret's current value, at most a minute old. None when it has no value.
    pub async fn get(&self, name: &str, now: Timestamp) -> Result<Option<Secret>, StoreError> {
        let mut cached = self.cached.lock().await;
        if let Some((read_at, secret)) = cached.get(name)
            && now.duration_since(*read_at) < FRESH
        {
            return Ok(Some(secret.clone()));
        }
        let Some((secret, _)) = self.read_now(name).await? else {
            return Ok(None);
        };
        cached.insert(name.to_owned(), (now, secret.clone()));
        Ok(Some(secret))
    }

    /// Reads a secret again at the next use, because somebody says that it has changed.
    pub async fn forget(&self, name: &str) {
        self.cached.lock().await.remove(name);
    }

    /// A secret's value at this moment, and the id of that version. None when it has no value.
    pub async fn read_now(&self, name: &str) -> Result<Option<(Secret, String)>, StoreError> {
        match self.client.get_secret_value().secret_id(name).send().await {
            Ok(answer) => {
                let version = answer.version_id().unwrap_or_default().to_owned();
                let text = answer.secret_string();
                Ok(text.map(|text| (Secret(text.into()), version)))
            }
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|e| e.is_resource_not_found_exception()) =>
            {
                Ok(None)
            }
            Err(error) => Err(StoreError::unavailable("secret", "read", error)),
        }
    }

    /// Replaces a secret's value, unless this version of it has been replaced already. Answers whether
    /// it did. AWS has no such condition: of two that do this at the same moment the last one wins, so
    /// that only one may do it at a time.
    pub async fn put_after(
        &self,
        name: &str,
        version: &str,
        value: String,
    ) -> Result<bool, StoreError> {
        let now = self.read_now(name).await?;
        if now.is_none_or(|(_, now)| now != version) {
            self.forget(name).await;
            return Ok(false);
        }
        self.put(name, value).await.map(|()| true)
    }

    /// Replaces a secret's value.
    pub async fn put(&self, name: &str, value: String) -> Result<(), StoreError> {
        self.client
            .put_secret_value()
            .secret_id(name)
            .secret_string(value)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("secret", "write", error))?;
        self.forget(name).await;
        Ok(())
    }
}
