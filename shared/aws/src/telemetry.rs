//! Structured logs: one JSON line per outcome.

use std::error::Error;
use std::fmt;

use tracing_subscriber::EnvFilter;

/// Starts JSON logging to standard output, which Lambda keeps.
///
/// Only our own crates log below `warn`: the SDK's debug lines would carry bodies.
pub fn init() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("warn,audit=info,intake=info,validate=info,post=info,bill=info,pull=info,relay=info,feedback=info,sweep=info,rotate=info,collect=info,console=info,aws=info"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .init();
}

/// An error with all its causes in one line, each once.
pub struct Chain<'a>(pub &'a dyn Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
