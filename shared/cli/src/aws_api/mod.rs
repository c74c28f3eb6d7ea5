//! A small signed client for AWS: just the calls that deploying, the demo and the tests make. One
//! generic call per protocol instead of an SDK crate per service, which would triple the first build.

mod calls;
mod error;
mod sign;
pub mod xml;

use reqwest::{Client, Method};
use serde_json::Value;

pub use error::AwsError;
pub use sign::Credentials;

use error::{readable, succeeded};

/// Where everything is deployed, unless an address says otherwise.
pub const REGION: &str = "eu-central-1";

/// A service that takes JSON and names the operation in the header `X-Amz-Target`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonService {
    name: &'static str,
    target: &'static str,
    version: &'static str,
}

/// Amazon SQS.
pub const SQS: JsonService = JsonService {
    name: "sqs",
    target: "AmazonSQS",
    version: "1.0",
};
/// Amazon DynamoDB.
pub const DYNAMODB: JsonService = JsonService {
    name: "dynamodb",
    target: "DynamoDB_20120810",
    version: "1.0",
};
/// AWS Secrets Manager.
pub const SECRETS: JsonService = JsonService {
    name: "secretsmanager",
    target: "secretsmanager",
    version: "1.1",
};
/// Amazon CloudWatch Logs.
pub const LOGS: JsonService = JsonService {
    name: "logs",
    target: "Logs_20140328",
    version: "1.1",
};

/// What an HTTP endpoint answered, whatever the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Reply {
    /// The body as JSON, or `null`.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

/// A client of one account.
#[derive(Debug, Clone)]
pub struct Aws {
    http: Client,
    endpoint: String,
    region: String,
    credentials: Credentials,
}

/// One request before it is signed.
struct Request<'a> {
    service: &'a str,
    action: &'a str,
    method: Method,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Aws {
    /// The emulator's administrator. It takes these credentials at their word.
    #[must_use]
    pub fn root(endpoint: &str) -> Self {
        Self::new(endpoint, Credentials::new("test", "test", None))
    }

    /// A client with given credentials.
    #[must_use]
    pub fn new(endpoint: &str, credentials: Credentials) -> Self {
        Self {
            http: Client::new(),
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            region: REGION.to_owned(),
            credentials,
        }
    }

    /// The same endpoint with other credentials.
    #[must_use]
    pub fn with_credentials(&self, credentials: Credentials) -> Self {
        Self {
            credentials,
            ..self.clone()
        }
    }

    /// The same endpoint, with requests signed for another region than the emulator's.
    #[must_use]
    pub fn in_region(self, region: &str) -> Self {
        Self {
            region: region.to_owned(),
            ..self
        }
    }

    /// The address that is called.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Calls an operation of a service that speaks JSON, such as `GetItem` of [`DYNAMODB`].
    ///
    /// # Errors
    /// When the call fails.
    pub async fn json(
        &self,
        service: JsonService,
        operation: &str,
        body: &Value,
    ) -> Result<Value, AwsError> {
        let request = Request {
            service: service.name,
            action: operation,
            method: Method::POST,
            url: format!("{}/", self.endpoint),
            headers: vec![
                (
                    "content-type",
                    format!("application/x-amz-json-{}", service.version),
                ),
                ("x-amz-target", format!("{}.{operation}", service.target)),
            ],
            body: body.to_string().into_bytes(),
        };
        let (name, action) = (request.service, request.action);
        let reply = succeeded(name, action, self.send(request).await?)?;
        readable(name, action, &reply.body)
    }

    /// Calls a service that speaks REST with JSON, such as `lambda` or `scheduler`.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn rest(
        &self,
        service: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, AwsError> {
        let request = Request {
            service,
            action: path,
            method,
            url: format!("{}{path}", self.endpoint),
            headers: vec![("content-type", "application/json".to_owned())],
            body: body
                .map(|body| body.to_string().into_bytes())
                .unwrap_or_default(),
        };
        let reply = succeeded(service, path, self.send(request).await?)?;
        if reply.body.is_empty() {
            Ok(Value::Null)
        } else {
            readable(service, path, &reply.body)
        }
    }

    /// Calls a service of the query protocol, such as `cloudformation`; answers XML.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn query(
        &self,
        service: &str,
        version: &str,
        action: &str,
        parameters: &[(String, String)],
    ) -> Result<String, AwsError> {
        let own = [("Action", action), ("Version", version)];
        let given = parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let pairs: Vec<String> = own
            .into_iter()
            .chain(given)
            .map(|(name, value)| format!("{}={}", percent(name), percent(value)))
            .collect();
        let request = Request {
            service,
            action,
            method: Method::POST,
            url: format!("{}/", self.endpoint),
            headers: vec![(
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: pairs.join("&").into_bytes(),
        };
        Ok(succeeded(service, action, self.send(request).await?)?.body)
    }

    /// Calls a REST API of ours whose method wants the caller's IAM identity. Any status is a reply.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn call_api(
        &self,
        method: Method,
        url: &str,
        body: &Value,
    ) -> Result<Reply, AwsError> {
        let request = Request {
            service: "execute-api",
            action: url,
            method,
            url: url.to_owned(),
            headers: vec![("content-type", "application/json".to_owned())],
            body: if body.is_null() {
                Vec::new()
            } else {
                body.to_string().into_bytes()
            },
        };
        self.send(request).await
    }

    async fn send(&self, request: Request<'_>) -> Result<Reply, AwsError> {
        let signed = sign::headers(&self.credentials, &self.region, &request)?;
        let no_answer = |source| AwsError::NoAnswer {
            service: request.service.to_owned(),
            action: request.action.to_owned(),
            source,
        };
        let mut call = self.http.request(request.method.clone(), &request.url);
        for (name, value) in request.headers.iter().map(|(name, value)| (*name, value)) {
            call = call.header(name, value);
        }
        for (name, value) in signed {
            call = call.header(name, value);
        }
        let response = call
            .body(request.body.clone())
            .send()
            .await
            .map_err(no_answer)?;
        let status = response.status().as_u16();
        Ok(Reply {
            status,
            body: response.text().await.map_err(no_answer)?,
        })
    }
}

/// Percent-encodes everything but the characters that RFC 3986 calls unreserved.
#[must_use]
pub fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_value_is_encoded() {
        assert_eq!(percent("a b+c/ü~"), "a%20b%2Bc%2F%C3%BC~");
    }
}
