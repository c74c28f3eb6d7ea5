//! A proxy before Odoo that stands for a server that is down, in maintenance or too busy, and notes
//! when it was called.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

/// What the proxy does with calls whose path begins like this.
#[derive(Debug, Clone)]
pub struct Outage {
    /// For example `/json/2/project.project/`.
    pub path: String,
    /// The status that is answered instead of Odoo.
    pub status: StatusCode,
    /// How many seconds the caller shall wait, if it is told.
    pub retry_after: Option<u32>,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// When it came.
    pub at: Instant,
    /// Its path.
    pub path: String,
    /// Whether it met the outage.
    pub failed: bool,
}

/// A running proxy; clones share everything.
#[derive(Clone)]
pub struct Weather(Arc<Shared>);

struct Shared {
    http: reqwest::Client,
    odoo: String,
    state: Mutex<(Option<Outage>, Vec<Call>)>,
}

impl Weather {
    /// Starts on a free port, with fine weather; gives its address, without a slash at the end.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(odoo: &str) -> (Self, String) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let weather = Self(Arc::new(Shared {
            http: reqwest::Client::new(),
            odoo: odoo.to_owned(),
            state: Mutex::default(),
        }));
        let router = Router::new().fallback(pass).with_state(weather.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (weather, format!("http://{address}"))
    }

    /// From now on there is this outage, or none.
    pub fn set(&self, outage: Option<Outage>) {
        self.state(|(now, _)| *now = outage);
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.state(|(_, calls)| calls.clone())
    }

    /// How many calls met the outage.
    pub fn failed(&self) -> usize {
        self.calls().iter().filter(|call| call.failed).count()
    }

    fn state<T>(&self, with: impl FnOnce(&mut (Option<Outage>, Vec<Call>)) -> T) -> T {
        with(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes a call; answers the outage that it meets.
    fn meets(&self, path: &str) -> Option<Outage> {
        self.state(|(outage, calls)| {
            let met = outage
                .clone()
                .filter(|outage| path.starts_with(&outage.path));
            calls.push(Call {
                at: Instant::now(),
                path: path.to_owned(),
                failed: met.is_some(),
            });
            met
        })
    }

    async fn ask(
        &self,
        method: Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Bytes,
    ) -> reqwest::Result<Response> {
        let url = format!("{}{uri}", self.0.odoo);
        let mut request = self.0.http.request(method, url).body(body);
        for name in ["authorization", "content-type", "x-odoo-database"] {
            if let Some(value) = headers.get(name) {
                request = request.header(name, value);
            }
        }
        let answer = request.send().await?;
        Ok((answer.status(), answer.bytes().await?).into_response())
    }
}

async fn pass(
    State(weather): State<Weather>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match weather.meets(uri.path()) {
        None => {
            let answer = weather.ask(method, &uri, &headers, body).await;
            answer.unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response())
        }
        Some(outage) => {
            let mut answer = (outage.status, "<html>not now</html>").into_response();
            if let Some(seconds) = outage.retry_after {
                answer
                    .headers_mut()
                    .insert(header::RETRY_AFTER, seconds.into());
            }
            answer
        }
    }
}
