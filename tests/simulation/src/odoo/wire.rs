//! The way to the simulated Odoo: for a worker of a world with all its faults, and without any for
//! other tests.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use odoo::wire::{Answer, Answering, Request};
use odoo::{OdooError, Wire};
use tokio::sync::oneshot;

use super::calls::{Call, Said, fault};
use super::erp::Erp;
use crate::fate::{Fault, Whither};
use crate::mutant::Mutant;
use crate::worker::Worker;

/// An Odoo of its own that always answers: to compare it with the real one.
#[derive(Debug, Clone, Default)]
pub struct SimulatedOdoo(Arc<Mutex<Erp>>);

impl SimulatedOdoo {
    /// Over what is in it.
    pub fn new(erp: Erp) -> Self {
        Self(Arc::new(Mutex::new(erp)))
    }

    /// Looks at what is in it, or changes it by hand.
    pub fn with<T>(&self, look: impl FnOnce(&mut Erp) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Wire for SimulatedOdoo {
    fn send(&self, request: Request) -> Answering<'_> {
        Box::pin(async move {
            let call = Call::of(&request.path, &request.body.unwrap_or_default());
            if let Some(refusal) = self.with(|erp| stranger(erp, &request.caller)) {
                return Ok(answer(refusal));
            }
            let began = self.with(|erp| erp.begin());
            // Calls that are made side by side meet each other.
            tokio::task::yield_now().await;
            Ok(answer(self.with(|erp| erp.commit(&call, began))))
        })
    }
}

/// A worker's way to the Odoo of its world.
#[derive(Debug)]
pub struct Way {
    /// Who calls.
    pub worker: Arc<Worker>,
    /// How long the worker waits for an answer.
    pub patience: Duration,
    /// How long Odoo works on a call at most.
    pub limit: Duration,
}

type Caller = Option<(String, odoo::ApiKey)>;

impl Wire for Way {
    fn send(&self, request: Request) -> Answering<'_> {
        Box::pin(async move {
            let call = Call::of(&request.path, &request.body.unwrap_or_default());
            let call = Arc::new(call);
            let (world, name) = (&self.worker.world, &self.worker.name);
            let fault = world.fault(Whither::Odoo, name, true);
            tokio::time::sleep(self.worker.world.some(1, 30)).await;
            match fault {
                Some(Fault::DiesBefore) => {
                    self.note(&call, "the worker dies before it");
                    self.worker.die().await
                }
                Some(Fault::Refused) => {
                    self.note(&call, "no connection");
                    Err(OdooError::Unreachable(Arc::new(NoConnection)))
                }
                Some(Fault::Gateway) => {
                    self.note(&call, "502 and Odoo never heard of it");
                    Ok(gateway())
                }
                Some(Fault::TooMany) => {
                    self.note(&call, "429");
                    Ok(too_many())
                }
                Some(Fault::Conflict) if call.method == "load" => {
                    self.note(&call, "another transaction was faster");
                    Ok(answer(self.worker.world.conflict(&call)))
                }
                fault => self.ask(call, &request.caller, fault).await,
            }
        })
    }
}

impl Way {
    /// Odoo works on the call whatever becomes of the one who asked.
    async fn ask(
        &self,
        call: Arc<Call>,
        caller: &Caller,
        fault: Option<Fault>,
    ) -> Result<Answer, OdooError> {
        let world = Arc::clone(&self.worker.world);
        if let Some(refusal) = stranger(&world.things().odoo, caller) {
            return Ok(answer(refusal));
        }
        let work = match fault {
            // The connection broke early or the answer took too long; Odoo ends it at its limit.
            Some(Fault::Late) => world.some(1_000, millis(self.limit)),
            Some(Fault::Slow) => world.some(1_000, millis(self.patience)),
            _ => world.some(40, 2_000),
        };
        let (done, said) = oneshot::channel();
        let (name, asked) = (self.worker.name.clone(), Arc::clone(&call));
        let began = world.things().odoo.begin();
        world.begins(&name, &asked);
        tokio::task::spawn_local(async move {
            tokio::time::sleep(work).await;
            let said = world.commit(&name, &asked, began);
            // Nobody may be there any more to hear it.
            drop(done.send(said));
        });
        match fault {
            Some(Fault::Late) => {
                let gives_up = self.worker.world.some(100, millis(self.patience));
                tokio::time::sleep(gives_up).await;
                self.note(&call, "no answer is waited for any longer");
                Err(self.no_answer())
            }
            _ => self.wait(&call, said, fault).await,
        }
    }

    async fn wait(
        &self,
        call: &Call,
        said: oneshot::Receiver<Said>,
        fault: Option<Fault>,
    ) -> Result<Answer, OdooError> {
        let Ok(Ok(said)) = tokio::time::timeout(self.patience, said).await else {
            self.note(call, "no answer in time");
            return Err(self.no_answer());
        };
        match fault {
            Some(Fault::DiesAfter) => {
                self.note(call, "the worker dies after it");
                self.worker.die().await
            }
            Some(Fault::Lost) => {
                self.note(call, "and somebody in front of Odoo answers 502");
                Ok(gateway())
            }
            _ => Ok(answer(said)),
        }
    }

    fn no_answer(&self) -> OdooError {
        if self.worker.world.is(Mutant::NoAnswerMeansNoCall) {
            return OdooError::Unreachable(Arc::new(NoConnection));
        }
        OdooError::NoAnswer {
            how: "it took too long".to_owned(),
        }
    }

    fn note(&self, call: &Call, outcome: &str) {
        let what = format!("odoo {}.{}: {outcome}", call.model, call.method);
        self.worker.world.note(&self.worker.name, &what);
    }
}

/// Why a caller is not let in.
fn stranger(erp: &Erp, caller: &Caller) -> Option<Said> {
    let known = caller
        .as_ref()
        .is_some_and(|(_, key)| erp.knows(key.reveal()));
    (!known).then(|| fault(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey"))
}

fn answer((status, body): Said) -> Answer {
    Answer {
        status,
        retry_after: None,
        body: body.to_string().into_bytes(),
    }
}

fn gateway() -> Answer {
    Answer {
        status: 502,
        retry_after: None,
        body: b"<html><h1>502 Bad Gateway</h1></html>".to_vec(),
    }
}

fn too_many() -> Answer {
    Answer {
        status: 429,
        retry_after: Some(Duration::from_secs(7)),
        body: b"<html><h1>429 Too Many Requests</h1></html>".to_vec(),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Nobody listens there.
#[derive(Debug, thiserror::Error)]
#[error("connection refused")]
struct NoConnection;
