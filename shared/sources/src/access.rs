//! What the owner of an account lets us ask with: the API's address and our proof.

mod token;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;

use crate::facts::Facts;
use crate::facts::api::{Api, Auth, Pull};
use crate::secret::{ApiSecret, ConnectWiseSecret, SourceSecret};

pub use token::{NoToken, Token, TokenRequest};

/// Where to ask, and with what. It has no `Debug`: it holds a secret.
pub struct Access {
    /// The API's address.
    pub base_url: String,
    /// How we prove who we are.
    pub proof: Proof,
}

/// How we prove who we are. It has no `Debug`.
pub enum Proof {
    /// By these headers.
    Headers(Vec<(String, String)>),
    /// By a short-lived token that is asked for first.
    Token(TokenRequest),
}

/// Why a source cannot be asked; it never says a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotAsk {
    /// Its description does not say how.
    #[error("{title} is not asked yet: its description has no {what}")]
    NotDescribed {
        /// What its vendor calls it.
        title: String,
        /// The table that is missing.
        what: &'static str,
    },
    /// The secret leaves something out.
    #[error("{title} cannot be asked: its secret has no usable {what}")]
    NoValue {
        /// What its vendor calls it.
        title: String,
        /// The place in the secret's document.
        what: String,
    },
}

impl Facts {
    /// Whether its description is complete enough to read this list of it, before anybody looks at a
    /// secret.
    ///
    /// # Errors
    /// When it is not; the error says what is missing.
    pub fn can_be_pulled(&self, pull: &Pull) -> Result<(), CannotAsk> {
        if pull.list.is_none() {
            return Err(self.not_described("[pull.list]"));
        }
        self.api().map(drop)
    }

    /// Where an account is asked, and with what. `base_url` stands for the vendor's own address; an
    /// assertion is signed for `now`.
    ///
    /// # Errors
    /// When the source cannot be asked, or its secret leaves something out.
    pub fn access(
        &self,
        secret: &SourceSecret,
        base_url: Option<&str>,
        now: Timestamp,
    ) -> Result<Access, CannotAsk> {
        let api = self.api()?;
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
        let no_value = |what: String| CannotAsk::NoValue {
            title: self.title.clone(),
            what,
        };
        let given = given.ok_or_else(|| no_value("api".to_owned()))?;
        Ok(Access {
            base_url: match base_url {
                Some(url) => url.to_owned(),
                None => address(&api.base_url, &given.places).map_err(no_value)?,
            },
            proof: proof(&api.auth, given, base_url, now).map_err(no_value)?,
        })
    }

    fn api(&self) -> Result<&Api, CannotAsk> {
        let api = self.api.as_ref();
        api.ok_or_else(|| self.not_described("[api]"))
    }

    fn not_described(&self, what: &'static str) -> CannotAsk {
        CannotAsk::NotDescribed {
            title: self.title.clone(),
            what,
        }
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

/// How we prove who we are; the name of what is not given.
fn proof(
    auth: &Auth,
    given: &ApiSecret,
    base_url: Option<&str>,
    now: Timestamp,
) -> Result<Proof, String> {
    match auth {
        Auth::Bearer => {
            let token = there(&given.token, "token")?;
            Ok(Proof::Headers(vec![bearer(token)]))
        }
        Auth::Basic => {
            let (user, password) = (
                there(&given.user, "user")?,
                there(&given.password, "password")?,
            );
            let pair = BASE64_STANDARD.encode(format!("{user}:{password}"));
            let mut headers = vec![("authorization".to_owned(), format!("Basic {pair}"))];
            headers.extend(given.headers.clone());
            Ok(Proof::Headers(headers))
        }
        Auth::Headers(names) => {
            let header = |name: &String| {
                let same = |(key, _): &(&String, &String)| key.eq_ignore_ascii_case(name);
                let value = given.headers.iter().find(same).map(|(_, value)| value);
                let value = there(value.map_or("", String::as_str), &format!("header {name}"))?;
                Ok((name.to_ascii_lowercase(), value.to_owned()))
            };
            let headers: Result<_, String> = names.iter().map(header).collect();
            Ok(Proof::Headers(headers?))
        }
        Auth::ClientCredentials { .. } | Auth::JwtBearer { .. } | Auth::RefreshToken { .. } => {
            TokenRequest::by(auth, given, base_url, now).map(Proof::Token)
        }
    }
}

/// The header of a token.
#[must_use]
pub fn bearer(token: &str) -> (String, String) {
    ("authorization".to_owned(), format!("Bearer {token}"))
}

/// A value that is given; its name when it is not.
fn there<'a>(value: &'a str, name: &str) -> Result<&'a str, String> {
    match value.is_empty() {
        true => Err(name.to_owned()),
        false => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source;

    #[test]
    fn an_account_is_asked_at_its_own_address_with_its_own_proof() {
        let access = |name: &str, document: &str| {
            let source = source(name).unwrap();
            let secret = crate::SourceSecret::parse(source, document).unwrap();
            let now = "2026-11-22T12:00:00Z".parse().unwrap();
            let access = source.facts.access(&secret, None, now);
            let headers = |proof| match proof {
                Proof::Headers(headers) => headers,
                Proof::Token(_) => panic!("no token is wanted"),
            };
            access
                .map(|access| (access.base_url, headers(access.proof)))
                .map_err(|cannot| cannot.to_string())
        };
        let keys = r#"{"company_id":"Cobalt","public_key":"p","private_key":"q","client_id":"c","region":"eu"}"#;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            access("connectwise", keys),
            Ok((
                "https://api-eu.myconnectwise.net/v4_6_release/apis/3.0".to_owned(),
                vec![
                    pair("authorization", "Basic Q29iYWx0K3A6cQ=="),
                    pair("clientId", "c")
                ]
            ))
        );
        let elsewhere = keys.replace("\"eu\"", "\"eu.evil.example/\"");
        let refused = "ConnectWise PSA cannot be asked: its secret has no usable place region";
        assert_eq!(access("connectwise", &elsewhere), Err(refused.to_owned()));
        assert_eq!(
            access("clockify", r#"{"signing_secrets":["s"]}"#),
            Err("Clockify cannot be asked: its secret has no usable api".to_owned())
        );
        let key = r#"{"signing_secrets":["s"],"api":{"headers":{"x-api-key":"k"}}}"#;
        assert_eq!(
            access("clockify", key),
            Ok((
                "https://api.clockify.me/api".to_owned(),
                vec![pair("x-api-key", "k")]
            ))
        );
    }
}
