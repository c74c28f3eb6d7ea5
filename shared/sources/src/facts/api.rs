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
    /// The statuses by which the source says that it does not know any more where we stopped: then
    /// everything is read again.
    #[serde(default)]
    pub expired: Vec<u16>,
    /// How the list is asked for and read; without it the source is not pulled yet.
    pub list: Option<Listing>,
    /// Further lists of the source, each with a cursor of its own.
    #[serde(default)]
    pub more: Vec<Self>,
}

impl Pull {
    /// This list and the further ones.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.more)
    }
}

/// How a list is asked for and read. In `query`, `body` and `record` stand `{cursor}`, `{id}` (of the
/// last record, where pages go by it), `{size}`, `{account}`, and what the firm calls fields of its
/// own: `{legal_entity}`, `{payment_terms}`, `{purchase_order}`, `{signed_on}`, `{vat}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// What its records are, as in the names of our facts.
    pub entity: String,
    /// Where the answer has them; empty when the answer is the list.
    #[serde(default)]
    pub records: String,
    /// Whether they stand there by their ids, in an object instead of a list.
    #[serde(default)]
    pub by_id: bool,
    /// Where a record has its id.
    pub id: String,
    /// How the cursor is written.
    pub written: CursorForm,
    /// The parameters, each `name=value`.
    #[serde(default)]
    pub query: Vec<String>,
    /// What stands for `{which}` in the parameters: the records of the list, or one of them.
    pub which: Option<Which>,
    /// What is posted; without it the list is a `GET`.
    pub body: Option<String>,
    /// It cannot be asked from a time on: it comes newest first, and is read until what is known.
    #[serde(default)]
    pub newest_first: bool,
    /// Where one record is. It is asked for before anybody takes a record for deleted.
    pub record: Option<String>,
    /// What its records only name, and what is asked for with every page.
    pub beside: Option<Beside>,
}

/// What a list is asked for that can also be asked for one record, in the same shape.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// The records from `{cursor}` on.
    pub listed: String,
    /// The record `{id}`: this is how a record is fetched of which only a hint came.
    pub one: String,
}

/// Records that those of a list only name. What is answered stands beside them in a delivery, in the
/// shape of its own list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// Under which name it stands there.
    pub name: String,
    /// Where a record of the list names one.
    pub named_at: String,
    /// What is asked.
    pub path: String,
    /// What is posted, with `{ids}` for the ids that are named, separated by commas.
    pub body: String,
    /// Where the answer has the records.
    pub records: String,
    /// Where such a record has its id.
    pub id: String,
}

/// How a cursor is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CursorForm {
    /// `2026-11-22T12:00:00Z`.
    Rfc3339,
    /// Milliseconds since 1970.
    Milliseconds,
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
        /// The parameter that takes what stands there; without it, it is an address.
        parameter: Option<String>,
        /// The most records of one page.
        size: u32,
    },
    /// By a number, until a header of the answer says that it was the last.
    Header {
        /// The header, in lower case.
        name: String,
        /// The parameter of the number.
        parameter: String,
        /// The most records of one page.
        size: u32,
    },
    /// By the id of the last record: the list is sorted by it, so that nothing is skipped when
    /// records change or go while it is read.
    Id {
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
    /// The word of an answer by which it says that a limit is used up, where it does so with the
    /// status of a refused access.
    pub used_up: Option<String>,
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
        /// Whether each use brings another long-lived token, which takes the place of the one before.
        #[serde(default)]
        rotates: bool,
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
        /// Which requests it counts.
        #[serde(default)]
        of: Requests,
    },
    /// So many at once.
    Concurrent {
        /// The requests.
        requests: u32,
        /// Of whom, or of what.
        per: String,
    },
}

/// Which requests a limit counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requests {
    /// Every one.
    #[default]
    All,
    /// Those for lists.
    Lists,
    /// Those for reports, of which we ask none.
    Reports,
}

impl Paging {
    /// The most records of one page.
    #[must_use]
    pub const fn size(&self) -> u32 {
        match self {
            Self::Number { size, .. }
            | Self::Next { size, .. }
            | Self::Header { size, .. }
            | Self::Id { size } => *size,
        }
    }
}
