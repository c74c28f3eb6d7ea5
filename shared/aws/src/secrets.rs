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
        let Some(secret) = self.read(name).await? else {
            return Ok(None);
        };
        cached.insert(name.to_owned(), (now, secret.clone()));
        Ok(Some(secret))
    }

    /// Reads a secret again at the next use, because somebody says that it has changed.
    pub async fn forget(&self, name: &str) {
        self.cached.lock().await.remove(name);
    }

    async fn read(&self, name: &str) -> Result<Option<Secret>, StoreError> {
        match self.client.get_secret_value().secret_id(name).send().await {
            Ok(answer) => Ok(answer.secret_string().map(|text| Secret(text.into()))),
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
