//! Why no book is begun from an Odoo.

use std::path::PathBuf;

use odoo::OdooError;

/// Why no book is begun.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// No Odoo was named.
    #[error("which Odoo? Name it with --odoo-url, --odoo-db and --odoo-keys")]
    NoOdoo,
    /// A book is there.
    #[error("{} holds a book already: name another folder", .0.display())]
    BookIsThere(PathBuf),
    /// A file cannot be written.
    #[error("{} cannot be written", file.display())]
    NotWritten {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Odoo cannot be asked.
    #[error("Odoo does not say what it has; look with tenon doctor")]
    Odoo(#[from] OdooError),
    /// The file with a secret cannot be read.
    #[error("the file with the secret {} cannot be read", file.display())]
    SecretUnreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file holds no secret of this source.
    #[error("{} cannot be used; the pages of the sources say what stands in a secret", file.display())]
    BadSecret {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: sources::BadSecret,
    },
    /// The source cannot be asked.
    #[error(transparent)]
    CannotAsk(#[from] sources::access::CannotAsk),
    /// It gave no token.
    #[error("there is no token to ask with")]
    NoToken(#[from] sources::access::NoToken),
    /// It would take the running system's token.
    #[error(
        "{0} is not asked from here: each use of its token makes another one, and the running system would have none. Leave its secret out"
    )]
    TokenIsUsedUp(String),
    /// The source did not answer.
    #[error(transparent)]
    NotSent(#[from] source_api::SendError),
}
