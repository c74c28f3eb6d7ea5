//! What we answer, what gets lost, and what finds it again.

use super::super::hole::Hole;
use super::super::{Facts, Transport};
use domain::event::Approval;

pub(super) fn hole(facts: &Facts) -> Option<Hole> {
    hole_in_push(facts)
        .or_else(|| hole_in_pull(facts))
        .or_else(|| hole_in_approval(facts))
}

fn hole_in_push(facts: &Facts) -> Option<Hole> {
    if !facts.pushes() {
        return None;
    }
    let Some(delivery) = &facts.delivery else {
        return Some(Hole::new(
            "delivery",
            "a source that pushes needs [delivery]: what it does when we do not answer",
        ));
    };
    if delivery.retries_on(facts.answers.busy) == Some(false) {
        return Some(Hole::new(
            "answers.busy",
            "choose a status of delivery.retried: after any other the event is gone",
        ));
    }
    let lost = delivery.loses_events || delivery.retries.is_some();
    (lost && facts.pull.is_none()).then(|| {
        Hole::new(
            "delivery.loses_events",
            "what is sent a limited number of times gets lost: add [pull], so that it is found again",
        )
    })
}

fn hole_in_pull(facts: &Facts) -> Option<Hole> {
    let asks = [Transport::Poll, Transport::Feed];
    if asks.iter().any(|way| facts.transport.contains(way)) && facts.pull.is_none() {
        return Some(Hole::new(
            "transport",
            "a source that is polled needs [pull]: what is asked, and from where on",
        ));
    }
    let mut lists = facts.pull.as_ref()?.all().enumerate();
    let (number, _) = lists.find(|(_, pull)| pull.cursor.overlap_seconds == 0)?;
    let place = match number {
        0 => "pull.cursor.overlap_seconds".to_owned(),
        further => format!("pull.more.{}.cursor.overlap_seconds", further - 1),
    };
    Some(Hole::new(
        place,
        "read some time twice: a record that is committed late carries an early time",
    ))
}

fn hole_in_approval(facts: &Facts) -> Option<Hole> {
    let mut maps = facts.approval.iter();
    maps.find_map(|(entity, map)| {
        (map.unknown != Approval::Review).then(|| {
            Hole::new(
                format!("approval.{entity}.unknown"),
                "write \"review\": a word that nobody has mapped is looked at by a person",
            )
        })
    })
}
