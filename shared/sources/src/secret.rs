//! The documents that the secret store holds, one per account of a source.
//!
//! Nothing here has `Debug` or `Display`: a secret cannot reach a log by accident.

mod accounts;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Source;
use crate::facts::Facts;
use crate::facts::proof::{Key, Proof, Scheme};

pub use accounts::with_document;

use accounts::document_of;

/// What is needed to trust an account's messages and to ask its API.
pub enum SourceSecret {
    /// HubSpot.
    HubSpot(HubSpotSecret),
    /// ConnectWise PSA.
    ConnectWise(ConnectWiseSecret),
    /// Any source whose messages are signed with a text, and whose API is not asked.
    Signing(SigningSecret),
}

/// `{"client_secrets":["…"],"access_token":"…"}`
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HubSpotSecret {
    /// The app's client secrets that are valid now: the current one, and the one before while it
    /// is being replaced.
    pub client_secrets: Vec<String>,
    /// The private app's access token.
    pub access_token: String,
    /// The weaker schemes that are accepted too, for example `v1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schemes: Vec<String>,
}

/// `{"company_id":"…","public_key":"…","private_key":"…","client_id":"…","host":"…","region":"…","signing_keys":{"https://…":"…"}}`
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectWiseSecret {
    /// The company id, as its messages carry it.
    pub company_id: String,
    /// The API member's public key.
    pub public_key: String,
    /// The API member's private key.
    pub private_key: String,
    /// The integration's client id, which every API call names.
    pub client_id: String,
    /// The only host that may be asked for signing keys, as callbacks name it; without it, any
    /// host of the vendor's cloud.
    #[serde(default)]
    pub host: Option<String>,
    /// The region of its API: `na`, `eu` or `au`. Without it the account is not pulled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The signing keys fetched so far, by the address they were fetched from.
    #[serde(default)]
    pub signing_keys: BTreeMap<String, String>,
}

/// `{"signing_secrets":["…"],"api":{…}}`
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SigningSecret {
    /// The secrets that are valid now: the current one, and the one before while it is being
    /// replaced. A source that is only asked has none.
    #[serde(default)]
    pub signing_secrets: Vec<String>,
    /// The weaker schemes that are accepted too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schemes: Vec<String>,
    /// What its API is asked with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<ApiSecret>,
}

/// The part of a secret that its API is asked with; what the description does not want is left out.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApiSecret {
    /// The token of `Authorization: Bearer`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub token: String,
    /// The user, or the first key, of `Authorization: Basic`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// The password, or the second key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub password: String,
    /// The headers that the description names, with their values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// What stands in the address for `{…}`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, String>,
    /// The id of our client, for a token by OAuth.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_id: String,
    /// The client's secret.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_secret: String,
    /// The key that an assertion is signed with: PEM, PKCS #8 or PKCS #1.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub private_key: String,
    /// The long-lived token that a short-lived one is made of.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub refresh_token: String,
}

/// A secret document that cannot be used. It names the place and never the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// Not JSON of the expected shape.
    #[error(
        "the secret of {source_name} does not have the documented shape (line {line}, column {column})"
    )]
    Shape {
        /// The source.
        source_name: String,
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// Several accounts share the document, and this one is not among them.
    #[error("the secret of {source_name} has no such account under `accounts`")]
    NoAccount {
        /// The source.
        source_name: String,
    },
    /// No secret is described for this source.
    #[error("no secret is described for the source {source_name}")]
    NoShape {
        /// The source.
        source_name: String,
    },
}

impl SourceSecret {
    /// Reads what is stored for this account of the source that is described so: a document of its
    /// own, or its part of one for several accounts.
    pub fn of_account(facts: &Facts, account: &str, stored: &str) -> Result<Self, BadSecret> {
        let own = document_of(stored, account).ok_or_else(|| BadSecret::NoAccount {
            source_name: facts.name.clone(),
        })?;
        Self::of(facts, own)
    }

    /// Reads the document that is stored for an account of this source.
    pub fn parse(source: &Source, text: &str) -> Result<Self, BadSecret> {
        Self::of(&source.facts, text)
    }

    /// Reads the document that is stored for an account of the source that is described so.
    pub fn of(facts: &Facts, text: &str) -> Result<Self, BadSecret> {
        let source_name = facts.name.clone();
        let read = match facts.name.as_str() {
            "hubspot" => serde_json::from_str(text).map(Self::HubSpot),
            "connectwise" => serde_json::from_str(text).map(Self::ConnectWise),
            // Whose keys are fetched is asked with an access of its own.
            _ if facts.verify.iter().any(is_fetched) => {
                return Err(BadSecret::NoShape { source_name });
            }
            _ => serde_json::from_str(text).map(Self::Signing),
        };
        read.map_err(|error| BadSecret::Shape {
            source_name,
            line: error.line(),
            column: error.column(),
        })
    }

    /// Secrets that were entered by hand, the current one and those before.
    #[must_use]
    pub const fn entered(signing_secrets: Vec<String>) -> Self {
        Self::Signing(SigningSecret {
            signing_secrets,
            schemes: Vec::new(),
            api: None,
        })
    }

    /// The document with another long-lived token in it; none where there is no place for one.
    pub fn with_refresh_token(self, token: String) -> Option<String> {
        let Self::Signing(mut secret) = self else {
            return None;
        };
        secret.api.as_mut()?.refresh_token = token;
        serde_json::to_string(&secret).ok()
    }

    /// The weaker schemes that the account accepts too.
    pub(crate) fn schemes(&self) -> &[String] {
        match self {
            Self::HubSpot(secret) => &secret.schemes,
            Self::ConnectWise(_) => &[],
            Self::Signing(secret) => &secret.schemes,
        }
    }

    /// The secrets that are keys as they stand.
    pub(crate) fn texts(&self) -> &[String] {
        match self {
            Self::HubSpot(secret) => &secret.client_secrets,
            Self::ConnectWise(_) => &[],
            Self::Signing(secret) => &secret.signing_secrets,
        }
    }

    /// The keys fetched so far, by address.
    pub(crate) fn fetched(&self) -> Option<&BTreeMap<String, String>> {
        match self {
            Self::HubSpot(_) | Self::Signing(_) => None,
            Self::ConnectWise(secret) => Some(&secret.signing_keys),
        }
    }

    /// The account that the secret belongs to, when it says so.
    pub(crate) fn account(&self) -> Option<&str> {
        match self {
            Self::HubSpot(_) | Self::Signing(_) => None,
            Self::ConnectWise(secret) => Some(&secret.company_id),
        }
    }

    /// The only host that may be asked for keys.
    pub(crate) fn host(&self) -> Option<&str> {
        match self {
            Self::HubSpot(_) | Self::Signing(_) => None,
            Self::ConnectWise(secret) => secret.host.as_deref(),
        }
    }
}

fn is_fetched(scheme: &Scheme) -> bool {
    matches!(&scheme.by, Proof::Signature(signature) if matches!(signature.key, Key::Sha256OfFetched(_)))
}
