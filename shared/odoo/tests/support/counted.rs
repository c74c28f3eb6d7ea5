//! A wire that notes every call.

use std::sync::Mutex;

use odoo::wire::{Answering, Request};
use odoo::{HttpWire, Wire};

/// The real wire, with a list of what was sent over it.
pub struct Counted {
    inner: HttpWire,
    calls: Mutex<Vec<String>>,
}

impl Counted {
    pub fn new(inner: HttpWire) -> Self {
        Self {
            inner,
            calls: Mutex::default(),
        }
    }

    /// The methods that were called since the last time, in their order.
    pub fn taken(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

impl Wire for Counted {
    fn send(&self, request: Request) -> Answering<'_> {
        let method = request.path.rsplit('/').next().unwrap_or_default();
        self.calls.lock().unwrap().push(method.to_owned());
        self.inner.send(request)
    }
}
