//! Whether the description shows what it claims.

use super::super::Facts;
use super::super::hole::Hole;
use super::super::message::Decode;
use crate::json;

pub(super) fn hole(facts: &Facts) -> Option<Hole> {
    if facts.examples.is_empty() {
        return Some(Hole::new(
            "example",
            "add an [[example]] with a body: a description without one is a claim",
        ));
    }
    let shown = |name: &str| {
        let mut examples = facts.examples.iter();
        examples.any(|example| example.scheme.as_deref() == Some(name))
    };
    let mut schemes = facts.verify.iter().enumerate();
    if let Some((index, scheme)) = schemes.find(|(_, scheme)| !shown(&scheme.scheme)) {
        return Some(Hole::new(
            format!("verify.{index}.scheme"),
            format!(
                "add an [[example]] with scheme = \"{}\": headers and a body that it accepts",
                scheme.scheme
            ),
        ));
    }
    let soap = facts.message.decode.contains(&Decode::Soap);
    let mut examples = facts.examples.iter().enumerate();
    examples.find_map(|(index, example)| {
        let place = format!("example.{index}");
        if let Some(scheme) = &example.scheme
            && facts.scheme(scheme).is_none()
        {
            return Some(Hole::new(
                format!("{place}.scheme"),
                "no [[verify]] has this name",
            ));
        }
        let unreadable = json::strict(&example.body).err();
        unreadable.filter(|_| !soap).map(|error| {
            let fix = format!("write a body that may be read: {error}");
            Hole::new(format!("{place}.body"), fix)
        })
    })
}
