//! The way to Odoo's web server: one request, one answer, with bounds on time and size.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::header::{self, HeaderMap};

use crate::OdooError;
pub use crate::exchange::{Answer, Request};

/// 5,000 timesheet lines with their read fields are about 2 MiB; more than this is a mistake.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// An answer that is on its way.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Answer, OdooError>> + Send + 'a>>;

/// Carries requests to an Odoo.
pub trait Wire: Send + Sync {
    /// Sends one request. The error tells whether it may have been received
    /// ([`OdooError::Unreachable`] or [`OdooError::NoAnswer`]).
    fn send(&self, request: Request) -> Answering<'_>;
}

/// HTTP. Clones share their connections.
#[derive(Clone)]
pub struct HttpWire {
    client: reqwest::Client,
    url: String,
}

impl HttpWire {
    /// To the Odoo at `url`, for example `https://erp.example.com`. `read_timeout` is how long an
    /// answer may take; Odoo itself works on for up to its own limit. Opens no connection yet.
    pub fn new(url: &str, read_timeout: Duration) -> Result<Self, OdooError> {
        let client = reqwest::Client::builder()
            // An answer must not choose whom our key is shown to.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(read_timeout)
            .build()
            .map_err(|error| OdooError::Unreachable(Arc::new(error)))?;
        Ok(Self {
            client,
            url: url.trim_end_matches('/').to_owned(),
        })
    }

    fn request(&self, request: Request) -> reqwest::RequestBuilder {
        let url = format!("{}{}", self.url, request.path);
        let builder = match request.body {
            Some(body) => self
                .client
                .post(url)
                .header(header::CONTENT_TYPE, "application/json")
                .body(body),
            None => self.client.get(url),
        };
        match &request.caller {
            Some((database, key)) => builder
                .header("X-Odoo-Database", database)
                .bearer_auth(key.reveal()),
            None => builder,
        }
    }
}

impl Wire for HttpWire {
    fn send(&self, request: Request) -> Answering<'_> {
        let request = self.request(request);
        Box::pin(async move {
            let mut response = request.send().await.map_err(OdooError::of_transport)?;
            let status = response.status().as_u16();
            let retry_after = retry_after(response.headers());
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(OdooError::of_transport)? {
                if body.len() + chunk.len() > ANSWER_BYTES {
                    return Err(OdooError::Unreadable {
                        reason: format!("more than {ANSWER_BYTES} bytes"),
                    });
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Answer {
                status,
                retry_after,
                body,
            })
        })
    }
}

/// `Retry-After` in seconds, or as a date, which is measured from the server's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let wanted = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = rfc2822::parse(wanted).ok()?;
    let now = rfc2822::parse(text(header::DATE)?).ok()?;
    then.duration_since(&now).try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_in_seconds_and_as_a_date() {
        let wait = |wanted: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::DATE,
                "Sun, 22 Nov 2026 17:00:00 GMT".parse().unwrap(),
            );
            headers.insert(header::RETRY_AFTER, wanted.parse().unwrap());
            retry_after(&headers).map(|wait| wait.as_secs())
        };
        assert_eq!(wait("30"), Some(30));
        assert_eq!(wait("Sun, 22 Nov 2026 17:01:30 GMT"), Some(90));
        assert_eq!(wait("Sun, 22 Nov 2026 16:59:00 GMT"), None);
        assert_eq!(wait("soon"), None);
    }
}
