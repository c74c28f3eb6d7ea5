//! The way from a function's AWS SDK into the story's account: its HTTP connector.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use simulation::table::Reply;

use super::{BUCKET, Cloud};

impl HttpClient for Cloud {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Cloud {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answered = match request.headers().get("x-amz-target") {
            Some(target) => {
                let bytes = request.body().bytes().unwrap_or_default();
                let body: Value = serde_json::from_slice(bytes).unwrap_or_default();
                json_response(self.answer(target, &body))
            }
            // A published book is kept beside the table as well; no story reads it there.
            None if request.method() == "PUT" => response(200, "application/xml", String::new()),
            None => self.file_response(request.uri()),
        };
        HttpConnectorFuture::ready(answered)
    }
}

impl Cloud {
    /// S3's answer: its addresses name the bucket before the host or before the key.
    fn file_response(&self, uri: &str) -> Result<HttpResponse, ConnectorError> {
        let path = uri.splitn(4, '/').nth(3).unwrap_or_default();
        let path = path.strip_prefix(&format!("{BUCKET}/")).unwrap_or(path);
        match self.file(path) {
            Some(content) => response(200, "binary/octet-stream", content),
            None => {
                let error =
                    "<Error><Code>NoSuchKey</Code><Message>There is none.</Message></Error>";
                response(404, "application/xml", error.to_owned())
            }
        }
    }
}

fn json_response(reply: Reply) -> Result<HttpResponse, ConnectorError> {
    let (status, body) = match reply {
        Reply::Done(body) => (200, body),
        Reply::Refused(name, mut body) => {
            if let Some(body) = body.as_object_mut() {
                body.insert("__type".to_owned(), json!(format!("story#{name}")));
            }
            (400, body)
        }
    };
    response(status, "application/x-amz-json-1.0", body.to_string())
}

fn response(status: u16, kind: &'static str, body: String) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(status);
    let status = status.map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response.headers_mut().insert("content-type", kind);
    Ok(response)
}
