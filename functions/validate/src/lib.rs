//! Reads deliveries, fetches what they only name, judges, and writes the work list.
//!
//! A delivery ends as work in the ledger, as an exception, or as "not for us" with a count;
//! nothing is dropped silently. Handling a delivery twice, late or in another order changes
//! nothing: what decides is the version of the fact, not the order of the messages.

mod added;
mod apply;
mod billed;
mod config;
mod dated;
mod deals;
mod drift;
mod error;
mod fetch;
mod flows;
mod missed;
mod objections;
mod observe;
mod offer;
mod projects;
mod read;
mod record;
mod records;
mod rows;

use std::fmt;
use std::sync::Arc;

use aws::{
    Bells, Billing, Books, Chain, Clock, Connection, Exceptions, Heard, Ledger, Losses,
    MessageOutcome, Queue, Recorder, Tokens, handle_batch, read_message,
};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::NextStep;
use domain::book::Book;
use domain::delivery::Delivery;
use source_account::SourceAccounts;
use source_api::{SendError, SourceApi};
use sources::Reading;
use tracing::{Instrument, error, info, info_span, warn};

pub use config::Config;
use error::ValidateError;
use fetch::Left;
use rows::{Place, Rows};

/// The function, with everything it needs.
pub struct Validate {
    ledger: Ledger,
    billing: Billing,
    exceptions: Exceptions,
    books: Books,
    heard: Heard,
    losses: Losses,
    bells: Bells,
    deliveries: Queue,
    drift: Queue,
    accounts: SourceAccounts,
    recorder: Option<Recorder>,
    clock: Arc<dyn Clock>,
    tokens: Arc<dyn Tokens>,
}

/// A delivery under the book that judges it.
struct Case<'a> {
    delivery: &'a Delivery,
    book: &'a Book,
    /// Where in a file that was dropped the event stands that is being taken.
    place: Option<Place>,
}

/// Which one of the events of a delivery.
#[derive(Clone, Copy)]
struct Nth {
    number: usize,
    of: usize,
}

impl Validate {
    /// Connects to AWS.
    pub async fn connect(config: Config) -> Result<Self, SendError> {
        Ok(Self::over(
            config,
            &Connection::open().await,
            SourceApi::new()?,
        ))
    }

    /// The function over a connection that is there already.
    pub fn over(config: Config, connection: &Connection, api: SourceApi) -> Self {
        let sources = &config.sources;
        let recorder = |(table, keep)| Recorder::new(connection, table, keep);
        Self {
            ledger: Ledger::new(connection, config.ledger),
            billing: Billing::new(connection, config.billing),
            exceptions: Exceptions::new(connection, &sources.exceptions),
            books: Books::new(connection, &sources.control),
            heard: Heard::new(connection, &sources.control),
            losses: Losses::new(connection, &sources.control),
            bells: Bells::new(connection, &config.bells),
            deliveries: Queue::new(connection, config.deliveries),
            drift: Queue::new(connection, config.drift),
            accounts: SourceAccounts::new(sources, connection, api),
            recorder: config.recorded.map(recorder),
            clock: connection.clock(),
            tokens: connection.tokens(),
        }
    }

    /// Handles a batch of deliveries, each for itself.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let response = handle_batch(event, async |body| self.handle_one(body).await).await;
        self.write_record().await;
        response
    }

    async fn handle_one(&self, body: &str) -> MessageOutcome {
        let delivery: Delivery = match read_message(body) {
            Ok(delivery) => delivery,
            Err(unreadable) => {
                error!(error = %unreadable, "queue message is not a delivery");
                return MessageOutcome::Again;
            }
        };
        let span = info_span!("delivery", delivery.id = %delivery.id, source = %delivery.source);
        match self.take(&delivery).instrument(span.clone()).await {
            Ok(()) => MessageOutcome::Done,
            Err(failure) => span.in_scope(|| {
                warn!(error = %Chain(&failure), "delivery is tried again");
                MessageOutcome::Again
            }),
        }
    }

    /// Takes every event of a delivery. What can be done is done; if anything must be tried
    /// again, the whole delivery is, and the rest of it changes nothing then.
    async fn take(&self, delivery: &Delivery) -> Result<(), ValidateError> {
        let now = self.clock.now();
        let book = self.books.active(now).await?;
        let case = Case {
            delivery,
            book: &book,
            place: None,
        };
        self.look_for_a_gap(&case).await?;
        let readings = match read::readings(&case) {
            Ok(readings) => self.readable(&case, readings).await?,
            Err(unreadable) => return self.unreadable(&case, &unreadable).await,
        };
        self.record(delivery, &readings).await;
        let (mut again, mut left, mut lacking) = (None, Left::default(), None);
        let count = readings.len();
        for (number, (place, reading)) in (1..).zip(readings) {
            let nth = Nth { number, of: count };
            let case = Case { place, ..case };
            if let Reading::Unreadable(why) = &reading
                && drift::field(why).is_some()
            {
                lacking = Some((why.clone(), nth));
                continue;
            }
            let taken = self.take_reading(&case, reading, nth).await;
            if let Err(failure) = taken.or_else(|failure| left.keep(failure)) {
                match failure.next_step() {
                    NextStep::Retry | NextStep::LookFirst => again = Some(failure),
                    NextStep::Reject | NextStep::Park => self.park(&case, &failure).await?,
                }
            }
        }
        self.come_back(&case, &left).await?;
        if let Some(failure) = again {
            return Err(failure);
        }
        match &lacking {
            Some((why, nth)) => self.drifted(&case, why, *nth).await?,
            None => self.drift_ended(delivery).await?,
        }
        let (source, account) = (&delivery.source, &delivery.account);
        let way = Rows::of(delivery).map_or("deliveries", |_| "files");
        let heard = self.heard.note(source, account, way, now).await;
        if let Err(failure) = heard {
            // It only informs people: no reason to take the delivery again.
            warn!(error = %Chain(&failure), "source not noted as heard");
        }
        Ok(())
    }

    async fn take_reading(
        &self,
        case: &Case<'_>,
        reading: Reading,
        nth: Nth,
    ) -> Result<(), ValidateError> {
        match reading {
            Reading::Event(event) => self.take_read(case, event).await,
            Reading::Fetch(fetch) => match self.fetch(case, &fetch).await? {
                Some(event) => self.take_fetched(case, event).await,
                None => {
                    info!(reference = %fetch.reference, "record is gone from its source");
                    Ok(())
                }
            },
            Reading::NotForUs(why) => {
                info!(why, "event is not for us");
                Ok(())
            }
            Reading::Missed(what) => Ok(self.missed(case, what).await?),
            Reading::Unreadable(why) => self.unreadable_event(case, &why, nth).await,
        }
    }
}

impl fmt::Display for Nth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {} of {}", self.number, self.of)
    }
}
