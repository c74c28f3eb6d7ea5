//! Takes up the files that others drop into our bucket, and cuts them into deliveries: from there on
//! a row goes the way of every webhook.
//!
//! A file is read twice: once to see that it can be taken as a whole, and once to hand its parts on.
//! Either nothing of it is taken and one question says why, or all of it is. A notification that comes
//! twice, or after a crash half-way, hands on the same parts under the same names: versions of the
//! facts decide, not the order or the number of messages.

mod notice;
mod place;
mod refusal;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::{
    BadEnvironment, Books, Chain, Clock, Connection, Environment, Exceptions, Files,
    MessageOutcome, Queue, StoreError, Tokens, handle_batch,
};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::Version;
use domain::delivery::{DELIVERY_VERSION, Delivery};
use sources::file::{BadFile, Cutter, FILE, LINES, Part, VERSION};
use tracing::{error, info, warn};

use notice::Dropped;
use place::Place;
use refusal::NotTaken;

/// The function, with everything it needs.
pub struct Collect {
    files: Files,
    books: Books,
    exceptions: Exceptions,
    deliveries: Queue,
    clock: Arc<dyn Clock>,
    tokens: Arc<dyn Tokens>,
}

/// Why a file was not collected this time.
#[derive(Debug, thiserror::Error)]
enum CollectError {
    /// A table, the queue or the bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file itself.
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
}

impl From<BadFile> for CollectError {
    fn from(bad: BadFile) -> Self {
        Self::NotTaken(bad.into())
    }
}

impl Collect {
    /// Connects to AWS.
    pub async fn connect(environment: &Environment) -> Result<Self, BadEnvironment> {
        Self::over(environment, &Connection::open().await)
    }

    /// The function over a connection that is there already.
    pub fn over(
        environment: &Environment,
        connection: &Connection,
    ) -> Result<Self, BadEnvironment> {
        Ok(Self {
            files: Files::new(connection, environment.required("FILES_BUCKET")?),
            books: Books::new(connection, environment.required("CONTROL_TABLE")?),
            exceptions: Exceptions::new(connection, environment.required("EXCEPTIONS_TABLE")?),
            deliveries: Queue::new(connection, environment.required("DELIVERIES_QUEUE_URL")?),
            clock: connection.clock(),
            tokens: connection.tokens(),
        })
    }

    /// Handles notifications of the bucket.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        handle_batch(event, async |body| self.handle_one(body).await).await
    }

    async fn handle_one(&self, body: &str) -> MessageOutcome {
        let files = match notice::read(body) {
            Ok(files) => files,
            Err(unreadable) => {
                error!(error = %unreadable, "queue message names no file");
                return MessageOutcome::Again;
            }
        };
        let mut outcome = MessageOutcome::Done;
        for file in &files {
            // Its version and not its key: a file may be called after a person.
            let version = &file.version;
            match self.collect(file).await {
                Ok(()) => {}
                Err(CollectError::NotTaken(why)) => {
                    info!(file.version = %version, error = %Chain(&why), "file not taken");
                    if let Err(failure) = self.ask(file, &why).await {
                        warn!(file.version = %version, error = %Chain(&failure), "file is tried again");
                        outcome = MessageOutcome::Again;
                    }
                }
                Err(CollectError::Store(failure)) => {
                    warn!(file.version = %version, error = %Chain(&failure), "file is tried again");
                    outcome = MessageOutcome::Again;
                }
            }
        }
        outcome
    }

    async fn collect(&self, file: &Dropped) -> Result<(), CollectError> {
        if file.key.ends_with('/') {
            info!(file.version = %file.version, "a folder is no file");
            return Ok(());
        }
        let book = self.books.active(self.clock.now()).await?;
        let place = Place::of(&file.key, &book)?;
        let rows = self.read(file, &place, async |_| Ok(())).await?;
        // Before its rows are judged: what they make somebody ask is newer.
        let asked = place.reference();
        self.exceptions
            .resolve_up_to(&asked, Version::at(file.at))
            .await?;
        let send = async |part: Part| self.deliveries.send(&delivery(file, &place, &part)).await;
        self.read(file, &place, send).await?;
        let (source, account) = (place.source.name(), place.account);
        info!(file.version = %file.version, source, account, rows, "file collected");
        Ok(())
    }

    /// Goes through a file once and gives each part away; answers how many rows it has.
    async fn read(
        &self,
        file: &Dropped,
        place: &Place<'_>,
        take: impl AsyncFn(Part) -> Result<(), StoreError>,
    ) -> Result<u64, CollectError> {
        let mut open = self.files.open(&file.key, &file.version).await?;
        let mut cutter = Cutter::new(place.facts, place.form);
        while let Some(bytes) = open.next().await? {
            for part in cutter.push(bytes.as_ref())? {
                take(part).await?;
            }
        }
        let (last, rows) = cutter.finish()?;
        for part in last {
            take(part).await?;
        }
        Ok(rows)
    }

    /// Asks people about a file that is not taken.
    async fn ask(&self, file: &Dropped, why: &NotTaken) -> Result<(), StoreError> {
        let exception = why.objection(&file.key).raise(
            place::reference(&file.key, &file.version),
            Version::at(file.at),
            self.clock.now(),
            self.tokens.fresh(),
        );
        self.exceptions.raise(&exception).await
    }
}

/// A part as a message of its source. Its name follows from the file alone, so that a repetition has
/// the same one.
fn delivery(file: &Dropped, place: &Place<'_>, part: &Part) -> Delivery {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Delivery {
        v: DELIVERY_VERSION,
        id: format!("file-{}-{}", file.version, part.number),
        source: place.source.name().to_owned(),
        account: place.account.to_owned(),
        received_at: file.at,
        headers: BTreeMap::from([
            header(FILE, place.name),
            header(VERSION, &file.version),
            header(LINES, &part.lines_text()),
        ]),
        body: BASE64_STANDARD.encode(&part.body),
    }
}
