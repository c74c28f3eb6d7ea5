//! Whether a message comes from whom it claims, by the facts of its source.

mod hash;
mod headers;
mod jwt;
mod keys;
mod nothing;
mod parts;
mod refusal;
mod signature;
mod token;
mod verdict;

use jiff::Timestamp;

use crate::facts::Facts;
use crate::facts::message::Split;
use crate::facts::proof::{Proof, Scheme};
use crate::{Source, SourceSecret, json};

pub use headers::Headers;
pub use refusal::Refusal;
use verdict::Verdict;

/// A message as it arrived. It has no `Debug`: headers and bodies are not for logs.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The account that the address named.
    pub account: &'a str,
    /// The HTTP method, in capitals.
    pub method: &'a str,
    /// The full public address as the vendor called it, with the query as sent. Never built from
    /// `Host` or a forwarding header: the caller chooses those.
    pub public_url: &'a str,
    /// The headers.
    pub headers: &'a Headers,
    /// The bytes as received.
    pub body: &'a [u8],
    /// The time of arrival.
    pub now: Timestamp,
}

/// A body whose origin was checked. [`verify()`] is the only way to get one.
pub struct Verified<'a>(&'a [u8]);

impl<'a> Verified<'a> {
    /// The bytes as received.
    pub const fn body(&self) -> &'a [u8] {
        self.0
    }

    /// SHA-256 of the bytes as received, in hexadecimal digits: what was kept can be compared with
    /// what was sent.
    pub fn digest(&self) -> String {
        hash::hex_of_sha256(self.0)
    }

    /// A body of a test's own.
    #[cfg(test)]
    pub(crate) const fn of(body: &'a [u8]) -> Self {
        Self(body)
    }
}

/// Checks where a message comes from: that the secret is the account's, then headers, age,
/// signature, and which account the message itself names.
pub fn verify<'a>(
    source: &Source,
    request: &Request<'a>,
    secret: &SourceSecret,
) -> Result<Verified<'a>, Refusal> {
    let chosen = |scheme: &&Scheme| {
        let asked = |name: &String| *name == scheme.scheme;
        !scheme.only_if_chosen || secret.schemes().iter().any(asked)
    };
    let schemes: Vec<&Scheme> = source.facts.verify.iter().filter(chosen).collect();
    verify_by(&source.facts, &schemes, request, secret)
}

/// The same with these schemes and no other. The first that the message carries decides, and a
/// failed one never falls through to the next.
pub fn verify_by<'a>(
    facts: &Facts,
    schemes: &[&Scheme],
    request: &Request<'a>,
    secret: &SourceSecret,
) -> Result<Verified<'a>, Refusal> {
    // Otherwise anybody with an account at the same vendor could make us fetch and trust a key of
    // their own, under their own account's name.
    if secret.account().is_some_and(|own| own != request.account) {
        return Err(Refusal::WrongAccount);
    }
    is_whole(request)?;
    let mut not_decided = Refusal::SendsNothing {
        title: facts.title.clone(),
    };
    for scheme in schemes {
        match judge(facts, scheme, request, secret)? {
            Verdict::Proved => {
                return match is_about_another_account(facts, request) {
                    true => Err(Refusal::WrongAccount),
                    false => Ok(Verified(request.body)),
                };
            }
            Verdict::NotHere(refusal) => {
                if refusal.weight() > not_decided.weight() {
                    not_decided = refusal;
                }
            }
        }
    }
    Err(not_decided)
}

/// The account that a message itself names.
#[must_use]
pub fn account_named(facts: &Facts, body: &[u8]) -> Option<String> {
    let tenant = facts.message.tenant.as_ref()?;
    let text = json::text_of(body).ok()?;
    match facts.message.split {
        Split::Array => {
            let events = json::array(text).ok()?;
            json::id_at(events.first()?.get(), tenant)
        }
        Split::Whole | Split::At(_) | Split::Elements(_) => json::id_at(text, tenant),
    }
}

fn is_whole(request: &Request<'_>) -> Result<(), Refusal> {
    let bytes = request.body.len();
    if bytes > json::MAX_BYTES {
        return Err(Refusal::TooLarge { bytes });
    }
    // A body that was packed on the way has another length than the one that was signed.
    let packed = request.headers.one("content-encoding")?.is_some();
    match request.headers.one("content-length")? {
        Some(length) if !packed && length.parse() != Ok(bytes) => Err(Refusal::WrongLength),
        _ => Ok(()),
    }
}

fn judge(
    facts: &Facts,
    scheme: &Scheme,
    request: &Request<'_>,
    secret: &SourceSecret,
) -> Result<Verdict, Refusal> {
    if let Some(version) = &scheme.version
        && let Some(given) = request.headers.one(&version.header)?
        && given != version.is
    {
        return Ok(Verdict::NotHere(Refusal::missing(&version.header)));
    }
    match &scheme.by {
        Proof::Signature(facts) => signature::judge(facts, request, secret),
        Proof::Token(facts) => token::judge(facts, request, secret),
        Proof::Basic {} => token::judge_basic(request, secret),
        Proof::Jwt(facts) => jwt::judge(facts, request, secret),
        Proof::Nothing(proofs) => nothing::judge(&facts.title, proofs, request, secret),
    }
}

/// Whether any event names another account. An unreadable body names none: it is accepted, and
/// becomes an exception where it is read.
fn is_about_another_account(facts: &Facts, request: &Request<'_>) -> bool {
    let message = &facts.message;
    let (Some(tenant), Ok(text)) = (&message.tenant, json::text_of(request.body)) else {
        return false;
    };
    let other =
        |event: &str| json::id_at(event, tenant).is_some_and(|tenant| tenant != request.account);
    match message.split {
        Split::Whole | Split::At(_) | Split::Elements(_) => other(text),
        Split::Array => json::array(text)
            .unwrap_or_default()
            .iter()
            .any(|event| other(event.get())),
    }
}

#[cfg(test)]
mod tests;
