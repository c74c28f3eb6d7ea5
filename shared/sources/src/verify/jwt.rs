//! A JSON Web Token. It proves who sends, and covers nothing but its own claims.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Map, Value};

use super::{Refusal, Request, Verdict};
use crate::SourceSecret;
use crate::facts::proof::{Jwt, JwtAlgorithm};

/// How far the vendor's clock may be from ours.
const LEEWAY_SECONDS: i64 = 60;

type Claims = Map<String, Value>;

pub(super) fn judge(
    facts: &Jwt,
    request: &Request<'_>,
    secret: &SourceSecret,
) -> Result<Verdict, Refusal> {
    let Some(header) = request.headers.one(&facts.header)? else {
        return Ok(Verdict::NotHere(Refusal::missing(&facts.header)));
    };
    let token = header.strip_prefix(&facts.prefix);
    let Some(token) = token.filter(|token| token.split('.').count() == 3) else {
        let name = facts.header.clone();
        return Ok(Verdict::NotHere(Refusal::OtherShape { name }));
    };
    let keys = keys(facts.algorithm, secret);
    if keys.is_empty() {
        return Ok(Verdict::NotHere(Refusal::NoSecret));
    }
    let proved = keys.iter().find_map(|key| claims(facts, token, key));
    let claims = proved.ok_or(Refusal::BadSignature)?;
    holds(facts, &claims, request)?;
    Ok(Verdict::Proved)
}

fn keys(algorithm: JwtAlgorithm, secret: &SourceSecret) -> Vec<DecodingKey> {
    let texts = secret.texts().iter().filter(|text| !text.is_empty());
    match algorithm {
        // A public key that served as a shared secret would let everybody sign.
        JwtAlgorithm::Hs256 => texts
            .filter(|text| !text.starts_with("-----BEGIN"))
            .map(|text| DecodingKey::from_secret(text.as_bytes()))
            .collect(),
        JwtAlgorithm::Rs256 => texts
            .filter_map(|text| DecodingKey::from_rsa_pem(text.as_bytes()).ok())
            .collect(),
    }
}

/// The claims, when this key signed them by the one algorithm that is accepted.
fn claims(facts: &Jwt, token: &str, key: &DecodingKey) -> Option<Claims> {
    let mut validation = Validation::new(match facts.algorithm {
        JwtAlgorithm::Hs256 => Algorithm::HS256,
        JwtAlgorithm::Rs256 => Algorithm::RS256,
    });
    // Times are held against the message's arrival below, not against a clock of the library's.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    Some(decode::<Claims>(token, key, &validation).ok()?.claims)
}

fn holds(facts: &Jwt, claims: &Claims, request: &Request<'_>) -> Result<(), Refusal> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    if facts.issuer.is_some() && facts.issuer.as_deref() != text("iss") {
        return Err(Refusal::BadSignature);
    }
    let now = request.now.as_second();
    let over = match time("exp") {
        Some(exp) => exp.saturating_add(LEEWAY_SECONDS) < now,
        None => facts.expires,
    };
    let early = |nbf: i64| nbf.saturating_sub(LEEWAY_SECONDS) > now;
    if over || time("nbf").is_some_and(early) {
        return Err(Refusal::Stale);
    }
    // No account is what a person tries by hand; our own addresses always name one.
    let is_other = |name: &String| text(name) != Some(request.account);
    match facts.account_claim.as_ref().is_some_and(is_other) && !request.account.is_empty() {
        true => Err(Refusal::WrongAccount),
        false => Ok(()),
    }
}
