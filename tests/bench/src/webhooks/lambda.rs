//! Lambda as a function sees it: the runtime API on the loopback, and an AWS beside it that answers at
//! once.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use cli::aws_api::REGION;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use crate::webhooks::at_once;
use crate::webhooks::webhook::{BASE_URL, Webhook};

/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
const NEXT: &str = "/2018-06-01/runtime/invocation/next";
const ANSWER: &str = "/2018-06-01/runtime/invocation/{id}/response";
const FAILED: [&str; 2] = [
    "/2018-06-01/runtime/invocation/{id}/error",
    "/2018-06-01/runtime/init/error",
];

/// One environment in which one instance of a function runs.
pub struct Lambda {
    address: String,
    calls: mpsc::UnboundedSender<String>,
    answers: mpsc::UnboundedReceiver<(Instant, Value)>,
    serving: JoinHandle<()>,
}

/// A running instance. It ends with its environment.
pub struct Instance(Child);

struct Wires {
    calls: Mutex<mpsc::UnboundedReceiver<String>>,
    answers: mpsc::UnboundedSender<(Instant, Value)>,
}

impl Lambda {
    /// An environment in which nothing runs yet.
    pub async fn start() -> Self {
        let (calls, waiting) = mpsc::unbounded_channel();
        let (answered, answers) = mpsc::unbounded_channel();
        let wires = Arc::new(Wires {
            calls: Mutex::new(waiting),
            answers: answered,
        });
        let mut router = Router::new()
            .route(NEXT, get(next))
            .route(ANSWER, post(take_answer))
            .route("/", post(aws));
        for path in FAILED {
            router = router.route(path, post(failed));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let served = axum::serve(listener, router.with_state(wires));
        Self {
            address,
            calls,
            answers,
            serving: tokio::spawn(async { served.await.expect("it serves") }),
        }
    }

    /// The AWS beside it.
    pub fn aws_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts a function's program with nothing in its environment but what Lambda and the template
    /// put there.
    pub fn run(&self, program: &Path, aws_url: &str, queue_url: &str) -> Instance {
        let child = Command::new(program)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", &self.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "intake")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_ENDPOINT_URL", aws_url)
            .env("ENVIRONMENT", "bench")
            .env("DELIVERIES_QUEUE_URL", queue_url)
            .env("KEYS_QUEUE_URL", queue_url)
            .env("PUBLIC_BASE_URL", BASE_URL)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Instance(child.unwrap_or_else(|error| panic!("{}: {error}", program.display())))
    }

    /// Has the webhook taken by whoever asks next.
    pub fn call(&self, webhook: &Webhook) {
        let sent = self.calls.send(webhook.event().to_string());
        sent.expect("the environment is there");
    }

    /// The next answer: when it came, and its HTTP status.
    pub async fn answer(&mut self) -> (Instant, u64) {
        let (at, answer) = self.answers.recv().await.expect("an answer");
        (at, answer["statusCode"].as_u64().unwrap_or_default())
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Instance {
    /// Its process.
    pub fn process(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // Whatever it says, it is over.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

async fn next(State(wires): State<Arc<Wires>>) -> Response {
    let event = wires.calls.lock().await.recv().await;
    let headers = [
        ("lambda-runtime-aws-request-id", "5c3f9a10-2f6d-4a53-9c57"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:000000000000:function:intake",
        ),
        ("content-type", "application/json"),
    ];
    (headers, event.unwrap_or_default()).into_response()
}

async fn take_answer(State(wires): State<Arc<Wires>>, body: String) -> StatusCode {
    let at = Instant::now();
    let answer = serde_json::from_str(&body).expect("an answer is JSON");
    // Nobody waits for the answer of an instance that is being ended.
    wires.answers.send((at, answer)).ok();
    StatusCode::ACCEPTED
}

async fn failed(body: String) -> StatusCode {
    panic!("the function failed: {body}");
}

async fn aws(headers: HeaderMap) -> Response {
    let target = headers.get("x-amz-target").and_then(|v| v.to_str().ok());
    let answer = at_once::answer(target.unwrap_or_default());
    ([("content-type", "application/x-amz-json-1.0")], answer).into_response()
}
