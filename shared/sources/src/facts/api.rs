//! What can be asked of a source.

use serde::Deserialize;

/// How what changed is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pull {
    /// What is asked, below the API's address.
    pub path: String,
    /// How often, where that is not only a safety net.
    pub every_seconds: Option<u32>,
    /// From where on.
    pub cursor: Cursor,
    /// How long the source keeps what we have not read yet; after a longer silence everything is
    /// read again.
    pub retention_seconds: Option<u32>,
    /// How a deletion is noticed.
    pub deletions: Deletions,
    /// How the next page is asked for, where there are pages.
    pub paging: Option<Paging>,
}

/// Where a pull goes on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// What carries it: a parameter, or a filter with `{cursor}` in it.
    pub asked_by: String,
    /// The field of a record that it is taken from.
    pub from: String,
    /// How much is read twice, because late commits carry early times.
    pub overlap_seconds: u32,
}

/// How a deletion is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deletions {
    /// They are among what changed.
    Reported,
    /// By comparing a whole window of records with what we know.
    WindowComparison,
}

/// How the next page is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    /// By a number.
    Number {
        /// Its parameter.
        parameter: String,
        /// The most records of one page.
        size: u32,
    },
    /// By what this place of the answer says.
    Next {
        /// The place.
        at: String,
        /// The most records of one page.
        size: u32,
    },
    /// By what a header of the answer says.
    Header {
        /// The header, in lower case.
        name: String,
        /// The most records of one page.
        size: u32,
    },
}

/// What is known of an API.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Its address; `{…}` where every firm has its own.
    pub base_url: String,
    /// The version that the description is about.
    pub version: Option<String>,
    /// How we prove who we are.
    pub auth: Auth,
    /// What it allows; every one of these counts.
    #[serde(default)]
    pub limits: Vec<Limit>,
}

/// How we prove who we are.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// A token in `Authorization: Bearer`.
    Bearer,
    /// User and password, or two keys, in `Authorization: Basic`.
    Basic,
    /// Headers of their own.
    Headers(Vec<String>),
    /// OAuth 2: a client id and secret for a short-lived token.
    ClientCredentials {
        /// Where the token is made.
        token_url: String,
    },
    /// OAuth 2: an assertion that we sign for a short-lived token.
    JwtBearer {
        /// Where the token is made.
        token_url: String,
        /// Whom the assertion is for.
        audience: String,
    },
    /// OAuth 2: a long-lived token for a short-lived one.
    RefreshToken {
        /// Where the token is made.
        token_url: String,
    },
}

/// What an API allows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// So many requests in so many seconds.
    Rate {
        /// The requests.
        requests: u32,
        /// The seconds.
        seconds: u32,
        /// Of whom, or of what.
        per: String,
    },
    /// So many at once.
    Concurrent {
        /// The requests.
        requests: u32,
        /// Of whom, or of what.
        per: String,
    },
}
