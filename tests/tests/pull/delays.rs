//! A way to the emulated account on which no message is delayed: how long each was to wait is noted
//! instead, because these tests have a clock of their own.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde_json::{Value, json};

/// How many seconds each message was to wait; clones share them.
#[derive(Clone, Default)]
pub struct Delays(Arc<Mutex<Vec<u64>>>);

impl Delays {
    /// Takes what was noted so far.
    pub fn take(&self) -> Vec<u64> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Stands before the account; gives its own address.
    pub async fn before(&self, account: &str) -> String {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0));
        let listener = listener.await.expect("a port");
        let own = format!("http://{}", listener.local_addr().expect("an address"));
        let (delays, account) = (self.clone(), account.to_owned());
        let http = reqwest::Client::new();
        let router = Router::new().fallback(async move |headers: HeaderMap, body: Bytes| {
            let body = delays.without(&headers, body);
            let mut call = http.post(&account).body(body);
            for (name, value) in &headers {
                if !["host", "content-length"].contains(&name.as_str()) {
                    call = call.header(name, value);
                }
            }
            let answer = call.send().await.expect("the account answers");
            let status = StatusCode::from_u16(answer.status().as_u16()).expect("a status");
            let kind = answer.headers().get("content-type").cloned();
            let mut response = (status, answer.bytes().await.expect("a body")).into_response();
            if let Some(kind) = kind {
                response.headers_mut().insert("content-type", kind);
            }
            response
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        own
    }

    fn without(&self, headers: &HeaderMap, body: Bytes) -> Bytes {
        let sends = |target: &axum::http::HeaderValue| target == "AmazonSQS.SendMessage";
        if !headers.get("x-amz-target").is_some_and(sends) {
            return body;
        }
        let mut call: Value = serde_json::from_slice(&body).expect("JSON");
        let seconds = call["DelaySeconds"].as_u64().unwrap_or_default();
        if seconds > 0 {
            let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            noted.push(seconds);
        }
        call["DelaySeconds"] = json!(0);
        call.to_string().into()
    }
}
