//! Fetching the key that signs callbacks.
//!
//! This never happens while a callback waits: an unknown key is answered with the status that
//! makes ConnectWise send again, and the key is fetched meanwhile.

use domain::NextStep;

use crate::api::{ApiAnswer, ApiError, classify};
use crate::facts::proof::{FetchedKey, Key, Proof};
use crate::json::{Object, Unreadable};
use crate::{ConnectWiseSecret, Source, key_url};

/// The largest answer that is read. A key is a few dozen characters.
pub const MAX_ANSWER_BYTES: usize = 10 * 1024;

/// A request for a signing key. Redirects must not be followed: they would leave the allowed
/// hosts. It has no `Debug`: it names the integration's client id.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRequest {
    /// The address, exactly as the callback named it.
    pub url: String,
    /// Header names and values to send.
    pub headers: Vec<(&'static str, String)>,
}

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The address must not be asked.
    #[error("the signing key's address is not one of the vendor's")]
    Forbidden,
    /// ConnectWise did not give it.
    #[error("ConnectWise did not give the signing key")]
    Api(#[source] ApiError),
    /// The answer is larger than [`MAX_ANSWER_BYTES`].
    #[error(
        "the answer with the signing key has {bytes} bytes; at most {MAX_ANSWER_BYTES} are read"
    )]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The answer has no key.
    #[error("the answer with the signing key cannot be read")]
    Unreadable(#[source] Unreadable),
}

impl KeyError {
    /// What the caller may do.
    pub const fn next_step(&self) -> NextStep {
        match self {
            Self::Api(cause) => cause.next_step(),
            Self::Forbidden => NextStep::Reject,
            Self::TooLarge { .. } | Self::Unreadable(_) => NextStep::Park,
        }
    }
}

/// The request for the key at this address, when it may be asked for this account. The address is
/// checked again: it has travelled since the callback named it.
pub fn request(
    source: &Source,
    account: &str,
    url: &str,
    secret: &ConnectWiseSecret,
) -> Result<KeyRequest, KeyError> {
    let own = secret.company_id == account;
    let host = secret.host.as_deref();
    let allowed = |key: &FetchedKey| key_url::is_allowed(key, url, account, host);
    if !own || !fetched_key(source).is_some_and(allowed) {
        return Err(KeyError::Forbidden);
    }
    Ok(KeyRequest {
        url: url.to_owned(),
        headers: vec![
            ("clientId", secret.client_id.clone()),
            ("accept", "application/json".to_owned()),
        ],
    })
}

fn fetched_key(source: &Source) -> Option<&FetchedKey> {
    source
        .facts
        .verify
        .iter()
        .find_map(|scheme| match &scheme.by {
            Proof::Signature(signature) => match &signature.key {
                Key::Sha256OfFetched(key) => Some(key),
                Key::Text | Key::Base64 { .. } | Key::Hex => None,
            },
            Proof::Token(_) | Proof::Basic {} | Proof::Jwt(_) | Proof::Nothing(_) => None,
        })
}

/// The signing key in the answer.
pub fn read(answer: &ApiAnswer) -> Result<String, KeyError> {
    let bytes = answer.body.len();
    if bytes > MAX_ANSWER_BYTES {
        return Err(KeyError::TooLarge { bytes });
    }
    let answer = classify(answer).map_err(KeyError::Api)?;
    Object::parse(&answer.body)
        .and_then(|object| object.text("signing_key"))
        .map_err(KeyError::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceSecret;

    const URL: &str = "https://api-na.myconnectwise.net/v2025_1//system/callbackkey/index.rails?companyName=Cobalt&id=e17e";

    fn answer(status: u16, body: &str) -> ApiAnswer {
        ApiAnswer {
            status,
            body: body.to_owned(),
        }
    }

    #[test]
    fn only_an_allowed_address_is_asked_and_with_the_client_id() {
        let source = crate::source("connectwise").unwrap();
        let secret =
            r#"{"company_id":"Cobalt","public_key":"p","private_key":"q","client_id":"c"}"#;
        let Ok(SourceSecret::ConnectWise(secret)) = SourceSecret::parse(source, secret) else {
            panic!("the documented shape is not read");
        };
        let asked = request(source, "Cobalt", URL, &secret).ok().unwrap();
        assert_eq!(asked.url, URL);
        assert!(asked.headers.contains(&("clientId", "c".to_owned())));
        let elsewhere = URL.replace("api-na.myconnectwise.net", "169.254.169.254");
        let others = URL.replace("Cobalt", "Other");
        for (account, url) in [
            ("Other", URL),
            ("Other", others.as_str()),
            ("Cobalt", elsewhere.as_str()),
        ] {
            let refused = request(source, account, url, &secret).err();
            assert_eq!(refused, Some(KeyError::Forbidden));
        }
    }

    #[test]
    fn the_key_is_read_and_other_fields_are_left_alone() {
        let good = answer(
            200,
            r#"{"signing_key":"k1","expires":"2027-01-01","x":[1]}"#,
        );
        assert_eq!(read(&good).as_deref(), Ok("k1"));
        assert_eq!(
            read(&answer(503, "")).unwrap_err().next_step(),
            NextStep::Retry
        );
        assert_eq!(
            read(&answer(401, "")).unwrap_err().next_step(),
            NextStep::Park
        );
        assert!(read(&answer(200, r#"{"signing_key":""}"#)).is_err());
        assert!(read(&answer(200, "<html>")).is_err());
        let large = format!("{{\"signing_key\":\"{}\"}}", "k".repeat(MAX_ANSWER_BYTES));
        assert!(matches!(
            read(&answer(200, &large)),
            Err(KeyError::TooLarge { .. })
        ));
    }
}
