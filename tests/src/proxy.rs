//! A proxy between the post function and Odoo that can lose an answer together with its reader.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rustix::process::Pid;
use tokio::net::TcpListener;

use crate::kill;

/// Headers that belong to one connection, not to the message.
const OF_THE_CONNECTION: [&str; 4] = ["host", "connection", "content-length", "transfer-encoding"];

/// How often the caller is looked for, and how long is waited in between.
const LOOKS: usize = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// A running proxy; clones share everything.
#[derive(Clone)]
pub struct Proxy(Arc<Shared>);

struct Shared {
    http: reqwest::Client,
    /// Where Odoo answers.
    odoo: String,
    /// The emulator's address, by which its functions are told from those of other worlds.
    endpoint: String,
    state: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// The path whose next answer is lost with its reader.
    armed: Option<String>,
    kills: usize,
    calls: Vec<String>,
}

impl Proxy {
    /// Starts on a free port; gives its address, without a slash at the end.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(odoo: &str, endpoint: &str) -> (Self, String) {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let (odoo, endpoint) = (odoo.to_owned(), endpoint.to_owned());
        let http = reqwest::Client::new();
        let proxy = Self(Arc::new(Shared {
            http,
            odoo,
            endpoint,
            state: Mutex::default(),
        }));
        let router = Router::new().fallback(pass).with_state(proxy.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        (proxy, format!("http://{address}"))
    }

    /// The next call of this path is answered by Odoo, which has committed then; the process that
    /// called is killed before it can read the answer.
    pub fn kill_after(&self, path: &str) {
        self.inner(|inner| inner.armed = Some(path.to_owned()));
    }

    /// How many processes were killed.
    pub fn kills(&self) -> usize {
        self.inner(|inner| inner.kills)
    }

    /// How often a path was called.
    pub fn calls(&self, path: &str) -> usize {
        self.inner(|inner| inner.calls.iter().filter(|call| *call == path).count())
    }

    fn inner<T>(&self, with: impl FnOnce(&mut Inner) -> T) -> T {
        with(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether this call is the one; it disarms.
    fn is_the_one(&self, path: &str) -> bool {
        self.inner(|inner| {
            inner.calls.push(path.to_owned());
            inner.armed.take_if(|armed| armed == path).is_some()
        })
    }

    async fn ask(
        &self,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> reqwest::Result<Response> {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = self
            .0
            .http
            .request(method, format!("{}{path}", self.0.odoo))
            .body(body);
        for (name, value) in &headers {
            if !OF_THE_CONNECTION.contains(&name.as_str()) {
                request = request.header(name, value);
            }
        }
        let answer = request.send().await?;
        let status = answer.status();
        let kind = answer.headers().get("content-type").cloned();
        let mut response = (status, answer.bytes().await?).into_response();
        if let Some(kind) = kind {
            response.headers_mut().insert("content-type", kind);
        }
        Ok(response)
    }
}

async fn pass(
    State(proxy): State<Proxy>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kills = proxy.is_the_one(uri.path());
    let answer = match proxy.ask(method, &uri, headers, body).await {
        Ok(answer) => answer,
        Err(_) => return StatusCode::BAD_GATEWAY.into_response(),
    };
    if !kills {
        return answer;
    }
    assert_eq!(
        answer.status(),
        StatusCode::OK,
        "Odoo did what it was asked"
    );
    kill::end(caller(&proxy.0.endpoint, client).await);
    proxy.inner(|inner| inner.kills += 1);
    StatusCode::BAD_GATEWAY.into_response()
}

/// The post process that waits for this answer. The kernel's table of connections is not read at
/// one moment: on a busy machine an entry may be missed, so that more than one look is needed.
async fn caller(endpoint: &str, client: SocketAddr) -> Pid {
    for _ in 0..LOOKS {
        if let Some(pid) = kill::owner("Post", endpoint, client) {
            return pid;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("the caller is no post process");
}
