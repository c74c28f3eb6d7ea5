//! The way to Odoo's web server: one request, one answer, with bounds on time and size.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use domain::retry_after;
use reqwest::header;

pub use crate::exchange::{Answer, Request};
use crate::{OdooError, OlderWire};

/// 5,000 timesheet lines with their read fields are about 2 MiB; more than this is a mistake.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The version that the JSON-2 API came with.
const FIRST_WITH_JSON_2: u8 = 19;

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

/// The way to an Odoo of a version (14 to 19), with the limits of [`HttpWire::new`].
pub fn to_version(
    version: u8,
    url: &str,
    read_timeout: Duration,
) -> Result<Arc<dyn Wire>, OdooError> {
    let wire = Arc::new(HttpWire::new(url, read_timeout)?);
    Ok(match version {
        FIRST_WITH_JSON_2.. => wire,
        older => Arc::new(OlderWire::new(wire, older)),
    })
}

impl Wire for HttpWire {
    fn send(&self, request: Request) -> Answering<'_> {
        let request = self.request(request);
        Box::pin(async move {
            let mut response = request.send().await.map_err(OdooError::of_transport)?;
            let status = response.status().as_u16();
            let header = |name| response.headers().get(name)?.to_str().ok();
            let said = header(header::RETRY_AFTER);
            let retry_after = said.and_then(|said| retry_after(said, header(header::DATE)));
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
