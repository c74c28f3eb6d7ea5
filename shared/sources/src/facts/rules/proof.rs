//! How a message is proved.

use super::super::hole::Hole;
use super::super::proof::{FetchedKey, Key, Part, Proof, Scheme, Signature};
use super::super::{Facts, proof};

pub(super) fn hole(facts: &Facts) -> Option<Hole> {
    if facts.pushes() && facts.verify.is_empty() {
        return Some(Hole::new(
            "verify",
            "a source that pushes needs a [[verify]]; if its vendor signs nothing, by.nothing with two other proofs",
        ));
    }
    let mut schemes = facts.verify.iter().enumerate();
    schemes.find_map(|(index, scheme)| hole_in(facts, index, scheme))
}

fn hole_in(facts: &Facts, index: usize, scheme: &Scheme) -> Option<Hole> {
    let place = format!("verify.{index}");
    let same = |other: &Scheme| other.scheme == scheme.scheme;
    if facts.verify.iter().take(index).any(same) {
        return Some(Hole::new(
            format!("{place}.scheme"),
            "two schemes have this name; give one another",
        ));
    }
    match &scheme.by {
        Proof::Signature(signature) => hole_in_signature(&place, signature),
        Proof::Nothing(nothing) => {
            let mut kinds: Vec<&proof::OtherProof> = Vec::new();
            for proof in &nothing.require {
                if !kinds.contains(&proof) {
                    kinds.push(proof);
                }
            }
            (kinds.len() < 2).then(|| {
                Hole::new(
                    format!("{place}.by.nothing.require"),
                    "where nothing is signed, require at least two different proofs",
                )
            })
        }
        Proof::Token(_) | Proof::Basic {} | Proof::Jwt(_) => None,
    }
}

fn hole_in_signature(place: &str, signature: &Signature) -> Option<Hole> {
    let field = |name: &str| format!("{place}.by.signature.{name}");
    let covers_body =
        |parts: &[Part]| parts.contains(&Part::Body) || parts.contains(&Part::EscapedBody);
    for (name, parts) in [
        ("parts", &signature.parts),
        ("or_parts", &signature.or_parts),
    ] {
        if name == "or_parts" && parts.is_empty() {
            continue;
        }
        if !covers_body(parts) {
            return Some(Hole::new(
                field(name),
                "add \"body\": a signature that does not cover it proves nothing about it",
            ));
        }
        if parts.contains(&Part::Secret) != signature.method.is_plain_digest() {
            return Some(Hole::new(
                field(name),
                "\"secret\" belongs into a plain digest, and nowhere else",
            ));
        }
        // A time that is not signed can be written anew by whoever replays the message.
        let window = signature.timestamp.as_ref();
        let window = window.is_some_and(|sent_at| sent_at.tolerance_seconds.is_some());
        if window != parts.contains(&Part::Timestamp) {
            return Some(Hole::new(
                field("timestamp"),
                "a replay window needs \"timestamp\" in parts, and the reverse; a time that is not signed has no tolerance_seconds",
            ));
        }
    }
    match &signature.key {
        Key::Sha256OfFetched(FetchedKey { allowed_hosts, .. })
            if allowed_hosts.is_empty() || !allowed_hosts.iter().all(|host| is_narrow(host)) =>
        {
            Some(Hole::new(
                field("key.sha256_of_fetched.allowed_hosts"),
                "name the vendor's own domain, at most with *. before it",
            ))
        }
        Key::Sha256OfFetched(_) | Key::Text | Key::Base64 { .. } | Key::Hex => None,
    }
}

/// Whether a host pattern stays within one registered domain.
fn is_narrow(host: &str) -> bool {
    let domain = host.strip_prefix("*.").unwrap_or(host);
    !domain.contains('*') && domain.split('.').filter(|label| !label.is_empty()).count() >= 2
}
