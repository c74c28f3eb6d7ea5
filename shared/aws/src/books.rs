//! The versions of the book, and which one is valid when.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::NextStep;
use domain::book::{Book, Decision, Timeline};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::control::Control;
use crate::item::{document, get_text, key, text};
use crate::person::{distinct, same_person};
use crate::{Connection, StoreError};

/// How long a decision may be unknown to a function.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// The key under which everything about books is but their texts, which are too large to be listed.
const PK: &str = "book";

/// The books in the control table.
#[derive(Debug)]
pub struct Books {
    control: Control,
    known: Mutex<Known>,
}

/// What was read already. A version never changes, so that it is read once.
#[derive(Debug, Default)]
struct Known {
    timeline: Option<(Timestamp, Timeline)>,
    versions: BTreeMap<String, Arc<Book>>,
}

/// A version that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedBook {
    /// Its name: the beginning of the digest of its text.
    pub version: String,
    /// Who published it, as IAM knows them.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// What they said about it.
    pub note: String,
    /// Who agreed to it.
    pub approvers: BTreeSet<String>,
}

impl PublishedBook {
    /// How many people agreed, each counted once, and never the author.
    fn distinct_approvers(&self) -> usize {
        let people = std::iter::once(&self.author).chain(&self.approvers);
        distinct(people.map(String::as_str)) - 1
    }
}

/// Why a decision about a book is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BookRefusal {
    /// Nothing of this name.
    #[error("no book {0} was published: tenon book versions lists those that were")]
    Unknown(String),
    /// The author cannot agree to their own work.
    #[error("book {0} is your own: somebody else has to approve it")]
    OwnWork(String),
    /// Not enough people agreed.
    #[error(
        "book {version} is approved by {given} of {needed}: somebody who did not write it has to run tenon book approve {version}"
    )]
    NotApproved {
        /// The version.
        version: String,
        /// How many must agree.
        needed: u32,
        /// How many did.
        given: u32,
    },
    /// It is valid already.
    #[error("book {0} is valid then already")]
    ValidAlready(String),
    /// There is nothing to go back to.
    #[error("no other book was valid before the one that is valid now")]
    NothingBefore,
    /// Others were faster each time.
    #[error("somebody else decides about the book at the same time: look at tenon book versions")]
    Overtaken,
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BookRefusal {
    /// What a caller may do now.
    pub const fn next_step(&self) -> NextStep {
        match self {
            Self::Store(error) => error.next_step(),
            Self::Overtaken => NextStep::Retry,
            Self::Unknown(_)
            | Self::OwnWork(_)
            | Self::NotApproved { .. }
            | Self::ValidAlready(_)
            | Self::NothingBefore => NextStep::Reject,
        }
    }
}

impl Books {
    /// The books in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            control: Control::new(connection, table),
            known: Mutex::default(),
        }
    }

    /// The book that is valid now, as decided at least a minute ago.
    pub async fn active(&self, now: Timestamp) -> Result<Arc<Book>, StoreError> {
        self.valid_at(now, now).await
    }

    /// The book by which what happened at `instant` is judged.
    pub async fn valid_at(
        &self,
        instant: Timestamp,
        now: Timestamp,
    ) -> Result<Arc<Book>, StoreError> {
        let mut known = self.known.lock().await;
        let is_fresh = |at: &Timestamp| now.duration_since(*at) < FRESH;
        if !known.timeline.as_ref().is_some_and(|(at, _)| is_fresh(at)) {
            known.timeline = Some((now, self.timeline().await?));
        }
        let timeline = known.timeline.as_ref().map(|(_, timeline)| timeline);
        let decision = timeline.and_then(|timeline| timeline.at(instant));
        let version = decision.map(|decision| decision.version.clone());
        let version = version.ok_or_else(none_valid)?;
        if let Some(book) = known.versions.get(&version) {
            return Ok(Arc::clone(book));
        }
        let text = self.text(&version).await?.ok_or_else(none_valid)?;
        let book = Book::parse(&text).map_err(|bad| StoreError::unreadable(&version, bad))?;
        let book = Arc::new(book);
        known.versions.insert(version, Arc::clone(&book));
        Ok(book)
    }

    /// Every decision about which version is valid.
    pub async fn timeline(&self) -> Result<Timeline, StoreError> {
        let item = self.control.get(PK, "timeline").await?;
        Ok(item.as_ref().map(document).transpose()?.unwrap_or_default())
    }

    /// The text of a version; none when it was never published.
    pub async fn text(&self, version: &str) -> Result<Option<String>, StoreError> {
        let item = self.control.get(&text_key(version), "text").await?;
        Ok(item.and_then(|item| get_text(&item, "content").map(str::to_owned)))
    }

    /// Keeps a checked book under its version. What is kept never changes: who publishes the same
    /// text again learns that it is there, and remains whoever they are.
    pub async fn publish(
        &self,
        content: &str,
        author: &str,
        note: &str,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let book = Book::parse(content).map_err(|bad| StoreError::unreadable("book", bad))?;
        let mut item = key(text_key(&book.version), "text");
        item.insert("content".to_owned(), text(content));
        self.control.put_new(item).await?;
        let mut item = key(PK, format!("v#{}", book.version));
        item.insert("author".to_owned(), text(author));
        item.insert("note".to_owned(), text(note));
        item.insert("published_at".to_owned(), text(now.to_string()));
        self.control.put_new(item).await?;
        Ok(book.version)
    }

    /// Notes that somebody agrees to a version.
    pub async fn approve(
        &self,
        version: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<PublishedBook, BookRefusal> {
        let mut published = self.published(version).await?;
        if same_person(&published.author, by) {
            return Err(BookRefusal::OwnWork(version.to_owned()));
        }
        let mut item = key(PK, format!("approved#{version}#{by}"));
        item.insert("by".to_owned(), text(by));
        item.insert("at".to_owned(), text(now.to_string()));
        self.control.put_new(item).await?;
        published.approvers.insert(by.to_owned());
        Ok(published)
    }

    /// Decides that a version is valid from an instant on. Answers the decisions that count for
    /// nothing any more.
    pub async fn activate(
        &self,
        version: &str,
        from: Timestamp,
        by: &str,
        now: Timestamp,
    ) -> Result<Vec<Decision>, BookRefusal> {
        let published = self.published(version).await?;
        let needed = self.approvers_needed(version, now).await?;
        let given = u32::try_from(published.distinct_approvers()).unwrap_or(u32::MAX);
        if given < needed {
            let version = version.to_owned();
            return Err(BookRefusal::NotApproved {
                version,
                needed,
                given,
            });
        }
        self.decide(Decision {
            version: version.to_owned(),
            from,
            by: by.to_owned(),
            at: now,
            rolls_back: false,
        })
        .await
    }

    /// Decides that the version before the one that is valid now is valid from now on. It was
    /// approved when it came into force, so that one person can do it.
    pub async fn roll_back(&self, by: &str, now: Timestamp) -> Result<Decision, BookRefusal> {
        let timeline = self.timeline().await?;
        let before = timeline.before(now).ok_or(BookRefusal::NothingBefore)?;
        let decision = Decision {
            version: before.to_owned(),
            from: now,
            by: by.to_owned(),
            at: now,
            rolls_back: true,
        };
        self.decide(decision.clone()).await?;
        Ok(decision)
    }

    /// Every version that was published, the newest first.
    pub async fn versions(&self) -> Result<Vec<PublishedBook>, StoreError> {
        let items = self.control.all(PK).await?;
        let mut versions = Vec::new();
        let mut approvals: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for item in &items {
            let sort = get_text(item, "sk").unwrap_or_default();
            if let Some(version) = sort.strip_prefix("v#") {
                let said = |name| get_text(item, name).unwrap_or_default().to_owned();
                versions.push(PublishedBook {
                    version: version.to_owned(),
                    author: said("author"),
                    at: said("published_at").parse().unwrap_or_default(),
                    note: said("note"),
                    approvers: BTreeSet::new(),
                });
            } else if let Some(approval) = sort.strip_prefix("approved#")
                && let Some((version, by)) = approval.split_once('#')
            {
                let of_version = approvals.entry(version.to_owned()).or_default();
                of_version.insert(by.to_owned());
            }
        }
        for version in &mut versions {
            version.approvers = approvals.remove(&version.version).unwrap_or_default();
        }
        versions.sort_by_key(|version| std::cmp::Reverse(version.at));
        Ok(versions)
    }

    async fn published(&self, version: &str) -> Result<PublishedBook, BookRefusal> {
        let mut versions = self.versions().await?.into_iter();
        let it = versions.find(|published| published.version == version);
        it.ok_or_else(|| BookRefusal::Unknown(version.to_owned()))
    }

    /// As many as the book in force asks for; before the first one, as it asks for itself.
    async fn approvers_needed(&self, version: &str, now: Timestamp) -> Result<u32, BookRefusal> {
        let timeline = self.timeline().await?;
        let decides = timeline.at(now).map_or(version, |valid| &valid.version);
        let unknown = || BookRefusal::Unknown(decides.to_owned());
        let text = self.text(decides).await?.ok_or_else(unknown)?;
        let book = Book::parse(&text).map_err(|bad| StoreError::unreadable(decides, bad))?;
        Ok(book.approvals.book.approvers)
    }

    async fn decide(&self, decision: Decision) -> Result<Vec<Decision>, BookRefusal> {
        let change = |timeline: &mut Timeline| {
            let valid = timeline.at(decision.from);
            let is_valid = valid.is_some_and(|valid| valid.version == decision.version);
            let replaced: Vec<Decision> = timeline.replaced_by(decision.from).cloned().collect();
            if is_valid && replaced.iter().all(|r| r.version == decision.version) {
                return None;
            }
            timeline.decisions.push(decision.clone());
            Some(replaced)
        };
        let said = self.control.change(PK, "timeline", change).await?;
        let replaced = said.ok_or(BookRefusal::Overtaken)?;
        let replaced = replaced.ok_or_else(|| BookRefusal::ValidAlready(decision.version.clone()));
        self.known.lock().await.timeline = None;
        replaced
    }
}

fn text_key(version: &str) -> String {
    format!("book#{version}")
}

fn none_valid() -> StoreError {
    StoreError::Missing {
        what: "the active book".to_owned(),
        fix: "publish one, have it approved and activate it: tenon book publish FOLDER",
    }
}
