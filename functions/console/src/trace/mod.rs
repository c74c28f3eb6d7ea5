//! What became of an id, from the deal to the payment.
//!
//! Read in this order: [`identify`] (what an id may mean), [`known`] (what the tables say about one
//! fact), [`lineage`] (what belongs to it), [`sentence`] (the answer in one sentence), [`tree`] and
//! [`node`] (the chain), [`fields`] and [`words`] (what may be shown, and how it is called).

pub(crate) mod fields;
pub(crate) mod identify;
mod known;
mod lineage;
mod node;
mod sentence;
#[cfg(test)]
mod tests;
mod tree;
mod words;

use domain::{Reference, State};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::Console;
use crate::error::ConsoleError;
use crate::summary::summary;
use identify::Identified;
use known::Known;
use node::Node;
use sentence::Speaker;

pub(crate) use words::what;

/// The answer to a trace.
#[derive(Debug, Serialize)]
struct Trace {
    /// What was asked, as it was asked.
    identifier: String,
    /// The answer in one sentence.
    sentence: String,
    /// What the id means, when that is more than one fact.
    found: Vec<Found>,
    /// The fact that the rest is about.
    about: Option<Reference>,
    /// Its chain.
    chain: Vec<Node>,
    /// Its versions, newest first.
    versions: Vec<Value>,
    /// What else it is known as.
    links: Vec<KnownAs>,
}

/// One of the facts that an id means.
#[derive(Debug, Serialize)]
struct Found {
    reference: Reference,
    what: String,
    state: String,
}

/// Another identifier of a fact.
#[derive(Debug, Serialize)]
struct KnownAs {
    to: String,
    by: String,
    since: Timestamp,
}

impl Console {
    /// What became of an id.
    pub(crate) async fn trace(&self, asked: &str) -> Result<Value, ConsoleError> {
        let now = self.clock.now();
        let book = self.books.active(now).await?;
        let psa = book.psa_sources();
        let speaker = Speaker { psa: &psa, now };
        let trace = match self.identify(asked, &book).await? {
            Identified::One(reference) => self.about(asked, &reference, &speaker).await?,
            Identified::Several(all) => {
                let found = self.found(&all, &speaker).await?;
                let sentence = format!(
                    "{asked} is the id of {} things: ask for one of them.",
                    all.len()
                );
                Trace::of(asked, sentence, found)
            }
            Identified::Brought(all) => self.brought(asked, &all, &speaker).await?,
            Identified::Nothing => Trace::of(asked, unknown(asked), Vec::new()),
        };
        serde_json::to_value(trace).map_err(ConsoleError::Unwritable)
    }

    async fn about(
        &self,
        asked: &str,
        reference: &Reference,
        speaker: &Speaker<'_>,
    ) -> Result<Trace, ConsoleError> {
        let lineage = self.lineage(reference, speaker.psa).await?;
        let sentence = speaker.sentence(&lineage, reference);
        let known = lineage.find(reference);
        let is_known = known.is_some_and(Known::is_known);
        let versions = known.map(|known| known.versions.iter().map(summary).collect());
        let links = self.crosswalk.of(&reference.to_string()).await?;
        let links = links.into_iter().map(|link| KnownAs {
            by: fields::by(&link.by).to_owned(),
            to: link.to,
            since: link.since,
        });
        Ok(Trace {
            about: Some(reference.clone()),
            chain: match is_known {
                true => speaker.tree(&lineage, reference),
                false => Vec::new(),
            },
            versions: versions.unwrap_or_default(),
            links: links.collect(),
            ..Trace::of(asked, sentence, Vec::new())
        })
    }

    /// A delivery is shown by what it brought: by the deal, when there is one, since that holds
    /// the rest together.
    async fn brought(
        &self,
        asked: &str,
        all: &[Reference],
        speaker: &Speaker<'_>,
    ) -> Result<Trace, ConsoleError> {
        let found = self.found(all, speaker).await?;
        let is_deal = |reference: &&Reference| reference.entity() == "deal";
        let main = all.iter().find(is_deal).or_else(|| all.first());
        let Some(main) = main else {
            return Ok(Trace::of(asked, unknown(asked), found));
        };
        let trace = self.about(asked, main, speaker).await?;
        let mut names: Vec<String> = found.iter().map(|found| found.what.clone()).collect();
        if all.len() > names.len() {
            names.push(format!("{} more", all.len() - names.len()));
        }
        Ok(Trace {
            sentence: format!("{asked} brought {}. {}", list(&names), trace.sentence),
            found: if all.len() > 1 { found } else { Vec::new() },
            ..trace
        })
    }

    async fn found(
        &self,
        all: &[Reference],
        speaker: &Speaker<'_>,
    ) -> Result<Vec<Found>, ConsoleError> {
        let mut found = Vec::new();
        for reference in all.iter().take(lineage::SHOWN) {
            let known = self.known(reference).await?;
            found.push(Found {
                what: what(reference, speaker.psa),
                state: words::state(&known, speaker.psa, speaker.now),
                reference: reference.clone(),
            });
        }
        Ok(found)
    }
}

impl Trace {
    fn of(asked: &str, sentence: String, found: Vec<Found>) -> Self {
        Self {
            identifier: asked.to_owned(),
            sentence,
            found,
            about: None,
            chain: Vec::new(),
            versions: Vec::new(),
            links: Vec::new(),
        }
    }
}

fn unknown(asked: &str) -> String {
    let hint = match asked.starts_with("odoo#account.analytic.line#") {
        true => " A time line in Odoo carries its entry's own id as its reference: ask for that.",
        false => "",
    };
    format!(
        "{asked} is not known: no delivery, no record and no name in Odoo that we made is called so.{hint}"
    )
}

fn list(names: &[String]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Where an awaited fact stands, for the list of what waits.
pub(crate) fn standing_of(known: &Known, psa: &[&str], now: Timestamp) -> String {
    match (known.newest(), known.exceptions.first()) {
        (None, None) => "no delivery has named yet".to_owned(),
        (_, Some(open)) => format!("waits for {}: {}", open.owner, open.sentence),
        (Some(newest), None) if newest.state == State::Held => {
            newest.reason.clone().unwrap_or_default()
        }
        _ => words::state(known, psa, now),
    }
}
