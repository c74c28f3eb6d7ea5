//! What a message says, and how much of it is proved.

use super::super::Facts;
use super::super::hole::Hole;
use super::super::message::{Order, OrderForm, Payload, Split};
use super::super::proof::{Part, Proof, TokenPlace};

pub(super) fn hole(facts: &Facts) -> Option<Hole> {
    hole_in_type(facts)
        .or_else(|| hole_in_dedup(facts))
        .or_else(|| hole_in_payload(facts))
        .or_else(|| hole_in_order(facts))
        .or_else(|| hole_in_kept(facts))
}

fn hole_in_type(facts: &Facts) -> Option<Hole> {
    let message = &facts.message;
    if message.event_type.at.is_empty() {
        return Some(Hole::new(
            "message.event_type.at",
            "say where it stands: a place in the body, \"header:NAME\" or \"route\"",
        ));
    }
    let is_place =
        |place: &String| place.starts_with('/') || place.starts_with("header:") || place == "route";
    if !message.event_type.at.iter().all(is_place) {
        return Some(Hole::new(
            "message.event_type.at",
            "a place is a JSON pointer (/a/b), \"header:NAME\" or \"route\"",
        ));
    }
    if facts.pushes() && message.event_type.signed && !is_covered(facts) {
        return Some(Hole::new(
            "message.event_type.signed",
            "write false: not every scheme of [[verify]] covers the place of the type",
        ));
    }
    (facts.pushes() && !message.event_type.signed && message.fetch.is_none()).then(|| {
        Hole::new(
            "message.event_type.signed",
            "what no signature covers may not move money: add message.fetch, so that the record is fetched first",
        )
    })
}

/// Whether every scheme covers every place of the type.
fn is_covered(facts: &Facts) -> bool {
    let covers = |parts: &[Part], place: &str| match place.strip_prefix("header:") {
        Some(name) => parts.contains(&Part::Header(name.to_owned())),
        None if place == "route" => parts.iter().any(|part| matches!(part, Part::Url { .. })),
        None => true,
    };
    let places = &facts.message.event_type.at;
    facts.verify.iter().all(|scheme| match &scheme.by {
        Proof::Signature(signature) => places.iter().all(|place| covers(&signature.parts, place)),
        Proof::Token(_) | Proof::Basic {} | Proof::Jwt(_) | Proof::Nothing(_) => false,
    })
}

fn hole_in_dedup(facts: &Facts) -> Option<Hole> {
    let counts = |place: &String| {
        let place = place.to_ascii_lowercase();
        place.contains("attempt") || place.contains("retry") || place.contains("retries")
    };
    let dedup = &facts.message.dedup;
    (dedup.is_empty() || dedup.iter().any(counts)).then(|| {
        Hole::new(
            "message.dedup",
            "name what identifies one event, without counters of attempts: a repetition must look the same",
        )
    })
}

fn hole_in_payload(facts: &Facts) -> Option<Hole> {
    let message = &facts.message;
    let incomplete = matches!(message.payload, Payload::Thin | Payload::Partial);
    (incomplete && message.fetch.is_none()).then(|| {
        Hole::new(
            "message.payload",
            "a thin or partial message needs message.fetch: what is asked for the rest",
        )
    })
}

fn hole_in_order(facts: &Facts) -> Option<Hole> {
    let message = &facts.message;
    let counts = |order: &Order| order.form == OrderForm::Number && order.scope.is_some();
    let order = message.order.as_ref().filter(|order| order.gapless)?;
    (message.split != Split::Whole || !counts(order)).then(|| {
        Hole::new(
            "message.order",
            "a missing number shows only where each message is one event (split = \"whole\") and has a number \
             (form = \"number\") within something (scope)",
        )
    })
}

fn hole_in_kept(facts: &Facts) -> Option<Hole> {
    let mut proofs: Vec<&str> = vec!["authorization", "cookie"];
    for scheme in &facts.verify {
        match &scheme.by {
            Proof::Signature(signature) => proofs.push(&signature.at.header),
            Proof::Jwt(jwt) => proofs.push(&jwt.header),
            Proof::Token(token) => {
                if let TokenPlace::Header(name) = &token.at {
                    proofs.push(name);
                }
            }
            Proof::Basic {} | Proof::Nothing(_) => {}
        }
    }
    let mut kept = facts.message.keep_headers.iter();
    kept.any(|name| proofs.contains(&name.as_str())).then(|| {
        Hole::new(
            "message.keep_headers",
            "a signature or a token is not kept with the message",
        )
    })
}
