//! Ports for our servers.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::net::TcpSocket;

use crate::stack::StackError;

/// Below the range from which the kernel takes the ports of outgoing connections, usually 32768 and
/// above: a server that is stopped and started again must find its port free.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// A port of 127.0.0.1 that is ours until this is dropped, whether our server runs or is stopped.
///
/// A socket is bound to it that never listens. It was bound without `SO_REUSEADDR`, so it took the
/// port from nobody; it has the option since, so our own server, which sets it as well, may listen
/// (Linux: two sockets may have one address if both have the option and neither listens yet). Who
/// calls while the server is stopped is refused, and another world's search passes the port by.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _reservation: TcpSocket,
}

impl Port {
    /// Takes a free port. Processes begin at different places, so that they find one at once.
    ///
    /// # Errors
    /// When all ports are taken.
    pub fn reserve() -> Result<Self, StackError> {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let begin =
            u16::try_from(u64::from(std::process::id()) * 37 % u64::from(COUNT)).unwrap_or(0);
        for _ in 0..COUNT {
            let step = NEXT.fetch_add(1, Ordering::Relaxed);
            let number = FIRST + (begin.wrapping_add(step)) % COUNT;
            if let Ok(reservation) = take(number) {
                return Ok(Self {
                    number,
                    _reservation: reservation,
                });
            }
        }
        Err(StackError::NoPort)
    }

    /// Its number.
    #[must_use]
    pub const fn number(&self) -> u16 {
        self.number
    }
}

fn take(number: u16) -> std::io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, number)))?;
    socket.set_reuseaddr(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn two_ports_are_never_the_same() {
        let (one, other) = (Port::reserve().unwrap(), Port::reserve().unwrap());
        assert_ne!(one.number(), other.number());
    }

    #[test]
    fn a_reserved_port_is_taken_for_others_and_free_for_our_server() {
        let port = Port::reserve().unwrap();
        assert!(take(port.number()).is_err(), "taken for another world");
        let address = ("127.0.0.1", port.number());
        assert!(TcpStream::connect(address).is_err(), "nobody answers");
        // Rust's listener sets SO_REUSEADDR, as Odoo and the emulator do.
        let server = TcpListener::bind(address).unwrap();
        assert!(TcpStream::connect(address).is_ok());
        drop(server);
        assert!(TcpStream::connect(address).is_err(), "stopped");
        assert!(take(port.number()).is_err(), "still ours while stopped");
        TcpListener::bind(address).unwrap();
    }
}
