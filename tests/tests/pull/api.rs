//! The API of any vendor, which answers what it was told to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::IntoResponse;
use serde_json::{Value, json};

/// What it knows and what it was asked.
pub struct State {
    /// What is answered, by method and the beginning of path and query; the longest counts.
    answers: Vec<(String, u16, Value)>,
    /// Answered to everything instead: a status, and for how long it asks to be left alone.
    pub instead: Option<(u16, Option<u32>)>,
    /// Headers of that answer.
    pub says: Vec<(&'static str, String)>,
    /// The proof that it accepts: a header and its value.
    pub proof: (String, String),
    /// Method, path and query of every request, with its body.
    pub asked: Vec<(String, String)>,
    /// The number of the one long-lived token that it takes, if each use brings the next.
    pub takes_token: Option<u32>,
    /// How long it takes for each, and how many it did at once.
    pub takes: Duration,
    now: usize,
    pub most_at_once: usize,
}

/// The API; clones share everything.
#[derive(Clone)]
pub struct Api {
    state: Arc<Mutex<State>>,
    url: String,
}

impl Api {
    pub async fn open(header: &str, value: &str) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0));
        let listener = listener.await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = State {
            answers: Vec::new(),
            instead: None,
            says: Vec::new(),
            proof: (header.to_owned(), value.to_owned()),
            asked: Vec::new(),
            takes_token: None,
            takes: Duration::ZERO,
            now: 0,
            most_at_once: 0,
        };
        let state = Arc::new(Mutex::new(state));
        let api = Self { state, url };
        let answers = api.clone();
        let answer = async move |method: Method, uri: Uri, headers: HeaderMap, body: String| {
            let takes = answers.state().begin();
            tokio::time::sleep(takes).await;
            let mut state = answers.state();
            state.now -= 1;
            let (status, retry, body) = state.answer(&method, &uri, &headers, body);
            let says = state.instead.map(|_| state.says.clone());
            let status = StatusCode::from_u16(status).expect("a status");
            let mut response = (status, body.to_string()).into_response();
            if let Some(seconds) = retry {
                response.headers_mut().insert("retry-after", seconds.into());
            }
            for (name, value) in says.unwrap_or_default() {
                response
                    .headers_mut()
                    .insert(name, value.parse().expect("a header"));
            }
            response
        };
        let router = Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        api
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what is answered to whatever begins so: a method, a space, a path.
    pub fn answers(&self, begins: &str, status: u16, body: Value) {
        let mut state = self.state();
        state.answers.retain(|(known, ..)| known != begins);
        state.answers.push((begins.to_owned(), status, body));
    }

    /// How often something that begins so was asked.
    pub fn count(&self, begins: &str) -> usize {
        let state = self.state();
        let asked = state
            .asked
            .iter()
            .filter(|(asked, _)| asked.starts_with(begins));
        asked.count()
    }
}

impl State {
    fn begin(&mut self) -> Duration {
        self.now += 1;
        self.most_at_once = self.most_at_once.max(self.now);
        self.takes
    }

    fn answer(
        &mut self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: String,
    ) -> (u16, Option<u32>, Value) {
        let asked = format!("{method} {uri}");
        self.asked.push((asked.clone(), body.clone()));
        if let Some((status, retry)) = self.instead {
            return (status, retry, json!({"message": "not now"}));
        }
        let (name, value) = &self.proof;
        let is_token = uri.path().ends_with("/token");
        if !is_token
            && headers
                .get(name)
                .is_none_or(|given| given != value.as_str())
        {
            return (401, None, json!({"message": "who are you"}));
        }
        if let Some(number) = self.takes_token.filter(|_| is_token) {
            if !body.contains(&format!("&refresh_token=r-{number}&")) {
                return (400, None, json!({"error": "invalid_grant"}));
            }
            self.takes_token = Some(number + 1);
            let next = format!("r-{}", number + 1);
            return (
                200,
                None,
                json!({"access_token": "one", "refresh_token": next}),
            );
        }
        let known = self.answers.iter();
        let known = known.filter(|(begins, ..)| asked.starts_with(begins));
        match known.max_by_key(|(begins, ..)| begins.len()) {
            Some((_, status, body)) => (*status, None, body.clone()),
            None => (404, None, json!({"message": "not found"})),
        }
    }
}
