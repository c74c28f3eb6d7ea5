//! The way from a worker's AWS SDK into the world: its HTTP connector.
//!
//! The SDK's own work (signing, timeouts, repetition) is done by the SDK; an answer is made here.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fate::Fault;
use crate::services;
use crate::table::Reply;
use crate::worker::Worker;
use crate::world::Call;

/// The connector of one worker.
#[derive(Debug, Clone)]
pub struct Door(pub Arc<Worker>);

/// One attempt of a request.
struct Request {
    /// For example `DynamoDB_20120810.Query`.
    target: String,
    body: Value,
    /// The same for all attempts.
    id: String,
    is_first: bool,
}

impl Request {
    fn is_about_records(&self) -> bool {
        let ledger = crate::names::LEDGER;
        self.body["TableName"] == ledger || self.body["RequestItems"].get(ledger).is_some()
    }
}

impl HttpClient for Door {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Door {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name| request.headers().get(name).unwrap_or_default();
        let bytes = request.body().bytes().unwrap_or_default();
        let request = Request {
            target: header("x-amz-target").to_owned(),
            body: serde_json::from_slice(bytes).expect("the SDK sends JSON"),
            id: header("amz-sdk-invocation-id").to_owned(),
            is_first: header("amz-sdk-request").contains("attempt=1"),
        };
        let door = self.clone();
        HttpConnectorFuture::new(async move {
            let (reply, at) = door.answer(request).await;
            Ok(response(reply, at))
        })
    }
}

impl Door {
    /// The answer, and when AWS made it.
    async fn answer(&self, request: Request) -> (Reply, Timestamp) {
        let (worker, world) = (&self.0, &self.0.world);
        let is_first = request.is_first;
        let fault = world.fault_of_attempt(&Call {
            worker: &worker.name,
            id: &request.id,
            is_first,
            is_about_records: request.is_about_records(),
        });
        tokio::time::sleep(world.some(1, 20)).await;
        match fault {
            Some(Fault::DiesBefore) => {
                self.note(&request, "the worker dies before it");
                worker.die().await
            }
            Some(Fault::Refused) => {
                self.note(&request, "refused");
                return (throttled(), world.now());
            }
            // What is repeated after a lost answer fails as long as its fault lasts.
            Some(Fault::Lost | Fault::Late) if !is_first => {
                self.note(&request, "no answer again");
                return (throttled(), world.now());
            }
            Some(Fault::Late) => {
                self.note(&request, "no answer, and it happens later");
                self.later(request);
                return (throttled(), world.now());
            }
            _ => {}
        }
        let (reply, at) = (self.effect(&request), world.now());
        let reply = match fault {
            Some(Fault::DiesAfter) => {
                self.note(&request, "the worker dies after it");
                worker.die().await
            }
            Some(Fault::Lost | Fault::LostOnce) => {
                self.note(&request, "and its answer is lost");
                throttled()
            }
            Some(Fault::Slow) => {
                self.note(&request, "and its answer is slow");
                tokio::time::sleep(world.some(1_000, 8_000)).await;
                reply
            }
            _ => {
                tokio::time::sleep(world.some(1, 10)).await;
                reply
            }
        };
        (reply, at)
    }

    fn later(&self, request: Request) {
        let (door, delay) = (self.clone(), self.0.world.some(100, 60_000));
        tokio::task::spawn_local(async move {
            tokio::time::sleep(delay).await;
            door.effect(&request);
        });
    }

    /// What the request does, and its answer.
    fn effect(&self, request: &Request) -> Reply {
        let reply = services::answer(&self.0, &request.target, &request.body);
        let outcome = match &reply {
            Reply::Done(_) => "",
            Reply::Refused(name, _) => name,
        };
        self.note(request, outcome);
        reply
    }

    fn note(&self, request: &Request, outcome: &str) {
        let world = &self.0.world;
        let at = world.elapsed();
        let detail = format!("{} {} {outcome}", request.target, request.body);
        let line = || {
            format!(
                "{} {outcome}",
                services::describe(&request.target, &request.body)
            )
        };
        world.things().trace.note(at, &self.0.name, &detail, line);
    }
}

fn throttled() -> Reply {
    Reply::Refused("ThrottlingException", json!({"message": "simulated"}))
}

fn response(reply: Reply, at: Timestamp) -> HttpResponse {
    let (status, body) = match reply {
        Reply::Done(body) => (200, body),
        Reply::Refused(name, mut body) => {
            body["__type"] = json!(format!("simulation#{name}"));
            (400, body)
        }
    };
    let status = StatusCode::try_from(status).expect("a status");
    let mut response = HttpResponse::new(status, SdkBody::from(body.to_string()));
    let headers = response.headers_mut();
    headers.insert("content-type", "application/x-amz-json-1.0");
    headers.insert("date", at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    response
}
