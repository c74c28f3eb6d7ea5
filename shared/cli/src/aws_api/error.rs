//! How a call fails, and how a service says so.

use reqwest::StatusCode;
use serde_json::Value;

use crate::aws_api::{Reply, xml};

/// A call to AWS (or the emulator) failed.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// No answer came.
    #[error("{service} did not answer {action}; is the emulator running?")]
    NoAnswer {
        /// The service.
        service: String,
        /// What was asked.
        action: String,
        /// The cause.
        #[source]
        source: reqwest::Error,
    },
    /// The service refused.
    #[error("{service} refused {action} ({status} {code}): {message}")]
    Refused {
        /// The service.
        service: String,
        /// What was asked.
        action: String,
        /// The HTTP status.
        status: StatusCode,
        /// The service's own name of the error, such as `AccessDeniedException`.
        code: String,
        /// The service's own words.
        message: String,
    },
    /// The answer is not what the protocol promises.
    #[error("{service} answered {action} with something unreadable: {start}")]
    Unreadable {
        /// The service.
        service: String,
        /// What was asked.
        action: String,
        /// The start of the answer.
        start: String,
    },
    /// The request could not be signed.
    #[error("the call {action} of {service} could not be signed: {reason}")]
    NotSigned {
        /// The service.
        service: String,
        /// What was asked.
        action: String,
        /// Why.
        reason: String,
    },
}

/// The reply, if the service did what it was asked.
pub(super) fn succeeded(service: &str, action: &str, reply: Reply) -> Result<Reply, AwsError> {
    if (200..300).contains(&reply.status) {
        return Ok(reply);
    }
    let (code, message) = error_of(&reply.body);
    Err(AwsError::Refused {
        service: service.to_owned(),
        action: action.to_owned(),
        status: StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        code,
        message,
    })
}

/// The name and the words of an error in JSON or XML.
fn error_of(body: &str) -> (String, String) {
    if let Ok(Value::Object(fields)) = serde_json::from_str(body) {
        let text = |names: [&str; 3]| {
            names
                .iter()
                .find_map(|name| fields.get(*name)?.as_str())
                .unwrap_or_default()
        };
        let code = text(["__type", "code", "Code"]);
        let code = code.rsplit('#').next().unwrap_or(code);
        return (
            code.to_owned(),
            text(["message", "Message", "Type"]).to_owned(),
        );
    }
    let first = |name| xml::texts(body, name).into_iter().next();
    (
        first("Code").unwrap_or_default(),
        first("Message").unwrap_or_else(|| shorten(body)),
    )
}

/// The body as JSON; an empty one is `null`.
pub(super) fn readable(service: &str, action: &str, body: &str) -> Result<Value, AwsError> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(body).map_err(|_| AwsError::Unreadable {
        service: service.to_owned(),
        action: action.to_owned(),
        start: shorten(body),
    })
}

fn shorten(text: &str) -> String {
    text.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_understood_in_json_and_in_xml() {
        let json = r#"{"__type":"com.amazon#AccessDeniedException","message":"no"}"#;
        assert_eq!(
            error_of(json),
            ("AccessDeniedException".to_owned(), "no".to_owned())
        );
        let xml = "<ErrorResponse><Error><Code>ValidationError</Code><Message>a &amp; b</Message></Error></ErrorResponse>";
        assert_eq!(
            error_of(xml),
            ("ValidationError".to_owned(), "a & b".to_owned())
        );
    }
}
