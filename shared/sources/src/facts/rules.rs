//! What facts must not say, because something would come in, or be lost, without anybody knowing.

mod delivery;
mod evidence;
mod file;
mod message;
mod proof;

use super::Facts;
use super::hole::Hole;

/// The first fact that opens a hole.
pub(super) fn first_hole(facts: &Facts) -> Option<Hole> {
    head(facts)
        .or_else(|| proof::hole(facts))
        .or_else(|| message::hole(facts))
        .or_else(|| delivery::hole(facts))
        .or_else(|| file::hole(facts))
        .or_else(|| evidence::hole(facts))
}

fn head(facts: &Facts) -> Option<Hole> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if facts.name.is_empty() || !facts.name.bytes().all(letters) {
        return Some(Hole::new(
            "name",
            "use small letters, digits and hyphens: it is part of an address and of a secret's name",
        ));
    }
    if !facts.docs.starts_with("https://") {
        return Some(Hole::new(
            "docs",
            "name the vendor's public page, beginning with https://",
        ));
    }
    facts.transport.is_empty().then(|| {
        Hole::new(
            "transport",
            "say how its records reach us: push, poll, feed, stream or file",
        )
    })
}
