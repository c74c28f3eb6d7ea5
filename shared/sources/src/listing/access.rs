//! What the owner of an account lets us ask with: the API's address and our proof.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::Source;
use crate::facts::api::{Api, Auth};
use crate::secret::{ApiSecret, ConnectWiseSecret, SourceSecret};

/// Where to ask, and with what. It has no `Debug`: it holds a secret.
pub struct Access {
    /// The API's address.
    pub base_url: String,
    /// Headers that prove who we are.
    pub headers: Vec<(String, String)>,
}

/// Why a source cannot be pulled; it never says a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotPull {
    /// Its description does not say how.
    #[error("{title} is not pulled yet: its description has no {what}")]
    NotDescribed {
        /// What its vendor calls it.
        title: String,
        /// The table that is missing.
        what: &'static str,
    },
    /// It wants a proof that is not built.
    #[error("{title} is not pulled yet: it wants {what}, which is not there yet")]
    NoProof {
        /// What its vendor calls it.
        title: String,
        /// The proof.
        what: &'static str,
    },
    /// The secret leaves something out.
    #[error("{title} cannot be pulled: its secret has no usable {what}")]
    NoValue {
        /// What its vendor calls it.
        title: String,
        /// The place in the secret's document.
        what: String,
    },
}

impl Source {
    /// Whether its description is complete enough to pull it, before anybody looks at a secret.
    ///
    /// # Errors
    /// When it is not; the error says what is missing.
    pub fn can_be_pulled(&self) -> Result<&Api, CannotPull> {
        let title = self.facts.title.clone();
        let not_described = |what| CannotPull::NotDescribed {
            title: title.clone(),
            what,
        };
        let pull = self.facts.pull.as_ref();
        if pull.is_none_or(|pull| pull.list.is_none()) {
            return Err(not_described("[pull.list]"));
        }
        let api = self.facts.api.as_ref();
        let api = api.ok_or_else(|| not_described("[api]"))?;
        let what = match &api.auth {
            Auth::Bearer | Auth::Basic | Auth::Headers(_) => return Ok(api),
            Auth::ClientCredentials { .. } => "a token for OAuth's client credentials",
            Auth::JwtBearer { .. } => "a token for a signed OAuth assertion",
            Auth::RefreshToken { .. } => "a token that is refreshed by OAuth",
        };
        Err(CannotPull::NoProof { title, what })
    }

    /// Where an account is asked, and with what. `base_url` stands for the vendor's own address.
    ///
    /// # Errors
    /// When the source cannot be pulled, or its secret leaves something out.
    pub fn access(
        &self,
        secret: &SourceSecret,
        base_url: Option<&str>,
    ) -> Result<Access, CannotPull> {
        let api = self.can_be_pulled()?;
        let own;
        let given = match secret {
            SourceSecret::HubSpot(secret) => {
                own = ApiSecret {
                    token: secret.access_token.clone(),
                    ..ApiSecret::default()
                };
                Some(&own)
            }
            SourceSecret::ConnectWise(secret) => {
                own = connectwise(secret);
                Some(&own)
            }
            SourceSecret::Signing(secret) => secret.api.as_ref(),
        };
        let no_value = |what: String| CannotPull::NoValue {
            title: self.facts.title.clone(),
            what,
        };
        let given = given.ok_or_else(|| no_value("api".to_owned()))?;
        Ok(Access {
            base_url: match base_url {
                Some(url) => url.to_owned(),
                None => address(&api.base_url, &given.places).map_err(no_value)?,
            },
            headers: headers(&api.auth, given).map_err(no_value)?,
        })
    }
}

/// <https://developer.connectwise.com/Products/ConnectWise_PSA/Developer_Guide>
fn connectwise(secret: &ConnectWiseSecret) -> ApiSecret {
    let region = secret
        .region
        .clone()
        .map(|region| ("region".to_owned(), region));
    let client_id = ("clientId".to_owned(), secret.client_id.clone());
    ApiSecret {
        user: format!("{}+{}", secret.company_id, secret.public_key),
        password: secret.private_key.clone(),
        headers: BTreeMap::from([client_id]),
        places: region.into_iter().collect(),
        ..ApiSecret::default()
    }
}

/// The address with its `{…}` filled; the name of the one that is not given.
fn address(pattern: &str, places: &BTreeMap<String, String>) -> Result<String, String> {
    let mut address = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        // A value is part of a host's name: it must not lead to another host.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let value = places.get(name);
        let value = value.filter(|value| !value.is_empty() && value.bytes().all(plain));
        let value = value.ok_or_else(|| format!("place {name}"))?;
        address.push_str(before);
        address.push_str(value);
        rest = after;
    }
    address.push_str(rest);
    Ok(address)
}

/// The headers that a proof is sent in; the name of what is not given.
fn headers(auth: &Auth, given: &ApiSecret) -> Result<Vec<(String, String)>, String> {
    let there = |value: &str, name: &str| match value.is_empty() {
        true => Err(name.to_owned()),
        false => Ok(value.to_owned()),
    };
    let mut headers = Vec::new();
    match auth {
        Auth::Bearer => {
            let token = there(&given.token, "token")?;
            headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        }
        Auth::Basic => {
            let (user, password) = (
                there(&given.user, "user")?,
                there(&given.password, "password")?,
            );
            let pair = BASE64_STANDARD.encode(format!("{user}:{password}"));
            headers.push(("authorization".to_owned(), format!("Basic {pair}")));
            headers.extend(given.headers.clone());
        }
        Auth::Headers(names) => {
            for name in names {
                let same = |(key, _): &(&String, &String)| key.eq_ignore_ascii_case(name);
                let value = given.headers.iter().find(same).map(|(_, value)| value);
                let value = there(value.map_or("", String::as_str), &format!("header {name}"))?;
                headers.push((name.to_ascii_lowercase(), value));
            }
        }
        Auth::ClientCredentials { .. } | Auth::JwtBearer { .. } | Auth::RefreshToken { .. } => {
            return Err("proof".to_owned());
        }
    }
    Ok(headers)
}
