//! How a customer is found that is in Odoo already.

use std::collections::BTreeSet;

use serde::Deserialize;

/// Where anybody has a mailbox, unless the book says otherwise: two customers there have nothing in
/// common.
const FREE_MAIL: [&str; 26] = [
    "aol.com",
    "bluewin.ch",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mail.com",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "t-online.de",
    "web.de",
    "yahoo.com",
];

/// How a customer is found that is in Odoo already.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Customers {
    /// Domains where anybody has a mailbox: that two customers share one says nothing. It takes the
    /// place of the list that holds without it.
    pub free_mail: BTreeSet<String>,
}

impl Default for Customers {
    fn default() -> Self {
        let free_mail = FREE_MAIL.into_iter().map(str::to_owned).collect();
        Self { free_mail }
    }
}
