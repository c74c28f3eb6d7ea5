//! The CRM and the PSA that the book names, each with its lists.
//!
//! Read in this order: [`state`] (what is remembered), [`run`] (one run of one stream), [`known`]
//! (how a deletion is missed) and [`trouble`] (what people are told).

mod known;
mod run;
mod state;
mod trouble;

use std::sync::Arc;

use aws::{
    Account, BadEnvironment, Books, Chain, Clock, Connection, Cursor, Cursors, Environment,
    Exceptions, Heard, Loss, Losses, Queue, StoreError, Tokens,
};
use domain::book::Book;
use domain::{Reference, Version};
use futures::future::join_all;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use source_account::{Settings, SourceAccounts};
use source_api::SourceApi;
use sources::Source;
use sources::facts::api::Pull;
use tracing::{info, warn};

use crate::error::PullError;
use state::{Pause, State};
use trouble::Ended;

/// The CRM and the PSA, with everything that asking them needs.
pub(crate) struct Sources {
    accounts: SourceAccounts,
    books: Books,
    cursors: Cursors,
    heard: Heard,
    losses: Losses,
    exceptions: Exceptions,
    deliveries: Queue,
    clock: Arc<dyn Clock>,
    tokens: Arc<dyn Tokens>,
}

/// One list of one account of a source.
pub(crate) struct Stream {
    source: &'static Source,
    pull: &'static Pull,
    /// How many lists the account has: they share the time of a run.
    of: i32,
    cursor: Cursor,
    pulled_from: Option<Date>,
}

impl Sources {
    pub(crate) fn over(
        environment: &Environment,
        connection: &Connection,
        api: SourceApi,
    ) -> Result<Self, BadEnvironment> {
        let settings = Settings::read(environment)?;
        let control = &settings.control;
        Ok(Self {
            accounts: SourceAccounts::new(&settings, connection, api),
            books: Books::new(connection, control),
            cursors: Cursors::new(connection, control),
            heard: Heard::new(connection, control),
            losses: Losses::new(connection, control),
            exceptions: Exceptions::new(connection, &settings.exceptions),
            deliveries: Queue::new(connection, environment.required("DELIVERIES_QUEUE_URL")?),
            clock: connection.clock(),
            tokens: connection.tokens(),
        })
    }

    /// Asks every account that the book names, all at the same time; answers how many records were
    /// handed on.
    pub(crate) async fn pull(&self) -> Result<usize, PullError> {
        let book = self.books.active(self.clock.now()).await?;
        let crms = book.crm.iter();
        let crms = crms.map(|crm| (&crm.source, &crm.account, crm.pulled_from));
        let psas = book.psa.iter();
        // An account that is both is asked once.
        let psas = psas
            .filter(|psa| book.crm(&psa.source, &psa.account).is_none())
            .map(|psa| (&psa.source, &psa.account, psa.pulled_from));
        let asked = crms.chain(psas).map(async |(source, account, from)| {
            let streams = Stream::all(source, account, from);
            self.streams(&book, &streams).await
        });
        // What keeps one account from being read is not the others' trouble.
        let records = join_all(asked).await;
        records.into_iter().sum()
    }

    /// Reads the lists of one account, one after the other: what keeps one from being read is not the
    /// others' trouble.
    async fn streams(&self, book: &Book, streams: &[Stream]) -> Result<usize, PullError> {
        let (mut records, mut failed) = (0, None);
        for stream in streams {
            match self.stream(book, stream).await {
                Ok(more) => records += more,
                Err(failure) => failed = Some(failure),
            }
        }
        failed.map_or(Ok(records), Err)
    }

    async fn stream(&self, book: &Book, stream: &Stream) -> Result<usize, PullError> {
        let every = stream.source.facts.pulled_seconds(stream.pull);
        let now = self.clock.now();
        let noted: Option<State> = self.cursors.noted(&stream.cursor).await?;
        let mut state = noted.unwrap_or_default();
        let start = self.start(stream, &state, now).await?;
        state.begin_at(start);
        let loss = self.loss(stream).await?;
        let makes_up = { loss.as_ref() }.filter(|loss| state.is_due_for(loss.number));
        let every = match makes_up {
            Some(_) => SignedDuration::ZERO,
            None => SignedDuration::from_secs(i64::from(every)),
        };
        if !state.is_due(now, every) {
            return Ok(0);
        }
        if state.is_forgotten(now, stream.pull.retention_seconds) {
            warn!(source = %stream.cursor.source, "the source no longer keeps what was not read; its list is read from the start");
            state.begin_anew();
        }
        if let Some(loss) = makes_up {
            warn!(source = %stream.cursor.source, list = %stream.cursor.stream, what = %loss.what, "events of the source were lost; its list is read from the start");
            state.make_up_for(loss.number);
        }
        let (records, ended) = self.read(book, stream, &mut state).await?;
        self.settle(stream, &mut state, ended).await?;
        // Only after everything that was read is in the queue.
        self.cursors.note(&stream.cursor, &state).await?;
        if let Some(loss) = loss.filter(|loss| state.has_made_up_for(loss.number)) {
            let (account, list) = (stream.account(), &stream.cursor.stream);
            self.losses.made_up_for(&account, loss.number, list).await?;
        }
        Ok(records)
    }

    /// What the account lost, where this list was not read from the start since.
    async fn loss(&self, stream: &Stream) -> Result<Option<Loss>, StoreError> {
        let loss = self.losses.of(&stream.account()).await?;
        Ok(loss.filter(|loss| loss.lists.contains(&stream.cursor.stream)))
    }

    /// The book says from when on, or the day on which the book was in force when it was first asked.
    async fn start(
        &self,
        stream: &Stream,
        state: &State,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        let midnight = |day: Date| day.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
        if let Some(start) = stream.pulled_from.and_then(midnight).or(state.start) {
            return Ok(start);
        }
        let timeline = self.books.timeline().await?;
        Ok(timeline.at(now).map_or(now, |valid| valid.at))
    }

    /// Tells people what only they can end, once; and closes the question when it has ended.
    async fn settle(
        &self,
        stream: &Stream,
        state: &mut State,
        ended: Ended,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let reference = stream.reference();
        let trouble = match ended {
            Ended::Badly(trouble) => trouble,
            Ended::Later => return Ok(()),
            Ended::Well => {
                state.pause = None;
                if std::mem::take(&mut state.is_asked) {
                    self.exceptions.resolve(&reference).await?;
                    info!(%reference, "source is pulled again");
                }
                return Ok(());
            }
        };
        warn!(%reference, error = %Chain(&trouble), "source is not pulled");
        let before = state.pause;
        let since = before.map_or(now, |pause| pause.since);
        state.pause = Some(Pause {
            since,
            tried_at: now,
        });
        if before.is_some() || trouble.is_told_at_once() {
            let objection = trouble.objection(&stream.source.facts.title, reference.id());
            let exception =
                objection.raise(reference, Version::at(since), now, self.tokens.fresh());
            self.exceptions.raise(&exception).await?;
            state.is_asked = true;
        }
        Ok(())
    }
}

impl Stream {
    /// The lists of an account; none of a source of which nothing is known to ask.
    fn all(source: &str, account: &str, pulled_from: Option<Date>) -> Vec<Self> {
        let source = sources::source(source);
        let pulls = source.and_then(|source| Some((source, source.facts.pull.as_ref()?)));
        let Some((source, pull)) = pulls else {
            return Vec::new();
        };
        // Where files are dropped, nobody misses a list that is not described.
        let is_asked = |pull: &&Pull| pull.list.is_some() || source.facts.file.is_none();
        let of = i32::try_from(pull.all().filter(is_asked).count()).unwrap_or(i32::MAX);
        let one = |pull: &'static Pull| Self {
            source,
            pull,
            of,
            cursor: Cursor {
                source: source.name().to_owned(),
                account: account.to_owned(),
                stream: pull
                    .list
                    .as_ref()
                    .map_or("record", |list| &list.entity)
                    .to_owned(),
            },
            pulled_from,
        };
        pull.all().filter(is_asked).map(one).collect()
    }

    fn account(&self) -> Account {
        Account {
            source: self.cursor.source.clone(),
            account: self.cursor.account.clone(),
        }
    }

    /// What questions about it are about.
    fn reference(&self) -> Reference {
        let cursor = &self.cursor;
        Reference::new(&cursor.source, &cursor.account, "pull", &cursor.stream)
    }
}
