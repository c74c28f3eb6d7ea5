//! The way to Odoo, with a stopwatch at every call and a switch.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use odoo::wire::{Answering, Request};
use odoo::{HttpWire, Wire};

/// One call that was answered.
#[derive(Debug, Clone)]
pub struct Call {
    /// For example `load`.
    pub method: String,
    /// When it was sent.
    pub started: Instant,
    /// How long the answer took.
    pub took: Duration,
}

/// A wire that notes each call.
pub struct Stopwatch {
    wire: HttpWire,
    /// Nobody listens there.
    dead: HttpWire,
    is_down: AtomicBool,
    calls: Mutex<Vec<Call>>,
}

impl Stopwatch {
    /// To the Odoo at this address.
    pub fn new(url: &str) -> Self {
        let wire = |url| HttpWire::new(url, Duration::from_secs(120)).expect("an HTTP client");
        Self {
            wire: wire(url),
            dead: wire("http://127.0.0.1:9"),
            is_down: AtomicBool::new(false),
            calls: Mutex::default(),
        }
    }

    /// What was called since the last time.
    pub fn taken(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().expect("not poisoned"))
    }

    /// Lets Odoo go away, or come back.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::Relaxed);
    }
}

impl Wire for Stopwatch {
    fn send(&self, request: Request) -> Answering<'_> {
        if self.is_down.load(Ordering::Relaxed) {
            return self.dead.send(request);
        }
        let method = request
            .path
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        Box::pin(async move {
            let started = Instant::now();
            let answer = self.wire.send(request).await;
            let took = started.elapsed();
            let call = Call {
                method,
                started,
                took,
            };
            self.calls.lock().expect("not poisoned").push(call);
            answer
        })
    }
}
