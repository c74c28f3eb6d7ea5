//! An AWS that answers at once: what it is asked for costs nothing but the SDK's own work.

use aws::{Connection, RandomTokens, SystemClock};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
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
use serde_json::json;
use std::sync::Arc;

use crate::webhooks::webhook::{SECRET, SECRET_NAME};

/// What is answered to a request with this target.
pub fn answer(target: &str) -> String {
    match target {
        "secretsmanager.GetSecretValue" => {
            json!({"ARN": SECRET_NAME, "Name": SECRET_NAME, "SecretString": SECRET}).to_string()
        }
        "AmazonSQS.SendMessage" => r#"{"MessageId":"1","MD5OfMessageBody":""}"#.to_owned(),
        _ => panic!("{target} is not answered here"),
    }
}

/// A connection to it, within this process.
pub fn connection() -> Connection {
    let credentials = Credentials::new("test", "test", None, None, "bench");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(AtOnce)
        .build();
    Connection::over(config, Arc::new(SystemClock), Arc::new(RandomTokens))
}

#[derive(Debug, Clone, Copy)]
struct AtOnce;

impl HttpClient for AtOnce {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(*self)
    }
}

impl HttpConnector for AtOnce {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let status = StatusCode::try_from(200_u16).expect("a status");
        let mut response = HttpResponse::new(status, SdkBody::from(answer(target)));
        let headers = response.headers_mut();
        headers.insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}
