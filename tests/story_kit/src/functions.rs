//! The functions that ship, over the account of a story.

use std::sync::Arc;
use std::time::Duration;

use aws::{BadEnvironment, Clock as _, Environment};
use aws_lambda_events::sqs::SqsBatchResponse;
use bill::Bill;
use collect::Collect;
use console::Console;
use feedback::Feedback;
use intake::Intake;
use odoo::{HttpWire, OdooError};
use post::Post;
use pull::Pull;
use relay::Relay;
use rotate::Rotate;
use simulation::queue::Message;
use simulation::triggers::sqs_event;
use source_api::{SendError, SourceApi};
use sweep::Sweep;
use validate::Validate;

use crate::cloud::{BUCKET, Cloud, QUEUES, StoryClock, TABLES, dead_letters_of, url};
use crate::standins::Standins;

/// The address under which sources believe to call us; they sign it.
pub const PUBLIC_BASE_URL: &str = "https://hooks.story.example";
/// Nobody answers there: no story ever asks a vendor.
const NOBODY: &str = "http://127.0.0.1:9";

/// The functions of one story.
pub struct Functions {
    /// Takes in what sources send.
    pub intake: Intake,
    /// Answers people.
    pub console: Console,
    /// Turns postings into messages.
    pub relay: Relay,
    /// Asks Odoo and the sources.
    pub pull: Pull,
    /// Releases, and rings again.
    pub sweep: Sweep,
    /// Keeps and bills units.
    pub bill: Bill,
    validate: Validate,
    post: Post,
    collect: Collect,
    feedback: Feedback,
    rotate: Rotate,
    clock: Arc<StoryClock>,
    post_seconds: u32,
}

/// The functions cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum NotSetUp {
    /// A setting is missing: the template sets one more than this world.
    #[error(transparent)]
    Environment(#[from] BadEnvironment),
    /// No HTTP client.
    #[error(transparent)]
    Http(#[from] SendError),
    /// No way to Odoo.
    #[error(transparent)]
    Odoo(#[from] OdooError),
    /// A function refuses its settings.
    #[error("a function cannot be set up: {0}")]
    Function(String),
}

impl Functions {
    /// Sets them up as the template does.
    ///
    /// # Errors
    /// When a setting is missing.
    pub fn over(cloud: &Cloud, standins: &Standins, odoo: &Place) -> Result<Self, NotSetUp> {
        let environment = &environment(standins, odoo);
        let connection = &cloud.connection();
        let of_function = |error: &dyn std::fmt::Display| NotSetUp::Function(error.to_string());
        let to_post = post::Config::read(environment)?;
        let post_seconds = to_post.limits.post_timeout_seconds;
        let wire = HttpWire::new(&odoo.url, to_post.odoo_read_timeout())?;
        Ok(Self {
            intake: Intake::over(intake::Config::read(environment)?, connection),
            console: Console::over(environment, connection)?,
            relay: Relay::over(environment, connection)?,
            pull: Pull::over(environment, connection, SourceApi::new()?)?,
            sweep: Sweep::over(environment, connection)?,
            bill: Bill::over(environment, connection)?,
            validate: Validate::over(
                validate::Config::read(environment)?,
                connection,
                SourceApi::new()?,
            ),
            post: Post::over(to_post, connection, Arc::new(wire)),
            collect: Collect::over(environment, connection)?,
            feedback: Feedback::over(environment, connection)
                .map_err(|error| of_function(&error))?,
            rotate: Rotate::over(environment, connection).map_err(|error| of_function(&error))?,
            clock: cloud.clock(),
            post_seconds,
        })
    }

    /// How many messages of a queue its function gets at once.
    #[must_use]
    pub fn at_once(queue: &str) -> usize {
        match queue {
            // A bell comes alone, a key and a file too.
            "master" | "work" | "billing" | "keys" | "files" => 1,
            _ => 10,
        }
    }

    /// Hands messages to the function of their queue; answers which of them are to come again.
    ///
    /// # Errors
    /// When a function fails as a whole.
    pub async fn handle(&self, queue: &str, messages: &[Message]) -> Result<Vec<u64>, String> {
        let event = sqs_event(queue, messages);
        let failed = match queue {
            "deliveries" => self.validate.handle(event).await,
            "master" | "work" | "billing" => self.post.handle(event, self.deadline()).await,
            "keys" => self.rotate.handle(event).await,
            "files" => self.collect.handle(event).await,
            "feedback" => self.feedback.handle(event).await,
            "releases" => match self.sweep.handle(sweep::Trigger::Releases(event)).await {
                Ok(sweep::Answer::Batch(batch)) => batch,
                other => return Err(format!("sweep answered a batch with {other:?}")),
            },
            "units" => match self.bill.handle(bill::Trigger::Units(event)).await {
                Ok(bill::Answer::Batch(batch)) => batch,
                other => return Err(format!("bill answered a batch with {other:?}")),
            },
            other => return Err(format!("no function reads the queue {other}")),
        };
        Ok(ids(&failed))
    }

    /// When an invocation of post ends.
    fn deadline(&self) -> u64 {
        let now = self.clock.now() + Duration::from_secs(self.post_seconds.into());
        u64::try_from(now.as_millisecond()).unwrap_or_default()
    }
}

fn ids(response: &SqsBatchResponse) -> Vec<u64> {
    let failures = response.batch_item_failures.iter();
    failures
        .filter_map(|failure| failure.item_identifier.parse().ok())
        .collect()
}

/// Where an Odoo is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its address.
    pub url: String,
    /// Its database.
    pub database: String,
}

/// What the template sets.
fn environment(standins: &Standins, odoo: &Place) -> Environment {
    let limits = include_str!("../../../infra/limits.json");
    let limits: serde_json::Value = serde_json::from_str(limits).unwrap_or_default();
    let limits = limits
        .get("aws")
        .and_then(serde_json::Value::as_object)
        .into_iter()
        .flatten();
    let limits = limits.map(|(name, seconds)| (name.to_uppercase(), seconds.to_string()));
    let tables = TABLES.map(|table| (format!("{}_TABLE", table.to_uppercase()), table.to_owned()));
    let queues =
        QUEUES.map(|(name, _, _)| (format!("{}_QUEUE_URL", name.to_uppercase()), url(name)));
    let source_urls = sources::ENTRIES.iter().map(|entry| {
        let name = entry.name.to_uppercase().replace('-', "_");
        let url = standins.url(entry.name).unwrap_or(NOBODY);
        (format!("{name}_API_URL"), url.to_owned())
    });
    let addresses = |url_of: &dyn Fn(&str) -> String| {
        let named = QUEUES.map(|(name, _, _)| format!("{name}={}", url_of(name)));
        named.join(" ")
    };
    let others = [
        ("ENVIRONMENT", "story".to_owned()),
        ("FILES_BUCKET", BUCKET.to_owned()),
        ("BOOKS_BUCKET", "books".to_owned()),
        ("SEALS_BUCKET", "seals".to_owned()),
        ("RECORD_DAYS", "35".to_owned()),
        ("DRIFT_QUEUE_URL", url(&dead_letters_of("drift"))),
        ("PUBLIC_BASE_URL", PUBLIC_BASE_URL.to_owned()),
        (
            "SIGNING_KEY_BASE_URL",
            standins.url("connectwise").unwrap_or(NOBODY).to_owned(),
        ),
        ("ODOO_URL", odoo.url.clone()),
        ("ODOO_DATABASE", odoo.database.clone()),
        // The story's clock stands while functions work: no budget would ever come back.
        ("ODOO_CALLS_PER_SECOND", "1000".to_owned()),
        ("ODOO_CALLS_IN_FLIGHT", "64".to_owned()),
        (
            "QUEUE_URLS",
            format!("{} drift={}", addresses(&url), url("deliveries")),
        ),
        ("DEAD_LETTERS_URLS", {
            let letters = addresses(&|name| url(&dead_letters_of(name)));
            format!("{letters} drift={}", url(&dead_letters_of("drift")))
        }),
    ];
    let others = others.map(|(name, value)| (name.to_owned(), value));
    limits
        .chain(tables)
        .chain(queues)
        .chain(source_urls)
        .chain(others)
        .collect()
}
