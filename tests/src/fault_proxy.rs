//! A proxy between the post function and Odoo at which calls, answers and callers get lost.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode, request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustix::process::Pid;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::fault::{self, Answer, Call, Fault};
use crate::kill::{self, Connection};

/// Headers that belong to one connection, not to the message.
const OF_THE_CONNECTION: [&str; 4] = ["host", "connection", "content-length", "transfer-encoding"];

/// The largest call or answer; the client's own bound is smaller.
const MOST: usize = 64 * 1024 * 1024;

/// How often the caller is looked for, and how long is waited in between.
const LOOKS: usize = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// A running proxy; clones share everything.
#[derive(Clone)]
pub struct FaultProxy(Arc<Shared>);

struct Shared {
    http: reqwest::Client,
    /// Where Odoo answers.
    odoo: String,
    /// The emulator's address, by which its functions are told from those of other worlds.
    endpoint: String,
    endless: Arc<AtomicUsize>,
    /// Whether nobody gets a connection.
    closed: watch::Sender<bool>,
    state: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// What goes wrong with which path, once each, in this order.
    armed: VecDeque<(String, Fault)>,
    /// What goes wrong with every other call.
    standing: Option<Standing>,
    kills: usize,
    calls: Vec<String>,
}

/// What goes wrong with more than one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What.
    pub fault: Fault,
    /// With calls of this path, or of one method and path (`POST /project/projects`); with all when
    /// there is none.
    pub path: Option<String>,
    /// How often; until further notice when there is no number.
    pub times: Option<u32>,
}

impl Standing {
    /// The fault of a call of this path.
    fn next(&mut self, method: &str, path: &str) -> Option<Fault> {
        let is_meant = |only: &str| match only.split_once(' ') {
            Some((its, only)) => its == method && only == path,
            None => only == path,
        };
        if !self.path.as_deref().is_none_or(is_meant) || self.times == Some(0) {
            return None;
        }
        self.times = self.times.map(|times| times - 1);
        Some(self.fault.clone())
    }
}

impl FaultProxy {
    /// Starts on a free port; gives its address, without a slash at the end.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(odoo: &str, endpoint: &str) -> (Self, String) {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let proxy = Self(Arc::new(Shared {
            http: reqwest::Client::new(),
            odoo: odoo.to_owned(),
            endpoint: endpoint.to_owned(),
            endless: Arc::default(),
            closed: watch::Sender::new(false),
            state: Mutex::default(),
        }));
        tokio::spawn(proxy.clone().serve(listener));
        (proxy, format!("http://{address}"))
    }

    /// The next call of this path that has no fault yet meets this one.
    pub fn arm(&self, path: &str, fault: Fault) {
        self.inner(|inner| inner.armed.push_back((path.to_owned(), fault)));
    }

    /// The next call of this path is answered by Odoo, which has committed then; the process that
    /// called is killed before it can read the answer.
    pub fn kill_after(&self, path: &str) {
        self.arm(path, Fault::after(Answer::Death));
    }

    /// From now on this goes wrong with every call that it names and that has no fault of its own;
    /// nothing does where there is none.
    pub fn keep_failing(&self, standing: Option<Standing>) {
        self.inner(|inner| inner.standing = standing);
    }

    /// Nobody gets a connection any more, and those that are open end; or everybody does again.
    pub fn set_closed(&self, closed: bool) {
        self.0.closed.send_replace(closed);
    }

    /// How many faults did not happen yet.
    pub fn armed(&self) -> usize {
        self.inner(|inner| inner.armed.len())
    }

    /// How many processes were killed.
    pub fn kills(&self) -> usize {
        self.inner(|inner| inner.kills)
    }

    /// How often a path was called.
    pub fn calls(&self, path: &str) -> usize {
        self.inner(|inner| inner.calls.iter().filter(|call| *call == path).count())
    }

    /// Every call so far, in order.
    pub fn all_calls(&self) -> Vec<String> {
        self.inner(|inner| inner.calls.clone())
    }

    /// How many bytes of endless answers were taken from us.
    pub fn endless_bytes(&self) -> usize {
        self.0.endless.load(Ordering::Relaxed)
    }

    fn inner<T>(&self, with: impl FnOnce(&mut Inner) -> T) -> T {
        with(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn serve(self, mut listener: TcpListener) -> Infallible {
        let address = listener.local_addr().expect("a bound port");
        let mut closed = self.0.closed.subscribe();
        loop {
            tokio::select! {
                // A connection that broke while it was made is the caller's to make again.
                accepted = listener.accept() => if let Ok((stream, client)) = accepted {
                    tokio::spawn(self.clone().converse(stream, client));
                },
                () = turned(&mut closed, true) => {
                    drop(listener);
                    turned(&mut closed, false).await;
                    listener = TcpListener::bind(address).await.expect("its own port");
                }
            }
        }
    }

    async fn converse(self, stream: TcpStream, client: SocketAddr) {
        let server = stream.local_addr().expect("a connection has two ends");
        let connection = Connection { client, server };
        let service = service_fn(|request| self.pass(request, connection));
        let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        let mut closed = self.0.closed.subscribe();
        tokio::select! {
            // It ends in an error wherever a fault closes it.
            ended = serving => drop(ended),
            () = turned(&mut closed, true) => {}
        }
    }

    /// The fault of this call, if it has one.
    fn fault(&self, method: &str, path: &str) -> Option<Fault> {
        self.inner(|inner| {
            inner.calls.push(path.to_owned());
            match inner.armed.iter().position(|(armed, _)| armed == path) {
                Some(position) => inner.armed.remove(position).map(|(_, fault)| fault),
                None => inner.standing.as_mut()?.next(method, path),
            }
        })
    }

    async fn pass(
        &self,
        request: Request<Incoming>,
        connection: Connection,
    ) -> Result<Response<Body>, io::Error> {
        let fault = self.fault(request.method().as_str(), request.uri().path());
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(Body::new(body), MOST).await;
        let body = body.map_err(io::Error::other)?;
        let Some(Fault { call, wait, answer }) = fault else {
            return Ok(self.ask(&head, body).await.map(Body::from));
        };
        let odoos = match call {
            Call::Arrives => self.ask(&head, body).await,
            Call::IsLost => Response::default(),
            Call::ArrivesAfter(time) => {
                let proxy = self.clone();
                // Not in the caller's task, which ends with its connection.
                tokio::spawn(async move {
                    tokio::time::sleep(time).await;
                    proxy.ask(&head, body).await
                })
                .await
                .map_err(io::Error::other)?
            }
        };
        tokio::time::sleep(wait).await;
        if answer == Answer::Death {
            kill::end(caller(&self.0.endpoint, connection).await);
            self.inner(|inner| inner.kills += 1);
        }
        fault::answer(&answer, odoos, &self.0.endless)
    }

    /// What Odoo says; a gateway's word when it says nothing.
    async fn ask(&self, head: &request::Parts, body: Bytes) -> Response<Bytes> {
        let asked = self.forward(head, body).await;
        asked.unwrap_or_else(|_| {
            let mut answer = Response::default();
            *answer.status_mut() = StatusCode::BAD_GATEWAY;
            answer
        })
    }

    async fn forward(
        &self,
        head: &request::Parts,
        body: Bytes,
    ) -> reqwest::Result<Response<Bytes>> {
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let url = format!("{}{path}", self.0.odoo);
        let request = self.0.http.request(head.method.clone(), url).body(body);
        let answer = request
            .headers(of_the_message(&head.headers))
            .send()
            .await?;
        let (status, headers) = (answer.status(), of_the_message(answer.headers()));
        let mut response = Response::new(answer.bytes().await?);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// Comes back when the proxy is closed, or open.
async fn turned(closed: &mut watch::Receiver<bool>, wanted: bool) {
    drop(closed.wait_for(|closed| *closed == wanted).await);
}

fn of_the_message(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in OF_THE_CONNECTION {
        headers.remove(name);
    }
    headers
}

/// The post process that waits for this answer. The kernel's table of connections is not read at
/// one moment: on a busy machine an entry may be missed, so that more than one look is needed.
async fn caller(endpoint: &str, connection: Connection) -> Pid {
    for _ in 0..LOOKS {
        if let Some(pid) = kill::owner("Post", endpoint, connection) {
            return pid;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("the caller is no post process");
}
