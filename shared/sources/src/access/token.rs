//! Short-lived tokens by OAuth 2: what is sent for one, and what the answer means.
//!
//! Client credentials and refresh: <https://www.rfc-editor.org/rfc/rfc6749>. Signed assertion:
//! <https://www.rfc-editor.org/rfc/rfc7523>.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

use super::{address, there};
use crate::api::ApiAnswer;
use crate::facts::api::Auth;
use crate::hubspot::deal_fetch::escaped;
use crate::json::{Object, Unreadable};
use crate::secret::ApiSecret;

/// How long an assertion counts: it is used at once.
const ASSERTION_SECONDS: i64 = 180;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// What is sent for a token. It has no `Debug`: it holds a secret.
pub struct TokenRequest {
    /// Where to: fixed by the description, so that no answer and no message chooses it.
    pub url: String,
    /// The form.
    pub form: String,
    /// Whether the answer's long-lived token takes the place of the one that was sent.
    pub rotates: bool,
}

/// A token. It has no `Debug`.
pub struct Token {
    /// The token itself.
    pub text: String,
    /// For how many seconds it counts, when that is said.
    pub seconds: Option<u32>,
    /// The long-lived token for the next time, when there is another one.
    pub refresh: Option<String>,
}

/// Why there is no token. It never says a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoToken {
    /// The secret is not accepted.
    #[error("HTTP {status}{} where its tokens are made", word(.error))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// OAuth's own word for it.
        error: Option<String>,
    },
    /// It has trouble of its own.
    #[error("HTTP {status} where its tokens are made")]
    Busy {
        /// The HTTP status.
        status: u16,
    },
    /// An answer that is not OAuth's.
    #[error("what is answered where its tokens are made cannot be read")]
    Unreadable(#[from] Unreadable),
}

fn word(error: &Option<String>) -> String {
    error
        .as_ref()
        .map_or_else(String::new, |word| format!(", {word}"))
}

impl TokenRequest {
    /// What is sent for a token; the name of what the secret leaves out. `base_url` stands for the
    /// vendor's own hosts.
    pub(super) fn by(
        auth: &Auth,
        given: &ApiSecret,
        base_url: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, String> {
        let client_id = || there(&given.client_id, "client_id");
        let client_secret = || there(&given.client_secret, "client_secret");
        let mut rotating = false;
        let (token_url, pairs) = match auth {
            Auth::ClientCredentials { token_url } => {
                let pairs = vec![
                    ("grant_type", "client_credentials".to_owned()),
                    ("client_id", client_id()?.to_owned()),
                    ("client_secret", client_secret()?.to_owned()),
                ];
                (token_url, pairs)
            }
            Auth::JwtBearer {
                token_url,
                audience,
            } => {
                let user = there(&given.user, "user")?;
                let assertion = assertion(client_id()?, user, audience, &given.private_key, now)?;
                let grant = ("grant_type", JWT_BEARER.to_owned());
                (token_url, vec![grant, ("assertion", assertion)])
            }
            Auth::RefreshToken { token_url, rotates } => {
                rotating = *rotates;
                let refresh = there(&given.refresh_token, "refresh_token")?;
                let pairs = vec![
                    ("grant_type", "refresh_token".to_owned()),
                    ("refresh_token", refresh.to_owned()),
                    ("client_id", client_id()?.to_owned()),
                    ("client_secret", client_secret()?.to_owned()),
                ];
                (token_url, pairs)
            }
            Auth::Bearer | Auth::Basic | Auth::Headers(_) => return Err("token_url".to_owned()),
        };
        let pairs = pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", escaped(value)));
        Ok(Self {
            url: instead(&address(token_url, &given.places)?, base_url),
            form: pairs.collect::<Vec<_>>().join("&"),
            rotates: rotating,
        })
    }
}

/// The address, or the same path at a stand-in.
fn instead(url: &str, base_url: Option<&str>) -> String {
    let Some(base) = base_url else {
        return url.to_owned();
    };
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    format!("{}/{path}", base.trim_end_matches('/'))
}

fn assertion(
    issuer: &str,
    subject: &str,
    audience: &str,
    private_key: &str,
    now: Timestamp,
) -> Result<String, String> {
    let no_key = || "private_key".to_owned();
    let key = EncodingKey::from_rsa_pem(private_key.as_bytes()).map_err(|_| no_key())?;
    let ends = now.as_second().saturating_add(ASSERTION_SECONDS);
    let claims = json!({"iss": issuer, "sub": subject, "aud": audience, "exp": ends});
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).map_err(|_| no_key())
}

impl Token {
    /// What was answered to a [`TokenRequest`].
    ///
    /// # Errors
    /// When it is no token; the error says what kind of answer it was.
    pub fn read(answer: &ApiAnswer) -> Result<Self, NoToken> {
        let status = answer.status;
        match status {
            200..=299 => {}
            408 | 429 | 500.. => return Err(NoToken::Busy { status }),
            _ => {
                let error = error(&answer.body);
                return Err(NoToken::Refused { status, error });
            }
        }
        let object = Object::parse(&answer.body)?;
        let seconds = object.optional_id("expires_in")?;
        Ok(Self {
            text: object.text("access_token")?,
            seconds: seconds.and_then(|seconds| seconds.parse().ok()),
            refresh: object.optional_text("refresh_token")?,
        })
    }
}

/// OAuth's word for a refusal, when it is a plain word: the description beside it may quote what was
/// sent.
fn error(body: &str) -> Option<String> {
    let word = Object::parse(body).ok()?.text("error").ok()?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    (word.len() <= 60 && word.bytes().all(plain)).then_some(word)
}

#[cfg(test)]
mod tests;
