//! What is asked of a source's API and what comes back, as values.

use domain::NextStep;

use crate::json::Object;

/// A request to a source's API; the caller adds host and authorization.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiRequest {
    /// The HTTP method.
    pub method: &'static str,
    /// Path and query, escaped, beginning with a slash.
    pub path_and_query: String,
    /// A JSON body.
    pub body: Option<String>,
}

/// The answer to an [`ApiRequest`]. It has no `Debug`: it holds personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Why a source's API did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// Too many requests, or it has trouble of its own.
    #[error("the source is busy (HTTP {status})")]
    Busy {
        /// The HTTP status.
        status: u16,
    },
    /// Our token is not accepted, or may not do this.
    #[error("the source does not accept our access (HTTP {status}{})", of(.category))]
    NotAllowed {
        /// The HTTP status.
        status: u16,
        /// The source's own word for it.
        category: Option<String>,
    },
    /// There is no such record.
    #[error("the source has no such record (HTTP 404)")]
    NotFound,
    /// It understood and refused.
    #[error("the source refused the request (HTTP {status}{})", of(.category))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The source's own word for it.
        category: Option<String>,
    },
}

fn of(category: &Option<String>) -> String {
    category
        .as_ref()
        .map(|word| format!(", {word}"))
        .unwrap_or_default()
}

impl ApiError {
    /// What the caller may do. Every request of this crate can be repeated: reading changes
    /// nothing, and what is written are absolute values.
    pub const fn next_step(&self) -> NextStep {
        match self {
            Self::Busy { .. } => NextStep::Retry,
            Self::NotAllowed { .. } => NextStep::Park,
            Self::NotFound | Self::Refused { .. } => NextStep::Reject,
        }
    }
}

/// Sorts an answer by its status; a good one is handed on.
pub fn classify(answer: &ApiAnswer) -> Result<&ApiAnswer, ApiError> {
    let status = answer.status;
    match status {
        200..=299 => Ok(answer),
        401 | 403 => Err(ApiError::NotAllowed {
            status,
            category: category(&answer.body),
        }),
        404 => Err(ApiError::NotFound),
        408 | 429 | 500..=599 => Err(ApiError::Busy { status }),
        _ => Err(ApiError::Refused {
            status,
            category: category(&answer.body),
        }),
    }
}

/// The error's category, when it is a plain word: the message beside it may quote what we sent.
fn category(body: &str) -> Option<String> {
    let word = Object::parse(body).ok()?.text("category").ok()?;
    let plain = word.len() <= 60
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    plain.then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_what_to_do_next_and_never_what_was_sent() {
        let ask = |status, body: &str| {
            let answer = ApiAnswer {
                status,
                body: body.to_owned(),
            };
            classify(&answer).map(drop).unwrap_err()
        };
        for (status, step) in [
            (429, NextStep::Retry),
            (502, NextStep::Retry),
            (401, NextStep::Park),
            (403, NextStep::Park),
            (404, NextStep::Reject),
            (400, NextStep::Reject),
            (302, NextStep::Reject),
        ] {
            assert_eq!(ask(status, "").next_step(), step, "{status}");
        }
        let body = r#"{"status":"error","message":"Bob is wrong","category":"VALIDATION_ERROR"}"#;
        let error = ask(400, body).to_string();
        assert_eq!(
            error,
            "the source refused the request (HTTP 400, VALIDATION_ERROR)"
        );
        assert!(
            !ask(400, r#"{"category":"Bob"}"#)
                .to_string()
                .contains("Bob")
        );
    }
}
