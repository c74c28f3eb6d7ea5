//! The options that name somebody else's Odoo.

use std::path::{Path, PathBuf};

use clap::Args;

/// Which Odoo, and with which keys.
#[derive(Debug, Args)]
pub struct OdooOptions {
    /// Another Odoo 19 than the one that is started here, such as https://erp.example.com.
    #[arg(long, value_name = "URL", requires_all = ["odoo_db", "odoo_keys"])]
    odoo_url: Option<String>,
    /// The name of its database.
    #[arg(long, value_name = "NAME", requires = "odoo_url")]
    odoo_db: Option<String>,
    /// A TOML file with the API keys of its users: master, work, billing, read; the demo also needs
    /// finance and admin. A value may be file:/a/file/with/the/key.
    #[arg(long, value_name = "FILE", requires = "odoo_url")]
    odoo_keys: Option<PathBuf>,
}

/// An Odoo that was named.
#[derive(Debug)]
pub struct NamedOdoo<'a> {
    /// Its address, without a slash at the end.
    pub url: &'a str,
    /// The name of its database.
    pub database: &'a str,
    /// The file with the keys.
    pub keys: &'a Path,
}

impl OdooOptions {
    /// The Odoo that was named, if one was.
    #[must_use]
    pub fn named(&self) -> Option<NamedOdoo<'_>> {
        Some(NamedOdoo {
            url: self.odoo_url.as_deref()?.trim_end_matches('/'),
            database: self.odoo_db.as_deref()?,
            keys: self.odoo_keys.as_deref()?,
        })
    }
}
