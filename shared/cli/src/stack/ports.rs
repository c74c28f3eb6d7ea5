//! Ports for our servers.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::stack::StackError;

/// Below the range from which the kernel takes the ports of outgoing connections, usually 32768 and
/// above: a server that is stopped and started again must find its port free.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// A port that is free now. Processes begin at different places, so two of them rarely want the
/// same one at the same moment.
pub fn free() -> Result<u16, StackError> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = u16::try_from(u64::from(std::process::id()) * 37 % u64::from(COUNT)).unwrap_or(0);
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + (begin.wrapping_add(step)) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(StackError::NoPort)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ports_are_never_the_same() {
        assert_ne!(free().unwrap(), free().unwrap());
    }
}
