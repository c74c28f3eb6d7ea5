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
}
