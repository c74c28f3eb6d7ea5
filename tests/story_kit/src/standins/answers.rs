//! A stand-in that answers what it was told to answer, path by path.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse as _;
use tokio::net::TcpListener;

/// Path → the JSON that is answered. Clones share everything.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers(Arc<Mutex<BTreeMap<String, String>>>);

impl Answers {
    /// From now on this is answered to a path. A path with a query is answered before one without.
    pub(super) fn put(&self, path: &str, json: String) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(path.to_owned(), json);
    }

    /// What is answered to a path.
    pub(super) fn get(&self, path: &str) -> Option<String> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (without, _) = path.split_once('?').unwrap_or((path, ""));
        answers.get(path).or_else(|| answers.get(without)).cloned()
    }

    /// Serves on a free port; gives its address.
    pub(super) async fn serve(&self) -> io::Result<String> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let answers = self.clone();
        let router = Router::new().fallback(async move |uri: Uri| {
            let kind = [(header::CONTENT_TYPE, "application/json")];
            match answers.get(uri.path_and_query().map_or("/", |path| path.as_str())) {
                Some(json) => (StatusCode::OK, kind, json).into_response(),
                None => (StatusCode::NOT_FOUND, kind, "{}").into_response(),
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(format!("http://{address}"))
    }
}
