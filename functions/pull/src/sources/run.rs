//! One run of one stream: some pages of its list, each handed on, until the list ends or the time does.

use std::collections::BTreeMap;

use aws::StoreError;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::book::Book;
use domain::delivery::{DELIVERY_VERSION, Delivery};
use jiff::{SignedDuration, Timestamp};
use source_account::{NotAsked, SourceAccount, What};
use source_api::Answered;
use sources::facts::api::{Deletions, Pull};
use sources::facts::message::Payload;
use sources::listing::{Lister, Named, Page, Row, Walk};
use sources::{ApiRequest, PULLED, REMOVED, named};
use tracing::{info, warn};

use super::known::Known;
use super::state::State;
use super::trouble::{Ended, Trouble};
use super::{Sources, Stream};
use crate::error::PullError;

/// How many pages one run reads. What is left comes in the next one, a minute later.
const MOST_PAGES: u32 = 20;

/// How long one run reads the lists of an account: the function ends after a minute, with Odoo's part in it.
const LONGEST: SignedDuration = SignedDuration::from_secs(25);

/// How many missing records one run asks for.
const MOST_ASKED: usize = 50;

/// For how long a list is left alone that has trouble of its own.
const REST: SignedDuration = SignedDuration::from_secs(60);

/// After so long without an answer a person is asked.
const SILENT_FOR: SignedDuration = SignedDuration::from_hours(4);

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
    account: SourceAccount<'a>,
    began_at: Timestamp,
    records: usize,
}

/// What an answer leads to.
enum Answer {
    Page(Answered),
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
        book: &Book,
        stream: &Stream,
        state: &mut State,
    ) -> Result<(usize, Ended), PullError> {
        let (source, account) = (stream.source, &stream.cursor.account);
        // What can never be asked is said before anybody looks for a secret.
        let pull = stream.pull;
        if let Err(cannot) = source.facts.can_be_pulled(pull) {
            return Ok((0, Ended::Badly(cannot.into())));
        }
        let Some(lister) = Lister::of(source.name(), pull, account, book) else {
            return Ok((0, Ended::Later));
        };
        let purpose = format!("pull {}", stream.cursor.stream);
        let opened = self
            .accounts
            .open(&source.facts, account, &purpose, What::Lists);
        let account = match opened.await {
            Ok(account) => account,
            Err(NotAsked::Store(failure)) => return Err(failure.into()),
            Err(not_asked) => return Ok((0, Ended::Badly(not_asked.into()))),
        };
        let mut run = Run {
            sources: self,
            stream,
            pull,
            lister,
            state,
            known: Known::of(&self.cursors, &stream.cursor),
            account,
            began_at: self.clock.now(),
            records: 0,
        };
        let ended = run.pages().await?;
        run.known.keep().await?;
        Ok((run.records, ended))
    }
}

impl Run<'_> {
    async fn pages(&mut self) -> Result<Ended, PullError> {
        let overlap = i64::from(self.pull.cursor.overlap_seconds);
        let compares = self.pull.deletions == Deletions::WindowComparison;
        for _ in 0..MOST_PAGES {
            let now = self.sources.clock.now();
            if now.duration_since(self.began_at) > LONGEST / self.stream.of {
                break;
            }
            let overlap = SignedDuration::from_secs(overlap);
            let mut walk = self.state.walk(now, overlap, compares);
            let listed = match self.ask(&self.lister.request(&walk)).await? {
                Answer::Page(listed) => listed,
                Answer::Expired if Some(walk.since) > self.state.start => {
                    warn!(source = %self.stream.cursor.source, "the source no longer knows where we stopped; its list is read from the start");
                    self.state.begin_anew();
                    continue;
                }
                other @ (Answer::Later | Answer::Expired | Answer::Trouble(_)) => {
                    return Ok(self.ended(other));
                }
            };
            self.state.is_heard();
            let header = |name: &str| listed.header(name);
            let base_url = self.account.base_url();
            let page = match self.lister.page(&walk, base_url, &listed.answer, header) {
                Ok(page) => page,
                Err(unreadable) => return Ok(Ended::Badly(unreadable.into())),
            };
            let beside = match self.beside(&page).await? {
                Ok(beside) => beside,
                Err(ended) => return Ok(ended),
            };
            let named = beside
                .as_ref()
                .map(|one| self.lister.read_beside(&one.answer));
            let named = match named.transpose() {
                Ok(named) => named.unwrap_or_default(),
                Err(unreadable) => return Ok(Ended::Badly(unreadable.into())),
            };
            let too_large = self.hand_on(&page, &named, &mut walk).await?;
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

    /// What a page's records only name, where the list wants it beside them.
    async fn beside(
        &mut self,
        page: &Page<'_>,
    ) -> Result<Result<Option<Answered>, Ended>, PullError> {
        let rows: Vec<&Row<'_>> = page.rows.iter().collect();
        let Some(request) = self.lister.request_beside(&rows) else {
            return Ok(Ok(None));
        };
        match self.ask(&request).await? {
            Answer::Page(answered) => Ok(Ok(Some(answered))),
            other @ (Answer::Later | Answer::Expired | Answer::Trouble(_)) => {
                Ok(Err(self.ended(other)))
            }
        }
    }

    /// What an answer that has no records means for the run.
    fn ended(&self, answer: Answer) -> Ended {
        match answer {
            Answer::Page(_) => Ended::Well,
            Answer::Later => self.silence(),
            Answer::Expired => Ended::Badly(Trouble::Odd(410)),
            Answer::Trouble(trouble) => Ended::Badly(trouble),
        }
    }

    /// Asks, and sorts the answer.
    async fn ask(&mut self, request: &ApiRequest) -> Result<Answer, PullError> {
        let answered = match self.account.ask(request).await {
            Ok(answered) => answered,
            Err(not_asked) => return self.not_asked(not_asked),
        };
        match answered.answer.status {
            200..=299 => Ok(Answer::Page(answered)),
            status if status == 410 || self.pull.expired.contains(&status) => Ok(Answer::Expired),
            status => Ok(Answer::Trouble(Trouble::Odd(status))),
        }
    }

    fn not_asked(&mut self, not_asked: NotAsked) -> Result<Answer, PullError> {
        let now = self.sources.clock.now();
        let (until, is_silent) = match not_asked {
            NotAsked::Store(failure) => return Err(failure.into()),
            NotAsked::Later { until } => (until, false),
            NotAsked::Busy { until } | NotAsked::NoAnswer { until } => (until, true),
            NotAsked::Trouble { .. } => (now.checked_add(REST).unwrap_or(now), true),
            trouble @ (NotAsked::CannotAsk(_)
            | NotAsked::NoSecret { .. }
            | NotAsked::BadSecret(_)
            | NotAsked::NoToken(_)
            | NotAsked::TooLarge
            | NotAsked::NotARequest(_)) => return Ok(Answer::Trouble(trouble.into())),
        };
        self.state.rest_until = Some(until);
        if is_silent {
            self.state.silent_since = self.state.silent_since.or(Some(now));
        }
        Ok(Answer::Later)
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
        beside: &Named<'_>,
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
        let (bodies, too_large) = self.lister.bodies(&news, beside, most);
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
            self.send(REMOVED, &named(self.lister.entity(), &gone))
                .await?;
        }
        Ok(())
    }
}
