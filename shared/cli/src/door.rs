//! How a person asks the console: signed requests, so that IAM knows who is asking.

use reqwest::Method;
use serde_json::Value;

use crate::aws_api::{Aws, AwsError, Credentials, REGION};

/// The console of one deployment, as one person.
#[derive(Debug, Clone)]
pub struct Door {
    url: String,
    aws: Aws,
}

/// The console did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// No answer came.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// It refused.
    #[error("the console refused {path} ({status}): {reason}")]
    Refused {
        /// What was asked.
        path: String,
        /// The HTTP status.
        status: u16,
        /// Its own words.
        reason: String,
    },
}

impl Door {
    /// The console below this address of the deployed API (its output `ApiUrl`).
    #[must_use]
    pub fn new(api_url: &str, credentials: Credentials) -> Self {
        let url = api_url.trim_end_matches('/').to_owned();
        let aws = Aws::new(&url, credentials).in_region(&region_of(&url));
        Self { url, aws }
    }

    /// Asks, and answers what the console said.
    ///
    /// # Errors
    /// When no answer comes, or the console refuses.
    pub async fn ask(&self, method: Method, path: &str, body: &Value) -> Result<Value, DoorError> {
        let url = format!("{}/console/{path}", self.url);
        let reply = self.aws.call_api(method, &url, body).await?;
        if reply.status == 200 {
            return Ok(reply.json());
        }
        let said = reply.json();
        let words = said.get("error").or_else(|| said.get("message"));
        let reason = words
            .and_then(Value::as_str)
            .unwrap_or(&reply.body)
            .to_owned();
        Err(DoorError::Refused {
            path: path.to_owned(),
            status: reply.status,
            reason,
        })
    }
}

/// The region in `https://ID.execute-api.REGION.amazonaws.com/…`; the emulator's otherwise.
fn region_of(url: &str) -> String {
    let host = url.split('/').nth(2).unwrap_or_default();
    let mut labels = host
        .split('.')
        .skip_while(|label| *label != "execute-api")
        .skip(1);
    labels.next().unwrap_or(REGION).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_the_one_in_the_address() {
        let aws = "https://a1b2.execute-api.us-west-2.amazonaws.com/v1";
        assert_eq!(region_of(aws), "us-west-2");
        assert_eq!(
            region_of("http://127.0.0.1:4566/_aws/execute-api/a1b2/v1"),
            REGION
        );
    }
}
