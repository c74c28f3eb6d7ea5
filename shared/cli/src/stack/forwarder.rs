//! The way of a world to an Odoo that is not ours. It can be closed, so that the functions see an
//! Odoo that does not answer while nobody else does.

use std::net::TcpListener;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use reqwest::redirect::Policy;
use tokio::task::JoinHandle;

use crate::stack::StackError;
use crate::stack::ports::Port;

/// Headers that belong to one connection, not to the message.
const OF_THE_CONNECTION: [header::HeaderName; 4] = [
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
];

/// An HTTP forwarder on a port of 127.0.0.1.
#[derive(Debug)]
pub(super) struct Forwarder {
    target: Target,
    url: String,
    server: Option<JoinHandle<()>>,
    port: Port,
}

#[derive(Debug, Clone)]
struct Target {
    http: reqwest::Client,
    url: String,
}

impl Forwarder {
    /// Starts forwarding to an address. Must be called in the runtime that shall do it.
    pub(super) fn open(target: &str) -> Result<Self, StackError> {
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .build()
            .map_err(StackError::NoForwarder)?;
        let port = Port::reserve()?;
        let mut forwarder = Self {
            target: Target {
                http,
                url: target.trim_end_matches('/').to_owned(),
            },
            url: format!("http://127.0.0.1:{}", port.number()),
            server: None,
            port,
        };
        forwarder.start()?;
        Ok(forwarder)
    }

    /// The address to call instead of Odoo's.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Refuses connections from now on; calls under way come to their end.
    pub(super) fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
        }
    }

    /// Takes connections again.
    pub(super) fn start(&mut self) -> Result<(), StackError> {
        if self.server.is_some() {
            return Ok(());
        }
        let refused = |source| StackError::NotStarted {
            name: "the forwarder to Odoo",
            source,
        };
        let listener = TcpListener::bind(("127.0.0.1", self.port.number())).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(refused)?;
        let router = Router::new()
            .fallback(forward)
            .layer(DefaultBodyLimit::disable())
            .with_state(self.target.clone());
        let serve = async move { axum::serve(listener, router).await.unwrap_or_default() };
        self.server = Some(tokio::spawn(serve));
        Ok(())
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Sends a request on. Every answer ends its connection, as Odoo's own answers do: a connection that
/// stayed open would get through a closed forwarder.
async fn forward(
    State(target): State<Target>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut response = match ask(&target, method, &uri, &headers, body).await {
        Ok(response) => response,
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    };
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

async fn ask(
    target: &Target,
    method: Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
) -> reqwest::Result<Response> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = target
        .http
        .request(method, format!("{}{path}", target.url))
        .body(body);
    for (name, value) in headers {
        if !OF_THE_CONNECTION.contains(name) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await?;
    let (status, kind) = (
        answer.status(),
        answer.headers().get(header::CONTENT_TYPE).cloned(),
    );
    let mut response = (status, answer.bytes().await?).into_response();
    if let Some(kind) = kind {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers with what it was asked.
    async fn echo() -> String {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answer = async |uri: Uri, headers: HeaderMap, body: String| {
            let key = headers["authorization"].to_str().unwrap().to_owned();
            (StatusCode::IM_A_TEAPOT, format!("{uri} {key} {body}"))
        };
        let router = Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    #[tokio::test]
    async fn a_closed_forwarder_refuses_and_an_open_one_passes_everything_on() {
        let mut forwarder = Forwarder::open(&echo().await).unwrap();
        let url = format!("{}/json/2/x?y=1", forwarder.url());
        let http = reqwest::Client::new();
        let call = async || http.post(&url).bearer_auth("k").body("b").send().await;
        let answer = call().await.unwrap();
        assert_eq!(answer.status().as_u16(), 418);
        assert_eq!(answer.text().await.unwrap(), "/json/2/x?y=1 Bearer k b");
        forwarder.stop();
        tokio::task::yield_now().await;
        assert!(call().await.is_err_and(|error| error.is_connect()));
        forwarder.start().unwrap();
        assert!(call().await.is_ok());
    }
}
