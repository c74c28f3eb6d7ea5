//! Everything that a story is played with.

use std::time::Duration;

use aws::{Books, Clock as _};
use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use cli::stack::seed;
use domain::book::Book;
use odoo::OdooError;
use tests::fault_proxy::FaultProxy;

use crate::book;
use crate::cloud::Cloud;
use crate::format::Story;
use crate::functions::{Functions, NotSetUp, Place};
use crate::people::{CallError, People};
use crate::standins::{StandinError, Standins};

/// Something that keeps a story from going on, other than an expectation.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// A stand-in.
    #[error(transparent)]
    Standin(#[from] StandinError),
    /// A function's settings.
    #[error(transparent)]
    NotSetUp(#[from] NotSetUp),
    /// A call of Odoo by a person.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The way to Odoo.
    #[error(transparent)]
    Odoo(#[from] OdooError),
    /// The book.
    #[error("the book cannot be used: {0}")]
    Book(String),
    /// A table, a queue, or a function as a whole.
    #[error("{0}")]
    Broken(String),
    /// Messages go round and round.
    #[error(
        "the functions do not come to rest: after {rounds} rounds these queues are not empty: {queues}"
    )]
    Restless {
        /// How many rounds were waited.
        rounds: u32,
        /// Which.
        queues: String,
    },
    /// A step asks for what there is not.
    #[error("{0}")]
    Impossible(String),
}

/// A message that was delivered, to be delivered again.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The source.
    pub source: String,
    /// Its account.
    pub account: String,
    /// The body.
    pub body: String,
}

/// Everything that a story is played with.
pub struct Stage {
    /// AWS.
    pub cloud: Cloud,
    /// The CRMs and PSAs.
    pub standins: Standins,
    /// The functions.
    pub functions: Functions,
    /// Whoever works in Odoo.
    pub people: People,
    /// The functions' way to Odoo.
    pub odoo: FaultProxy,
    /// The story's book.
    pub book_text: String,
    /// The book as it is read.
    pub book: Book,
    /// What was delivered so far.
    pub sent: Vec<Sent>,
    /// What was noticed in this step.
    pub notes: Vec<String>,
    /// How many calls of Odoo and of each source there were before this step.
    pub before: Vec<(String, usize)>,
}

impl Stage {
    /// Sets everything up in a database of its own.
    ///
    /// # Errors
    /// When the book cannot be used, or a part cannot be started.
    pub async fn set(story: &Story, odoo: &Place) -> Result<Self, StageError> {
        let text = story.book_text.as_deref().unwrap_or_default();
        let book_text =
            book::with(text, story.book_overrides.as_ref()).map_err(StageError::Book)?;
        let book = Book::parse(&book_text).map_err(|error| StageError::Book(error.to_string()))?;
        let cloud = Cloud::new(story.starts, story.seed);
        let standins = Standins::open(story, &book, &cloud).await?;
        let (proxy, url) = FaultProxy::start(&odoo.url, "").await;
        let proxied = Place {
            url,
            database: odoo.database.clone(),
        };
        for user in [seed::MASTER, seed::WORK, seed::BILLING, seed::READ] {
            let lane = user.login.trim_start_matches("svc-");
            cloud.put_secret(&format!("tenon/story/odoo/{lane}"), user.key);
        }
        let books = Books::new(&cloud.connection(), "control");
        tests::books::in_force(&books, &book_text, cloud.clock().now()).await;
        Ok(Self {
            functions: Functions::over(&cloud, &standins, &proxied)?,
            people: People::at(odoo)?,
            odoo: proxy,
            cloud,
            standins,
            book_text,
            book,
            sent: Vec::new(),
            notes: Vec::new(),
            before: Vec::new(),
        })
    }

    /// The account of a source in the book.
    #[must_use]
    pub fn account_of(&self, source: &str) -> Option<String> {
        let crms = self.book.crm.iter().map(|crm| (&crm.source, &crm.account));
        let psas = self.book.psa.iter().map(|psa| (&psa.source, &psa.account));
        let mut all = crms.chain(psas);
        all.find_map(|(its, account)| (its == source).then(|| account.clone()))
    }

    /// Remembers where the counting of calls begins.
    pub fn begin_step(&mut self) {
        self.notes.clear();
        self.before = self.counts();
    }

    /// How many calls of Odoo and of each source there were so far.
    #[must_use]
    pub fn counts(&self) -> Vec<(String, usize)> {
        let of_source = |entry: &sources::Entry| {
            let proxy = self.standins.proxy(entry.name)?;
            Some((entry.name.to_owned(), proxy.all_calls().len()))
        };
        let sources = sources::ENTRIES.iter().filter_map(of_source);
        let odoo = ("odoo".to_owned(), self.odoo.all_calls().len());
        sources.chain([odoo]).collect()
    }

    /// A person asks the console; who it is comes from the gateway.
    pub async fn ask_console(
        &self,
        who: &str,
        method: &str,
        path: &str,
        body: Option<String>,
    ) -> ApiGatewayProxyResponse {
        let mut request = ApiGatewayProxyRequest::default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        request.path = Some(format!("/console/{path}"));
        request.http_method = method.parse().unwrap_or_default();
        request.body = body;
        let identity = format!("arn:aws:iam::123456789012:user/{who}");
        request.request_context.identity.user_arn = Some(identity);
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let decoded = |text: &str| {
            let text = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
            text.into_owned()
        };
        let mut parameters = std::collections::HashMap::new();
        for (name, value) in pairs {
            parameters.insert(name.to_owned(), vec![decoded(value)]);
        }
        request.query_string_parameters = parameters.into();
        self.functions.console.answer(&request).await
    }

    /// A moment of real time, in which what is served on this thread gets its turn.
    pub async fn breathe(&self) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The text of an answer of the gateway.
#[must_use]
pub fn body_of(response: &ApiGatewayProxyResponse) -> String {
    use aws_lambda_events::encodings::Body;
    match &response.body {
        Some(Body::Text(text)) => text.clone(),
        Some(Body::Binary(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        Some(_) | None => String::new(),
    }
}
