//! What waits, what is held, and what people must decide.

mod gate;
mod groups;
mod partitions;

use std::collections::BTreeSet;

use domain::{Exception, State};
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::Console;
use crate::error::ConsoleError;
use crate::summary::summary;
use crate::trace::standing_of;
use gate::Gate;
use groups::Group;
use partitions::Partition;

/// The roles that own exceptions.
const OWNERS: [&str; 5] = ["sales", "delivery", "finance", "steward", "operations"];

/// How many groups of waiting records are looked into.
const EXPLAINED: usize = 10;

/// The answer to a status.
#[derive(Debug, Serialize)]
struct Status {
    /// When it was asked, in UTC.
    at: Timestamp,
    /// Every pending partition.
    lanes: Vec<Partition>,
    /// Records that wait for a reference, oldest first.
    waiting: Vec<Value>,
    /// The same, by what they wait for.
    waiting_groups: Vec<Group>,
    /// Records that a rule or a failure holds, oldest first.
    held: Vec<Value>,
    /// The same, by reason.
    held_groups: Vec<Group>,
    /// What people must decide, oldest first per owner.
    exceptions: Vec<Exception>,
    /// The same, counted by owner.
    owners: Vec<Owner>,
    /// The budget of calls to Odoo, and whether it is called at all.
    gate: Gate,
    /// When each source was last heard.
    sources: Vec<Source>,
    /// Events that were lost, while the lists of their source are read from the start for that.
    lost: Vec<Lost>,
    /// The book in force.
    book: Option<ActiveBook>,
}

/// How many questions one role has, and since when.
#[derive(Debug, Serialize)]
struct Owner {
    owner: String,
    open: usize,
    oldest_seconds: i64,
}

#[derive(Debug, Serialize)]
struct Source {
    source: String,
    account: String,
    way: String,
    at: Timestamp,
    age_seconds: i64,
}

#[derive(Debug, Serialize)]
struct Lost {
    source: String,
    account: String,
    what: String,
    age_seconds: i64,
    lists: BTreeSet<String>,
}

#[derive(Debug, Serialize)]
struct ActiveBook {
    version: String,
    since: Timestamp,
}

impl Console {
    /// The state of every lane, and everything that needs attention.
    pub(crate) async fn status(&self) -> Result<Value, ConsoleError> {
        let now = self.clock.now();
        let lanes = self.partitions(now).await?;
        let waiting = self.ledger.attention(State::Waiting).await?;
        let held = self.ledger.attention(State::Held).await?;
        let exceptions = self.exceptions.open(&OWNERS).await?;
        let resting = lanes
            .iter()
            .filter(|lane| lane.resting_until.is_some_and(|until| until > now));
        let resting = resting.map(|lane| lane.partition.clone()).collect();
        let status = Status {
            at: now,
            gate: gate::seen(&self.gate.state().await?, &self.gate.budget(), resting, now),
            waiting: waiting.iter().map(summary).collect(),
            waiting_groups: self
                .explained(groups::by_awaited(&waiting, now), now)
                .await?,
            held: held.iter().map(summary).collect(),
            held_groups: groups::by_reason(&held, now),
            owners: owners(&exceptions, now),
            exceptions,
            sources: self.sources(now).await?,
            lost: self.lost(now).await?,
            book: self
                .books
                .timeline()
                .await?
                .at(now)
                .map(|valid| ActiveBook {
                    version: valid.version.clone(),
                    since: valid.from,
                }),
            lanes,
        };
        serde_json::to_value(status).map_err(ConsoleError::Unwritable)
    }

    /// Why the awaited facts are not there: for the largest groups.
    async fn explained(
        &self,
        mut groups: Vec<Group>,
        now: Timestamp,
    ) -> Result<Vec<Group>, ConsoleError> {
        if groups.is_empty() {
            return Ok(groups);
        }
        let book = self.books.active(now).await?;
        let shown = groups.iter().take(EXPLAINED);
        let awaited = shown.filter_map(|group| group.waits_for.as_ref());
        let known = try_join_all(awaited.map(|reference| self.known(reference))).await?;
        let psa = book.psa_sources();
        for (group, known) in groups.iter_mut().zip(&known) {
            group.what = crate::trace::what(&known.reference, &psa);
            group.why = match domain::Hold::read(&known.reference) {
                Some(_) => "see tenon flow report".to_owned(),
                None => standing_of(known, &psa, now),
            };
        }
        Ok(groups)
    }

    async fn lost(&self, now: Timestamp) -> Result<Vec<Lost>, ConsoleError> {
        let all = self.losses.all().await?.into_iter();
        Ok(all
            .map(|lost| Lost {
                source: lost.account.source,
                account: lost.account.account,
                age_seconds: age(lost.loss.at, now),
                what: lost.loss.what,
                lists: lost.loss.lists,
            })
            .collect())
    }

    async fn sources(&self, now: Timestamp) -> Result<Vec<Source>, ConsoleError> {
        let heard = self.heard.all().await?.into_iter();
        Ok(heard
            .map(|last| Source {
                age_seconds: age(last.at, now),
                source: last.source,
                account: last.account,
                way: last.way,
                at: last.at,
            })
            .collect())
    }
}

fn owners(exceptions: &[Exception], now: Timestamp) -> Vec<Owner> {
    let mut owners = Vec::new();
    for owner in OWNERS {
        let its = || exceptions.iter().filter(|open| open.owner == owner);
        if let Some(oldest) = its().map(|open| open.raised_at).min() {
            owners.push(Owner {
                owner: owner.to_owned(),
                open: its().count(),
                oldest_seconds: age(oldest, now),
            });
        }
    }
    owners
}

/// How long ago something was, in seconds.
pub(crate) fn age(since: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(since).as_secs().max(0)
}
