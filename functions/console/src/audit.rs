//! What happened: asked for by the id of a thing, and looked at from the first block on.

use std::collections::BTreeMap;

use domain::audit::{Entry, Head, Kept, PEOPLE, RECORDS, Seal, Tampered, chains, examine};
use domain::{Fingerprint, Reference};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;
use crate::trace::identify::Identified;

/// How many times blocks are read for one answer.
const READS: usize = 20;
/// How long a change of the ledger may be under way to the audit before another one overtakes it.
const OVERTAKEN: SignedDuration = SignedDuration::from_hours(1);
/// What a person's words name: everything else is only in the digest.
const ABOUT: [&str; 8] = [
    "reference",
    "deal",
    "project",
    "customer",
    "book",
    "queue",
    "flow",
    "entity",
];

/// Where the reading of the chains goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    chain: String,
    after: u64,
}

impl Console {
    /// Writes down what a person asks for, before it is done, and how it ended.
    pub(crate) async fn write_down(
        &self,
        person: &str,
        asked: &str,
        body: &str,
        outcome: &str,
    ) -> Result<(), ConsoleError> {
        let now = self.clock.now();
        let entry = Entry::Decision {
            at: now,
            who: person.to_owned(),
            asked: asked.to_owned(),
            about: about(body),
            content: Fingerprint::of(body),
            outcome: outcome.to_owned(),
        };
        let name = self.tokens.fresh();
        Ok(self.audit.append(PEOPLE, &name, &[entry], now).await?)
    }

    /// What happened to a thing, a stretch of it, and whether the ledger still says what was written
    /// down last.
    pub(crate) async fn happened(
        &self,
        asked: &str,
        place: Option<&str>,
    ) -> Result<Value, ConsoleError> {
        let book = self.books.active(self.clock.now()).await?;
        let things: Vec<Reference> = match self.identify(asked, &book).await? {
            Identified::One(one) => vec![one],
            Identified::Several(all) | Identified::Brought(all) => all,
            Identified::Nothing => Vec::new(),
        };
        let mut names: Vec<String> = things.iter().map(Reference::to_string).collect();
        names.push(asked.to_owned());
        let (from, until) = self.lived(&things).await?;
        let place = match place {
            Some(place) => Some(serde_json::from_str(place)?),
            None => self.first_place(PEOPLE, from).await?,
        };
        let (entries, next) = self.search(&names, (from, until), place).await?;
        let ledger = match &next {
            Some(_) => Vec::new(),
            None => self.as_it_is(&things).await?,
        };
        Ok(json!({"about": names, "entries": entries, "next": next, "ledger": ledger}))
    }

    /// From when until when something became of things, as far as the ledger knows.
    async fn lived(
        &self,
        things: &[Reference],
    ) -> Result<(Timestamp, Option<Timestamp>), ConsoleError> {
        let (mut from, mut until) = (None::<Timestamp>, None::<Timestamp>);
        for thing in things {
            for record in self.ledger.versions(thing).await? {
                let begun = record.history.judged_at.unwrap_or(Timestamp::UNIX_EPOCH);
                from = Some(from.map_or(begun, |from| from.min(begun)));
                until = Some(until.map_or(record.changed_at, |until| until.max(record.changed_at)));
            }
        }
        // Two clocks differ a little.
        let from = from.unwrap_or(Timestamp::UNIX_EPOCH);
        let from = from
            .checked_sub(SignedDuration::from_mins(5))
            .unwrap_or(from);
        Ok((from, until))
    }

    async fn first_place(
        &self,
        chain: &str,
        from: Timestamp,
    ) -> Result<Option<Place>, ConsoleError> {
        let after = self.audit.written_before(chain, from).await?;
        let chain = chain.to_owned();
        Ok(Some(Place { chain, after }))
    }

    /// Entries about something, from a place on, and where to go on.
    async fn search(
        &self,
        names: &[String],
        (from, until): (Timestamp, Option<Timestamp>),
        place: Option<Place>,
    ) -> Result<(Vec<Value>, Option<Place>), ConsoleError> {
        let (mut found, mut place) = (Vec::new(), place);
        for _ in 0..READS {
            let Some(here) = place.take() else { break };
            let kept = self.audit.read(&here.chain, here.after).await?;
            let mut is_over = kept.is_empty();
            for kept in &kept {
                is_over |= read_block(kept, names, until, &here.chain, &mut found);
            }
            let last = kept.last().map_or(here.after, |kept| kept.number);
            place = match (is_over, following(&here.chain)) {
                (false, _) => Some(Place {
                    chain: here.chain,
                    after: last,
                }),
                (true, Some(chain)) => self.first_place(chain, from).await?,
                (true, None) => None,
            };
        }
        Ok((found, place))
    }

    /// Whether what the ledger says now is what was written down last.
    async fn as_it_is(&self, things: &[Reference]) -> Result<Vec<Value>, ConsoleError> {
        let mut versions = Vec::new();
        for thing in things {
            for (version, state, content) in self.ledger.contents(thing).await? {
                versions.push(json!({"reference": thing, "version": version, "state": state, "content": content}));
            }
        }
        Ok(versions)
    }

    /// Looks at the blocks of a chain that follow `last`, as many as one answer takes.
    pub(crate) async fn examine(&self, body: &str) -> Result<Value, ConsoleError> {
        let asked: Stretch = serde_json::from_str(body)?;
        let chain = chains().find(|chain| *chain == asked.chain);
        let chain = chain.ok_or(ConsoleError::UnknownPath)?;
        let (mut last, mut since, mut is_whole) = (asked.last, None, false);
        for _ in 0..READS {
            let kept = self.audit.read(chain, last.number).await?;
            if last.number == 0 {
                since = kept.first().and_then(|kept| kept.block().ok());
            }
            is_whole = kept.is_empty();
            match examine(last.clone(), &kept) {
                Ok(head) => last = head,
                Err(tampered) => {
                    return Ok(json!({"chain": chain, "tampered": tampered.to_string()}));
                }
            }
            if is_whole {
                break;
            }
        }
        let since = since.map(|block| block.at);
        Ok(json!({"chain": chain, "last": last, "is_whole": is_whole, "since": since}))
    }

    /// Looks whether every chain has what the seal of a day names.
    pub(crate) async fn examine_seal(&self, day: &str) -> Result<Value, ConsoleError> {
        let day: Date = day.parse().map_err(ConsoleError::NoTime)?;
        let Some(text) = self.seals.read(&format!("{day}.json")).await? else {
            return Ok(json!({"day": day, "root": null}));
        };
        let seal: Seal = serde_json::from_str(&text)?;
        if !seal.is_whole() {
            return Ok(json!({"day": day, "root": seal.root, "tampered": "the seal was changed"}));
        }
        for (chain, head) in &seal.chains {
            if head.number > 0 && !self.stands(chain, head).await? {
                let number = head.number;
                let tampered = Tampered::Unsealed { day, number };
                let tampered = format!("{chain}: {tampered}");
                return Ok(json!({"day": day, "root": seal.root, "tampered": tampered}));
            }
        }
        Ok(json!({"day": day, "root": seal.root}))
    }

    async fn stands(&self, chain: &str, head: &Head) -> Result<bool, ConsoleError> {
        let kept = self.audit.next(chain, head.number - 1).await?;
        Ok(kept.is_some_and(|kept| {
            kept.number == head.number && Some(&Fingerprint::of(&kept.text)) == head.digest.as_ref()
        }))
    }
}

/// A stretch of a chain.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stretch {
    chain: String,
    last: Head,
}

/// Adds what a block says about things. Whether everything that can be about them was read.
fn read_block(
    kept: &Kept,
    names: &[String],
    until: Option<Timestamp>,
    chain: &str,
    found: &mut Vec<Value>,
) -> bool {
    let Ok(block) = kept.block() else {
        return false;
    };
    let about = block.entries.iter();
    let about = about.filter(|entry| names.iter().any(|name| entry.is_about(name)));
    found.extend(about.map(|entry| {
        json!({"chain": chain, "block": kept.number, "digest": kept.digest, "entry": entry})
    }));
    let first = block.entries.iter().map(Entry::at).min();
    let end = until.and_then(|until| until.checked_add(OVERTAKEN).ok());
    chain != PEOPLE && first.zip(end).is_some_and(|(first, end)| first > end)
}

/// The chain that is read after another one.
fn following(chain: &str) -> Option<&'static str> {
    match chain {
        PEOPLE => RECORDS.first().copied(),
        records => {
            let place = RECORDS.iter().position(|one| *one == records)?;
            RECORDS.get(place + 1).copied()
        }
    }
}

/// The names of things in a person's words.
fn about(body: &str) -> Vec<String> {
    let said: BTreeMap<String, Value> = serde_json::from_str(body).unwrap_or_default();
    let names = ABOUT.iter().filter_map(|name| said.get(*name)?.as_str());
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chain_is_read_once() {
        let all = std::iter::successors(Some(PEOPLE), |chain| following(chain));
        assert_eq!(all.collect::<Vec<_>>(), chains().collect::<Vec<_>>());
    }

    #[test]
    fn only_names_are_written_down_and_nothing_else_that_was_said() {
        let body = r#"{"customer":"a__b__company__1","partner":7,"note":"call jane@doe.example"}"#;
        assert_eq!(about(body), ["a__b__company__1"]);
        assert_eq!(about("<html>"), Vec::<String>::new());
    }
}
