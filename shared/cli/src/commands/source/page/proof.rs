//! How a source's messages are proved, as a table.

use std::fmt::Write as _;

use sources::facts::Facts;
use sources::facts::proof::{
    Encoding, Jwt, JwtAlgorithm, Key, Method, OtherProof, Part, Proof, Scheme, Shape, Signature,
    TimePlace, Token, TokenPlace,
};

/// One row per scheme.
pub fn table(facts: &Facts) -> String {
    let mut text = "| scheme | proof | covers | replay window |\n|---|---|---|---|\n".to_owned();
    for scheme in &facts.verify {
        // Writing into a String does not fail.
        let _ = writeln!(text, "{}", row(scheme));
    }
    if facts.verify.len() > 1 {
        text.push_str(
            "\nThe first that a message carries decides; when it fails, no other is tried.\n",
        );
    }
    if facts.verify.iter().any(|scheme| scheme.only_if_chosen) {
        text.push_str(
            "What is marked by * is accepted only where the account's secret names it under `schemes`: it has no \
             time, so that an old message would still be accepted.\n",
        );
    }
    text
}

fn row(scheme: &Scheme) -> String {
    let mark = if scheme.only_if_chosen { "*" } else { "" };
    let name = format!("`{}`{mark}", scheme.scheme);
    let (proof, covers, window) = match &scheme.by {
        Proof::Signature(signature) => (at(signature), covered(signature), window(signature)),
        Proof::Token(token) => (token_at(token), "nothing".to_owned(), "none".to_owned()),
        Proof::Basic {} => (
            "HTTP Basic; the secret is `user:password`".to_owned(),
            "nothing".to_owned(),
            "none".to_owned(),
        ),
        Proof::Jwt(jwt) => (jwt_at(jwt), "its own claims".to_owned(), jwt_window(jwt)),
        Proof::Nothing(nothing) => {
            let all: Vec<String> = nothing.require.iter().map(other).collect();
            (all.join(" and "), "nothing".to_owned(), "none".to_owned())
        }
    };
    format!("| {name} | {proof} | {covers} | {window} |")
}

fn at(signature: &Signature) -> String {
    let method = match signature.method {
        Method::HmacSha1 => "HMAC-SHA1",
        Method::HmacSha256 => "HMAC-SHA256",
        Method::HmacSha512 => "HMAC-SHA512",
        Method::Sha1 => "SHA-1",
        Method::Sha256 => "SHA-256",
        Method::Sha512 => "SHA-512",
        Method::Ed25519 => "Ed25519",
    };
    let encoding = match signature.at.encoding {
        Encoding::Base64 => "base64",
        Encoding::Hex => "hexadecimal digits",
    };
    let shape = match &signature.at.shape {
        Shape::Plain => String::new(),
        Shape::Prefixed(prefix) => format!(" after `{prefix}`"),
        Shape::Fields(name) => format!(" as `{name}=`"),
        Shape::List(tag) => format!(" in a list of `{tag},…`"),
    };
    let key = match &signature.key {
        Key::Text => String::new(),
        Key::Base64 { prefix } => format!("; the key is base64 after `{prefix}`"),
        Key::Hex => "; the key is hexadecimal digits".to_owned(),
        Key::Sha256OfFetched(_) => "; the key is the SHA-256 of a text that is fetched".to_owned(),
    };
    format!(
        "{method} in `{}`, {encoding}{shape}{key}",
        signature.at.header
    )
}

fn covered(signature: &Signature) -> String {
    let all = |parts: &[Part]| {
        let words: Vec<String> = parts.iter().map(part).collect();
        words.join(", ")
    };
    match signature.or_parts.is_empty() {
        true => all(&signature.parts),
        false => format!("{}; or {}", all(&signature.parts), all(&signature.or_parts)),
    }
}

fn part(part: &Part) -> String {
    match part {
        Part::Method => "method".to_owned(),
        Part::Url { decode } if decode.is_empty() => "address".to_owned(),
        Part::Url { decode } => format!("address with `{decode}` decoded"),
        Part::Body => "body".to_owned(),
        Part::EscapedBody => "body with escapes".to_owned(),
        Part::Timestamp => "time".to_owned(),
        Part::Header(name) => format!("`{name}`"),
        Part::Literal(text) => format!("`{text}`"),
        Part::Secret => "secret".to_owned(),
    }
}

fn window(signature: &Signature) -> String {
    let Some(sent_at) = &signature.timestamp else {
        return "none".to_owned();
    };
    let place = match &sent_at.at {
        TimePlace::Header(name) => format!("`{name}`"),
        TimePlace::Field(name) => format!("`{name}=`"),
    };
    match sent_at.tolerance_seconds {
        Some(seconds) => format!("{} around {place}", super::period(seconds)),
        None => format!("none: {place} is not signed"),
    }
}

fn token_at(token: &Token) -> String {
    match &token.at {
        TokenPlace::Header(name) => format!("the secret in the header `{name}`"),
        TokenPlace::AnyHeader => "the secret in a header of any name".to_owned(),
        TokenPlace::Query(name) => format!("the secret in the address, as `{name}`"),
        TokenPlace::Body(place) => format!("the secret in the body, at `{place}`"),
    }
}

fn jwt_at(jwt: &Jwt) -> String {
    match jwt.algorithm {
        JwtAlgorithm::Hs256 => format!("JWT (HS256) in `{}`", jwt.header),
        JwtAlgorithm::Rs256 => format!(
            "JWT (RS256) in `{}`; the secret is the public key as PEM",
            jwt.header
        ),
    }
}

fn jwt_window(jwt: &Jwt) -> String {
    match jwt.expires {
        true => "until the token expires".to_owned(),
        false => "none".to_owned(),
    }
}

fn other(proof: &OtherProof) -> String {
    match proof {
        OtherProof::SecretInQuery(name) => format!("the secret in our own address, as `{name}`"),
        OtherProof::SalesforceIdInElement(name) => format!("the account in `{name}`"),
        OtherProof::AccountAt(place) => format!("the account at `{place}`"),
    }
}
