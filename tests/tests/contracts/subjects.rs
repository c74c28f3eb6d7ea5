//! The tables that are held to the contract, each behind the same handle.

use std::sync::Arc;

use aws::{Connection, Exceptions, FixedClock, Ledger, RandomTokens};
use cli::aws_api::Aws;
use tests::emulator::{Emulator, create_tables};

use crate::records::at;

/// Tables that nobody else uses.
pub struct Tables {
    /// The work list.
    pub ledger: Ledger,
    /// What people must decide.
    pub exceptions: Exceptions,
}

impl Tables {
    /// Through our own crate.
    pub fn over(connection: &Connection, ledger: &str, exceptions: &str) -> Self {
        Self {
            ledger: Ledger::new(connection, ledger),
            exceptions: Exceptions::new(connection, exceptions),
        }
    }
}

/// Tables of MiniStack's.
pub async fn emulated(emulator: &Emulator) -> Tables {
    let (ledger, exceptions) = emulator.tables().await;
    Tables::over(&connection(emulator.url()), &ledger, &exceptions)
}

/// Tables in an embedded DynamoDB of their own.
pub async fn embedded() -> Tables {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("a bound port");
    let database = dynoxide::Database::memory().expect("a database in memory");
    tokio::spawn(dynoxide::server::serve_with_shutdown(
        listener,
        database,
        std::future::pending(),
    ));
    let url = format!("http://{address}");
    create_tables(&Aws::root(&url), "ledger", "exceptions").await;
    Tables::over(&connection(&url), "ledger", "exceptions")
}

/// Our own crate's way to an emulator.
pub fn connection(url: &str) -> Connection {
    let clock = Arc::new(FixedClock::at(at(0)));
    Connection::to_emulator(url, clock, Arc::new(RandomTokens))
}
