//! What the functions log, kept in memory so that it can be searched for what must not be there.

use std::cell::RefCell;
use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

thread_local! {
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes to the log of this thread, which plays one run at a time.
#[derive(Debug, Clone, Copy)]
struct Memory;

impl io::Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Memory {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        *self
    }
}

/// From now on, logs are kept in memory, as the functions write them on AWS.
pub fn capture() {
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(EnvFilter::new("info"))
        .with_writer(Memory)
        .finish();
    // A second stage in the same process keeps the first one's.
    tracing::subscriber::set_global_default(subscriber).ok();
}

/// Forgets what this thread has logged.
pub fn clear() {
    LOG.with_borrow_mut(Vec::clear);
}

/// Looks into what this thread has logged.
pub fn with<T>(look: impl FnOnce(&str) -> T) -> T {
    LOG.with_borrow(|log| look(&String::from_utf8_lossy(log)))
}
