//! An AWS account in memory with two secrets and a queue, which remembers what it was sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws::{Clock, Connection, RandomTokens};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde_json::{Value, json};

/// The account.
#[derive(Debug, Clone, Default)]
pub struct Account(Arc<Things>);

#[derive(Debug, Default)]
struct Things {
    secrets: BTreeMap<String, String>,
    /// Queue and message.
    sent: Mutex<Vec<(String, String)>>,
    /// The service that is away.
    away: Mutex<Option<&'static str>>,
}

impl Account {
    /// With these secrets, by name.
    pub fn with(secrets: BTreeMap<String, String>) -> Self {
        Self(Arc::new(Things {
            secrets,
            ..Things::default()
        }))
    }

    /// A function's way to it.
    pub fn connection(&self, clock: Arc<dyn Clock>) -> Connection {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-central-1"))
            .endpoint_url("http://account")
            .retry_config(aws_smithy_types::retry::RetryConfig::disabled())
            .http_client(self.clone())
            .build();
        Connection::over(config, clock, Arc::new(RandomTokens))
    }

    /// What was sent since the last time: the queue's name and the message.
    pub fn taken(&self) -> Vec<(String, String)> {
        let mut sent = self.0.sent.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *sent)
    }

    /// Lets a service go away, for example `AmazonSQS`, or all come back.
    pub fn set_away(&self, service: Option<&'static str>) {
        *self.0.away.lock().unwrap_or_else(PoisonError::into_inner) = service;
    }

    fn answer(&self, target: &str, request: &Value) -> (u16, Value) {
        let (service, operation) = target.split_once('.').unwrap_or_default();
        let away = *self.0.away.lock().unwrap_or_else(PoisonError::into_inner);
        if away == Some(service) {
            return (500, json!({"__type": "InternalServiceError"}));
        }
        let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
        match operation {
            "SendMessage" => {
                let url = text("QueueUrl");
                let queue = url.rsplit('/').next().unwrap_or_default().to_owned();
                let mut sent = self.0.sent.lock().unwrap_or_else(PoisonError::into_inner);
                sent.push((queue, text("MessageBody")));
                (200, json!({"MessageId": "1"}))
            }
            "GetSecretValue" => match self.0.secrets.get(&text("SecretId")) {
                Some(secret) => (
                    200,
                    json!({"Name": text("SecretId"), "SecretString": secret}),
                ),
                None => (400, json!({"__type": "ResourceNotFoundException"})),
            },
            _ => panic!("{target} is not answered here"),
        }
    }
}

impl HttpClient for Account {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Account {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let bytes = request.body().bytes().unwrap_or_default();
        let body = serde_json::from_slice(bytes).expect("the SDK sends JSON");
        let (status, answer) = self.answer(target, &body);
        let status = StatusCode::try_from(status).expect("a status");
        let mut response = HttpResponse::new(status, SdkBody::from(answer.to_string()));
        let headers = response.headers_mut();
        headers.insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}
