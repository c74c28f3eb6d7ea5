//! A record that its flow holds back, and how it goes on.

use jiff::Timestamp;

use super::{Record, State};
use crate::command::Command;
use crate::flow::{HeldBack, Hold};

impl Record {
    /// Whether nothing but its flow holds it back now.
    pub fn is_held_back(&self) -> bool {
        let by = self.held_back.as_ref().map(HeldBack::reference);
        by.is_some() && by == self.waits_for
    }

    /// The same, held back by its flow. What is to come by itself first waits for what it stands on;
    /// anything else stops at once, and would wait for that afterwards.
    #[must_use]
    pub fn hold_back(self, by: Hold, now: Timestamp) -> Self {
        let Some(flow) = self.command.as_ref().map(Command::flow) else {
            return self;
        };
        let held = |then| HeldBack {
            flow,
            by,
            since: now,
            then,
        };
        match (by, self.waits_for.clone()) {
            (Hold::Schedule, Some(_)) => Self {
                held_back: Some(held(None)),
                ..self
            },
            (_, then) => Self {
                state: match by {
                    Hold::Schedule => State::Waiting,
                    Hold::Off | Hold::Shadow | Hold::Draft => State::Held,
                },
                waits_for: Some(by.of(flow)),
                reason: Some(by.reason(flow)),
                held_back: Some(held(then)),
                ..self
            },
        }
    }

    /// The same, when what it would wait for is there already: it has waited for nothing, so that its
    /// flow holds it back since when it did before.
    #[must_use]
    pub fn set_free_at_once(&self) -> Self {
        let mut free = self.set_free(self.changed_at);
        if let (Some(held), Some(before)) = (&mut free.held_back, &self.held_back) {
            held.since = before.since;
        }
        free
    }

    /// The same, held back otherwise by the same flow: its book says something else now.
    #[must_use]
    pub fn hold_back_otherwise(&self, by: Hold, now: Timestamp) -> Self {
        let Some(held) = self.held_back.clone().filter(|_| self.is_held_back()) else {
            return self.clone();
        };
        let before = Self {
            waits_for: held.then,
            held_back: None,
            changed_at: now,
            ..self.clone()
        };
        before.hold_back(by, held.since)
    }

    /// The same, when what it waited for is there: it goes on to what it waits for next, or to work.
    #[must_use]
    pub fn set_free(&self, now: Timestamp) -> Self {
        let (waits_for, held) = match &self.held_back {
            Some(held) if self.is_held_back() => (held.then.clone(), None),
            Some(held) => {
                let held = HeldBack {
                    since: now,
                    ..held.clone()
                };
                (Some(held.reference()), Some(held))
            }
            None => (None, None),
        };
        let reason = match &held {
            Some(held) => Some(held.by.reason(held.flow)),
            None => waits_for.as_ref().map(|next| format!("waits for {next}")),
        };
        Self {
            state: State::Waiting,
            waits_for,
            reason,
            held_back: held,
            changed_at: now,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Company, LinkProject};
    use crate::{Flow, Lane, LaneShard, Reference, Version};

    fn link(waits_for: Option<Reference>) -> Record {
        let reference = Reference::new("psa", "a", "project", "1");
        let shard = LaneShard::of(Lane::Master, &reference);
        let command = Command::LinkProject(LinkProject {
            company: Company {
                id: 1,
                zone: "UTC".to_owned(),
            },
            deal: Reference::new("crm", "a", "deal", "1"),
            by: "deal id in the project".to_owned(),
        });
        let fingerprint = command.fingerprint().unwrap();
        Record {
            command: Some(command),
            waits_for,
            ..Record::new(reference, Version(1), fingerprint, shard, second(0))
        }
    }

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn awaited() -> Reference {
        Reference::new("crm", "a", "project", "1")
    }

    #[test]
    fn what_a_schedule_holds_back_waits_for_what_it_stands_on_first() {
        let early = link(Some(awaited())).hold_back(Hold::Schedule, second(5));
        assert_eq!(early.waits_for, Some(awaited()));
        assert!(!early.is_held_back());
        let next = early.set_free(second(9));
        assert_eq!(next.waits_for, Some(Hold::Schedule.of(Flow::Projects)));
        assert!(
            next.is_held_back(),
            "and its turn is looked for from now on"
        );
        assert_eq!(
            next.held_back.as_ref().map(|held| held.since),
            Some(second(9))
        );
        let at_once = early.set_free_at_once();
        assert_eq!(
            at_once.held_back.as_ref().map(|held| held.since),
            Some(second(5)),
            "it has waited for nothing else"
        );
        let free = next.set_free(second(10));
        assert_eq!(
            (free.waits_for, free.held_back, free.reason),
            (None, None, None)
        );
    }

    #[test]
    fn what_is_in_shadow_is_held_at_once_and_waits_for_what_it_stands_on_afterwards() {
        let shadowed = link(Some(awaited())).hold_back(Hold::Shadow, second(5));
        assert_eq!(shadowed.state, State::Held);
        assert!(shadowed.is_held_back());
        let off = shadowed.hold_back_otherwise(Hold::Off, second(6));
        assert_eq!(off.waits_for, Some(Hold::Off.of(Flow::Projects)));
        let free = off.set_free(second(9));
        assert_eq!(
            (free.state, &free.waits_for),
            (State::Waiting, &Some(awaited()))
        );
        assert_eq!(free.set_free(second(10)).waits_for, None);
    }

    #[test]
    fn a_record_of_an_earlier_build_is_not_held_back() {
        let mut document = serde_json::to_value(link(None)).unwrap();
        assert!(
            document
                .as_object_mut()
                .unwrap()
                .remove("held_back")
                .is_none()
        );
        let read: Record = serde_json::from_value(document).unwrap();
        assert!(!read.is_held_back());
    }
}
