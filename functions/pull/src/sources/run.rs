//! One run of one stream: some pages of its list, each handed on, until the list ends or the time does.

use std::collections::BTreeMap;
use std::time::Duration;

use aws::{Allowance, StoreError};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::delivery::{DELIVERY_VERSION, Delivery};
use jiff::{SignedDuration, Timestamp};
use source_api::{Listed, SendError};
use sources::facts::api::{Deletions, Limit, Pull};
use sources::facts::message::Payload;
use sources::listing::access::{Access, CannotPull};
use sources::listing::{Lister, Page, Row, Walk};
use sources::{ApiRequest, PULLED, REMOVED, SourceSecret, removal};
use tracing::{info, warn};

use super::known::Known;
use super::state::State;
use super::trouble::{Ended, Trouble};
use super::{Sources, Stream};
use crate::error::PullError;

/// How many pages one run reads. What is left comes in the next one, a minute later.
const MOST_PAGES: u32 = 20;

/// How long one run reads: the function ends after a minute, with Odoo's part in it.
const LONGEST: SignedDuration = SignedDuration::from_secs(25);

/// How many missing records one run asks for.
const MOST_ASKED: usize = 50;

/// For how long a source is left alone that does not say for how long.
const REST: Duration = Duration::from_secs(60);

/// A source that says a longer time than this does not mean it.
const LONGEST_REST: Duration = Duration::from_secs(24 * 3600);

/// After so long without an answer a person is asked.
const SILENT_FOR: SignedDuration = SignedDuration::from_hours(4);

/// A short wait for the source's budget costs less than another run.
const PATIENCE: Duration = Duration::from_secs(2);

/// Records of one delivery: those that only name what is fetched then take their time.
const MOST_FAT: usize = 50;
const MOST_THIN: usize = 3;

/// How far a run has come.
struct Run<'a> {
    sources: &'a Sources,
    stream: &'a Stream,
    pull: &'a Pull,
    lister: Lister<'a>,
    state: &'a mut State,
    known: Known<'a>,
    access: Access,
    began_at: Timestamp,
    records: usize,
}

/// What an answer leads to.
enum Answer {
    Page(Listed),
    /// Nobody is asked for a while.
    Later,
    /// The source does not know any more where we stopped.
    Expired,
    Trouble(Trouble),
}

impl Sources {
    /// Reads on where the stream's last run stopped. Answers how many records were handed on, and what
    /// keeps the stream from being read.
    pub(super) async fn read(
        &self,
        stream: &Stream,
        state: &mut State,
    ) -> Result<(usize, Ended), PullError> {
        let account = &stream.cursor.account;
        let access = match self.access(stream).await? {
            Ok(access) => access,
            Err(trouble) => return Ok((0, Ended::Badly(trouble))),
        };
        let pull = stream.source.facts.pull.as_ref();
        let (Some(pull), Some(lister)) = (pull, stream.source.lister(account)) else {
            return Ok((0, Ended::Later));
        };
        let mut run = Run {
            sources: self,
            stream,
            pull,
            lister,
            state,
            known: Known::of(&self.cursors, &stream.cursor),
            access,
            began_at: self.clock.now(),
            records: 0,
        };
        let ended = run.pages().await?;
        run.known.keep().await?;
        Ok((run.records, ended))
    }

    async fn access(&self, stream: &Stream) -> Result<Result<Access, Trouble>, StoreError> {
        // What can never be asked is said before anybody looks for a secret.
        if let Err(cannot) = stream.source.can_be_pulled() {
            return Ok(Err(cannot.into()));
        }
        let name = format!("tenon/{}/{}", self.environment, stream.source.name());
        // A secret that was replaced because it did not work is not to be waited for.
        self.secrets.forget(&name).await;
        let Some(text) = self.secrets.get(&name, self.clock.now()).await? else {
            return Ok(Err(Trouble::NoSecret(name)));
        };
        let secret = match SourceSecret::parse(stream.source, text.reveal()) {
            Ok(secret) => secret,
            Err(bad) => return Ok(Err(bad.into())),
        };
        let address = self.addresses.get(stream.source.name());
        let access = stream.source.access(&secret, address.map(String::as_str));
        Ok(access.map_err(|cannot: CannotPull| cannot.into()))
    }
}

impl Run<'_> {
    async fn pages(&mut self) -> Result<Ended, PullError> {
        let overlap = i64::from(self.pull.cursor.overlap_seconds);
        let compares = self.pull.deletions == Deletions::WindowComparison;
        for _ in 0..MOST_PAGES {
            let now = self.sources.clock.now();
            if now.duration_since(self.began_at) > LONGEST {
                break;
            }
            let overlap = SignedDuration::from_secs(overlap);
            let mut walk = self.state.walk(now, overlap, compares);
            let listed = match self.ask(&self.lister.request(&walk)).await? {
                Answer::Page(listed) => listed,
                Answer::Later => return Ok(self.silence()),
                Answer::Expired if Some(walk.since) > self.state.start => {
                    warn!(source = %self.stream.cursor.source, "the source no longer knows where we stopped; its list is read from the start");
                    self.state.begin_anew();
                    continue;
                }
                Answer::Expired => return Ok(Ended::Badly(Trouble::Odd(410))),
                Answer::Trouble(trouble) => return Ok(Ended::Badly(trouble)),
            };
            self.state.is_heard();
            let header = |name: &str| listed.header(name);
            let base_url = &self.access.base_url;
            let page = match self.lister.page(&walk, base_url, &listed.answer, header) {
                Ok(page) => page,
                Err(unreadable) => return Ok(Ended::Badly(unreadable.into())),
            };
            let too_large = self.hand_on(&page, &mut walk).await?;
            let is_last = page.next.is_none();
            walk.position = page.next.unwrap_or(walk.position);
            self.state.walk = Some(walk.clone());
            let ended = match is_last {
                true => self.finish(&walk).await?,
                false => Ended::Well,
            };
            match too_large {
                Some(trouble) => return Ok(Ended::Badly(trouble)),
                None if is_last => return Ok(ended),
                None => {}
            }
        }
        Ok(Ended::Well)
    }

    /// Asks, within the source's budget, and sorts the answer.
    async fn ask(&mut self, request: &ApiRequest) -> Result<Answer, PullError> {
        if !self.may_ask().await? {
            return Ok(Answer::Later);
        }
        let listed = match self.sources.api.list(&self.access, request).await {
            Ok(listed) => listed,
            Err(SendError::TooLarge) => return Ok(Answer::Trouble(Trouble::TooLarge)),
            Err(failure) => {
                info!(source = %self.stream.cursor.source, error = %failure, "source is asked later");
                return self.later(REST).await;
            }
        };
        match listed.answer.status {
            200..=299 => Ok(Answer::Page(listed)),
            status @ (401 | 403) => Ok(Answer::Trouble(Trouble::Refused(status))),
            status if status == 410 || self.pull.expired.contains(&status) => Ok(Answer::Expired),
            429 | 503 => self.later(listed.retry_after().unwrap_or(REST)).await,
            408 | 500..=599 => self.later(REST).await,
            status => Ok(Answer::Trouble(Trouble::Odd(status))),
        }
    }

    /// Nobody asks this account before then, neither here nor in another function.
    async fn later(&mut self, rest: Duration) -> Result<Answer, PullError> {
        let (cursor, now) = (&self.stream.cursor, self.sources.clock.now());
        let until = now.checked_add(rest.min(LONGEST_REST)).unwrap_or(now);
        let gate = &self.sources.gate;
        gate.close(&cursor.source, &cursor.account, until).await?;
        self.state.rest_until = Some(until);
        self.state.silent_since = self.state.silent_since.or(Some(now));
        Ok(Answer::Later)
    }

    async fn may_ask(&mut self) -> Result<bool, StoreError> {
        let limits = self.stream.source.facts.api.as_ref();
        let limits = limits.map_or(&[][..], |api| api.limits.as_slice());
        let rate = |limit: &Limit| match limit {
            Limit::Rate {
                requests, seconds, ..
            } => Some(Allowance {
                requests: *requests,
                seconds: *seconds,
            }),
            // This function asks for one page after another.
            Limit::Concurrent { .. } => None,
        };
        let allowances: Vec<Allowance> = limits.iter().filter_map(rate).collect();
        let cursor = &self.stream.cursor;
        let gate = &self.sources.gate;
        let enter = async || {
            gate.enter(&cursor.source, &cursor.account, &allowances, 1)
                .await
        };
        let Some(until) = enter().await? else {
            return Ok(true);
        };
        let wait = until.duration_since(self.sources.clock.now());
        let wait = Duration::try_from(wait).unwrap_or_default();
        if wait <= PATIENCE {
            tokio::time::sleep(wait).await;
            if enter().await?.is_none() {
                return Ok(true);
            }
        }
        self.state.rest_until = Some(until);
        Ok(false)
    }

    /// A source that gives no answer for long is a question, although it is asked again.
    fn silence(&self) -> Ended {
        let now = self.sources.clock.now();
        let long = |since: Timestamp| now.duration_since(since) >= SILENT_FOR;
        match self.state.silent_since.is_some_and(long) {
            true => Ended::Badly(Trouble::Silent),
            false => Ended::Later,
        }
    }

    /// Puts a page's records into the queue. A walk through the whole window leaves out what came
    /// before: it only looks for what is gone or was missed.
    async fn hand_on(
        &mut self,
        page: &Page<'_>,
        walk: &mut Walk,
    ) -> Result<Option<Trouble>, PullError> {
        let mut news = Vec::with_capacity(page.rows.len());
        for row in &page.rows {
            if self.is_news(row, walk).await? {
                news.push(row);
            }
        }
        walk.records += u64::try_from(page.rows.len()).unwrap_or(u64::MAX);
        let most = match self.stream.source.facts.message.payload {
            Payload::Fat => MOST_FAT,
            Payload::Thin | Payload::Partial => MOST_THIN,
        };
        let (bodies, too_large) = self.lister.bodies(&news, most);
        for body in bodies {
            self.send("", &body).await?;
        }
        self.records += news.len() - too_large.len();
        let named = too_large.join(", ");
        Ok((!too_large.is_empty()).then_some(Trouble::Records(named)))
    }

    async fn is_news(&mut self, row: &Row<'_>, walk: &mut Walk) -> Result<bool, StoreError> {
        let Some((id, changed)) = &row.known else {
            // Reading it says what is wrong with it.
            return Ok(true);
        };
        walk.newest = walk.newest.max(Some(*changed));
        if self.pull.deletions == Deletions::Reported {
            return Ok(true);
        }
        let is_new = self.known.see(id, *changed, walk.began_at).await?;
        Ok(is_new || !self.state.is_whole)
    }

    async fn send(&self, what: &str, body: &str) -> Result<(), StoreError> {
        let cursor = &self.stream.cursor;
        let delivery = Delivery {
            v: DELIVERY_VERSION,
            id: self.sources.tokens.fresh(),
            source: cursor.source.clone(),
            account: cursor.account.clone(),
            received_at: self.sources.clock.now(),
            headers: BTreeMap::from([(PULLED.to_owned(), what.to_owned())]),
            body: BASE64_STANDARD.encode(body),
        };
        self.sources.deliveries.send(&delivery).await
    }

    /// The list is at its end, and nothing of it failed.
    async fn finish(&mut self, walk: &Walk) -> Result<Ended, PullError> {
        let now = self.sources.clock.now();
        let (is_empty, is_whole) = (walk.records == 0, self.state.is_whole);
        if is_whole && !is_empty {
            self.compare(walk).await?;
        }
        let is_strange = is_empty && self.state.expects_records(now);
        self.state.finish(walk, now);
        let cursor = &self.stream.cursor;
        let way = format!("pull {}", cursor.stream);
        let heard = &self.sources.heard;
        heard
            .note(&cursor.source, &cursor.account, &way, now)
            .await?;
        info!(source = %cursor.source, account = %cursor.account, list = %cursor.stream, records = walk.records, since = %walk.since, is_whole, "source pulled");
        if !is_strange {
            return Ok(Ended::Well);
        }
        let compares = self.pull.deletions == Deletions::WindowComparison;
        if compares && !is_whole && !self.state.is_asked {
            // The newest record may only have been deleted: then the window has others.
            self.state.look_again();
            return Ok(Ended::Later);
        }
        Ok(Ended::Badly(Trouble::Empty))
    }

    /// What was there and is not listed any more is gone, if the source says so when it is asked for
    /// that very record.
    async fn compare(&mut self, walk: &Walk) -> Result<(), PullError> {
        let missing = self.known.missing(walk.since, walk.began_at).await?;
        let mut gone = Vec::new();
        for id in missing.into_iter().take(MOST_ASKED) {
            let Some(request) = self.lister.request_for(&id) else {
                break;
            };
            match self.ask(&request).await? {
                Answer::Trouble(Trouble::Odd(404)) | Answer::Expired => {
                    self.known.forget(&id).await?;
                    gone.push(id);
                }
                // It is there, and not in this list any more.
                Answer::Page(_) => self.known.forget(&id).await?,
                Answer::Later | Answer::Trouble(_) => break,
            }
        }
        if !gone.is_empty() {
            info!(source = %self.stream.cursor.source, records = gone.len(), "records are gone from their source");
            self.send(REMOVED, &removal(self.lister.entity(), &gone))
                .await?;
        }
        Ok(())
    }
}
