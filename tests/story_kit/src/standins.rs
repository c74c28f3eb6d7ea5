//! The CRMs and PSAs of a story, each behind a proxy that counts and loses calls.

mod answers;
mod vendors;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::Clock as _;
use cli::standin::connectwise::ConnectWise;
use cli::standin::hubspot::HubSpot;
use domain::book::Book;
use tests::fault_proxy::FaultProxy;

use crate::cloud::{Cloud, StoryClock};
use crate::format::{Change, Story};
use answers::Answers;

/// What HubSpot signs with, in every story.
pub const CLIENT_SECRET: &str = "story-hubspot-client-secret";
/// What ConnectWise signs with.
pub const SIGNING_KEY: &str = "story-connectwise-signing-key";
const ACCESS_TOKEN: &str = "story-hubspot-access-token";
const CLIENT_ID: &str = "story-connectwise-client-id";

/// A stand-in that cannot be made, or has no such record.
#[derive(Debug, thiserror::Error)]
pub enum StandinError {
    /// No port.
    #[error("a stand-in found no port on this machine; end some servers and try again")]
    NoPort(#[from] std::io::Error),
    /// The story names a list that is not there.
    #[error("{source_name} has no list {list:?} here: there are {known}")]
    NoList {
        /// The source.
        source_name: String,
        /// What the story calls it.
        list: String,
        /// Those there are.
        known: &'static str,
    },
    /// The story names a record that is not there, or not as it must be named.
    #[error("{record:?} is no record of {source_name}: {problem}")]
    NoRecord {
        /// The source.
        source_name: String,
        /// What the story says.
        record: String,
        /// What is wrong.
        problem: String,
    },
}

/// A message that a source is about to send.
#[derive(Debug, Clone)]
pub struct Telling {
    /// The source.
    pub source: String,
    /// Its body.
    pub body: String,
}

/// All stand-ins of a story.
pub struct Standins {
    clock: Arc<StoryClock>,
    hubspot: HubSpot,
    connectwise: ConnectWise,
    others: BTreeMap<String, Answers>,
    /// By source.
    proxies: BTreeMap<String, FaultProxy>,
    /// By source.
    urls: BTreeMap<String, String>,
}

impl Standins {
    /// Starts a stand-in for every source that the book or the story names, and puts its secret.
    ///
    /// # Errors
    /// When one cannot be started, or the story has records that it cannot have.
    pub async fn open(story: &Story, book: &Book, cloud: &Cloud) -> Result<Self, StandinError> {
        let clock = cloud.clock();
        let account = |source: &str| {
            let crms = book.crm.iter().map(|crm| (&crm.source, &crm.account));
            let psas = book.psa.iter().map(|psa| (&psa.source, &psa.account));
            let mut all = crms.chain(psas);
            all.find_map(|(its, account)| (its == source).then(|| account.clone()))
        };
        let portal = account("hubspot").and_then(|account| account.parse().ok());
        let company = account("connectwise").unwrap_or_else(|| "Cobalt".to_owned());
        let shown = Arc::clone(&clock);
        let mut standins = Self {
            hubspot: HubSpot::with_clock(
                portal.unwrap_or(48_807_704),
                ACCESS_TOKEN,
                Arc::new(move || shown.now()),
            ),
            connectwise: ConnectWise::new(&company, CLIENT_ID, SIGNING_KEY),
            clock,
            others: BTreeMap::new(),
            proxies: BTreeMap::new(),
            urls: BTreeMap::new(),
        };
        let shown = Arc::clone(&standins.clock);
        let clock = Arc::new(move || shown.now());
        standins.connectwise.set_clock(clock);
        let url = standins.hubspot.serve().await?;
        standins.behind("hubspot", &url).await;
        let url = standins.connectwise.serve().await?;
        standins.behind("connectwise", &url).await;
        for entry in &sources::ENTRIES {
            let named = story.standins.contains_key(entry.name) || account(entry.name).is_some();
            if named && !standins.urls.contains_key(entry.name) {
                let answers = Answers::default();
                let url = answers.serve().await?;
                standins.behind(entry.name, &url).await;
                standins.others.insert(entry.name.to_owned(), answers);
            }
        }
        standins.fill(story)?;
        standins.put_secrets(story, cloud, &company);
        Ok(standins)
    }

    async fn behind(&mut self, source: &str, standin: &str) {
        let (proxy, url) = FaultProxy::start(standin, "").await;
        self.proxies.insert(source.to_owned(), proxy);
        self.urls.insert(source.to_owned(), url);
    }

    fn put_secrets(&self, story: &Story, cloud: &Cloud, company: &str) {
        let hubspot =
            serde_json::json!({"client_secrets": [CLIENT_SECRET], "access_token": ACCESS_TOKEN});
        let connectwise = serde_json::json!({
            "company_id": company, "public_key": "story-public", "private_key": "story-private",
            "client_id": CLIENT_ID, "signing_keys": {self.connectwise.key_url(): SIGNING_KEY},
        });
        cloud.put_secret("tenon/story/hubspot", &hubspot.to_string());
        cloud.put_secret("tenon/story/connectwise", &connectwise.to_string());
        for (source, secret) in &story.secrets {
            cloud.put_secret(&format!("tenon/story/{source}"), &secret.content());
        }
    }

    fn fill(&self, story: &Story) -> Result<(), StandinError> {
        for (source, lists) in &story.standins {
            for (list, records) in lists {
                for (id, record) in records {
                    self.put(source, list, id, record)?;
                }
            }
        }
        // What belongs to a deal is there now, in whatever order it was written.
        story
            .standins
            .get("hubspot")
            .map_or(Ok(()), |lists| self.associate(lists))
    }

    /// The address of a source's stand-in.
    #[must_use]
    pub fn url(&self, source: &str) -> Option<&str> {
        self.urls.get(source).map(String::as_str)
    }

    /// The proxy before a source.
    #[must_use]
    pub fn proxy(&self, source: &str) -> Option<&FaultProxy> {
        self.proxies.get(source)
    }

    /// The messages that tell of what changed through the source's own API since the last time.
    #[must_use]
    pub fn echoes(&self) -> Vec<Telling> {
        let told = |body| Telling {
            source: "hubspot".to_owned(),
            body,
        };
        self.hubspot.take_echoes().into_iter().map(told).collect()
    }

    /// Somebody changes a record; gives the messages that tell of it.
    ///
    /// # Errors
    /// When there is no such record.
    pub fn change(&self, change: &Change) -> Result<Vec<Telling>, StandinError> {
        let (list, id) = change
            .record
            .split_once('/')
            .ok_or_else(|| StandinError::NoRecord {
                source_name: change.source.clone(),
                record: change.record.clone(),
                problem: "write LIST/ID, for example deals/16024871101".to_owned(),
            })?;
        let told = match change.source.as_str() {
            "hubspot" => self.change_hubspot(list, id, change)?,
            "connectwise" => self.change_connectwise(list, id, change)?,
            source => {
                self.put(source, list, id, &change.set)?;
                Vec::new()
            }
        };
        Ok(match change.tell {
            true => told,
            false => Vec::new(),
        })
    }
}
