//! What can happen to a call on its way to Odoo, and to the answer on its way back.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Response, StatusCode, header};
use futures::StreamExt as _;
use futures::stream;

/// One thing that goes wrong with one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Whether Odoo hears of the call.
    pub call: Call,
    /// How long the answer then takes.
    pub wait: Duration,
    /// What the caller gets.
    pub answer: Answer,
}

/// Whether Odoo hears of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// At once; the fault happens after Odoo has committed.
    Arrives,
    /// Never.
    IsLost,
    /// After this time, when the caller may be gone.
    ArrivesAfter(Duration),
}

/// What the caller gets for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// What Odoo said.
    Odoos,
    /// The connection is closed without a byte.
    Nothing,
    /// Nothing: the process that called is killed.
    Death,
    /// The head of Odoo's answer and half of its body; then the connection is closed.
    Half,
    /// Half of the body as if it were all of it.
    Truncated,
    /// Odoo's answer, a byte a second.
    Dripping,
    /// Odoo's words for a rule that is against it.
    Refusal,
    /// A gateway's status, with a page for people.
    Status(StatusCode),
    /// A status with `Retry-After` in seconds.
    TryLater(StatusCode, u32),
    /// A page for people, as if all were well.
    Page,
    /// A body without an end.
    Endless,
    /// To ask somebody else, at this address.
    Redirect(String),
}

impl Fault {
    /// Odoo has committed; the answer is as said.
    pub const fn after(answer: Answer) -> Self {
        Self {
            call: Call::Arrives,
            wait: Duration::ZERO,
            answer,
        }
    }

    /// Odoo never hears of it; the answer is as said.
    pub const fn before(answer: Answer) -> Self {
        Self {
            call: Call::IsLost,
            wait: Duration::ZERO,
            answer,
        }
    }

    /// Odoo hears of it only after this time, when the caller may be gone.
    pub const fn late_call(time: Duration) -> Self {
        Self {
            call: Call::ArrivesAfter(time),
            wait: Duration::ZERO,
            answer: Answer::Odoos,
        }
    }

    /// The same, and the answer takes so long.
    #[must_use]
    pub fn waiting(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }
}

/// How many bytes of an endless body are sent at once.
const CHUNK: usize = 64 * 1024;

/// What the proxy answers for one of its own pages; none when the connection is to be closed.
///
/// # Errors
/// When the connection is to be closed without a byte.
pub fn answer(
    answer: &Answer,
    odoos: Response<Bytes>,
    endless: &Arc<AtomicUsize>,
) -> Result<Response<Body>, io::Error> {
    let head = |status: StatusCode| Response::builder().status(status);
    let page = || Body::from("<html><body>The service is being maintained.</body></html>");
    let built = match answer {
        Answer::Odoos => Ok(odoos.map(Body::from)),
        Answer::Nothing | Answer::Death => return Err(io::ErrorKind::ConnectionAborted.into()),
        Answer::Half => {
            let (parts, body) = odoos.into_parts();
            let half = Ok(body.slice(..body.len() / 2));
            let cut = Err(io::Error::from(io::ErrorKind::ConnectionAborted));
            let body = Body::from_stream(stream::iter([half, cut]));
            Ok(Response::from_parts(parts, body))
        }
        Answer::Truncated => Ok(odoos.map(|body| Body::from(body.slice(..body.len() / 2)))),
        Answer::Dripping => {
            let (parts, body) = odoos.into_parts();
            let drops = stream::iter(body).then(|byte| async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok::<_, io::Error>(Bytes::from(vec![byte]))
            });
            Ok(Response::from_parts(parts, Body::from_stream(drops)))
        }
        Answer::Refusal => head(StatusCode::UNPROCESSABLE_ENTITY).body(Body::from(
            r#"{"name": "odoo.exceptions.UserError", "message": "The period is closed."}"#,
        )),
        Answer::Status(status) => head(*status).body(page()),
        Answer::TryLater(status, seconds) => head(*status)
            .header(header::RETRY_AFTER, *seconds)
            .body(page()),
        Answer::Page => head(StatusCode::OK).body(page()),
        Answer::Endless => {
            let sent = Arc::clone(endless);
            let chunks = stream::repeat_with(move || {
                sent.fetch_add(CHUNK, Ordering::Relaxed);
                Ok::<_, io::Error>(Bytes::from_static(&[b' '; CHUNK]))
            });
            head(StatusCode::OK).body(Body::from_stream(chunks))
        }
        Answer::Redirect(address) => head(StatusCode::TEMPORARY_REDIRECT)
            .header(header::LOCATION, address)
            .body(Body::empty()),
    };
    built.map_err(io::Error::other)
}
