//! What the accounts at the CRM and the PSA say for a first book.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use source_api::SourceApi;
use sources::access::{Access, Proof, Token, TokenRequest, bearer};
use sources::facts::survey::{Question, Topic};
use sources::survey::{Found, found, request};
use sources::{Source, SourceSecret};

use crate::commands::init_error::InitError;

/// A CRM or PSA, and what its account said.
pub struct System {
    pub source: &'static Source,
    /// By what was asked. What is not there was not asked, or not answered.
    pub said: BTreeMap<Topic, Vec<Found>>,
    /// What could not be asked, and why, in a sentence each.
    pub unanswered: Vec<String>,
}

impl System {
    /// One that nobody asked.
    pub const fn unasked(source: &'static Source) -> Self {
        Self {
            source,
            said: BTreeMap::new(),
            unanswered: Vec::new(),
        }
    }

    /// Asks the account that the secret in the file opens; `url` stands for the vendor's address.
    pub async fn asked(
        source: &'static Source,
        file: &Path,
        url: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, InitError> {
        let secret = read(source, file)?;
        let asker = Asker::new(source, &secret, url, now).await?;
        let mut system = Self::unasked(source);
        if let SourceSecret::ConnectWise(secret) = &secret {
            let id = secret.company_id.clone();
            let name = String::new();
            system.said.insert(Topic::Account, vec![Found { id, name }]);
        }
        for (topic, question) in &source.facts.survey {
            match asker.ask(question).await {
                Ok(found) => drop(system.said.insert(*topic, found)),
                Err(why) => {
                    let title = &source.facts.title;
                    let sentence = format!("{title} does not say {}: {why}", what(*topic));
                    system.unanswered.push(sentence);
                }
            }
        }
        Ok(system)
    }

    /// What was said about it; nothing when nobody was asked.
    pub fn said(&self, topic: Topic) -> &[Found] {
        self.said.get(&topic).map_or(&[], Vec::as_slice)
    }
}

/// What is asked for, as people call it.
const fn what(topic: Topic) -> &'static str {
    match topic {
        Topic::Account => "its account's id",
        Topic::WonStages => "which stages mean won",
        Topic::DealFields => "the properties of deals",
        Topic::Members => "its people",
        Topic::Roles => "its roles",
        Topic::ProjectFields => "the fields of projects",
        Topic::ProjectStatuses => "the states of projects",
    }
}

fn read(source: &Source, file: &Path) -> Result<SourceSecret, InitError> {
    let text = fs::read_to_string(file).map_err(|error| InitError::SecretUnreadable {
        file: file.to_owned(),
        source: error,
    })?;
    SourceSecret::parse(source, &text).map_err(|error| InitError::BadSecret {
        file: file.to_owned(),
        source: error,
    })
}

/// Asks with the headers of one account.
struct Asker {
    api: SourceApi,
    base_url: String,
    headers: Vec<(String, String)>,
}

impl Asker {
    async fn new(
        source: &Source,
        secret: &SourceSecret,
        url: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, InitError> {
        let api = SourceApi::new()?;
        let Access { base_url, proof } = source.facts.access(secret, url, now)?;
        let headers = match proof {
            Proof::Headers(headers) => headers,
            // The next token would be known here only, and the running system locked out.
            Proof::Token(TokenRequest { rotates: true, .. }) => {
                return Err(InitError::TokenIsUsedUp(source.facts.title.clone()));
            }
            Proof::Token(request) => {
                let answered = api.token(&request).await?;
                vec![bearer(&Token::read(&answered.answer)?.text)]
            }
        };
        Ok(Self {
            api,
            base_url,
            headers,
        })
    }

    /// The answer, or a sentence that says why there is none.
    async fn ask(&self, question: &Question) -> Result<Vec<Found>, String> {
        let request = request(question);
        let sent = self.api.ask(&self.base_url, &self.headers, &request).await;
        let answered = sent.map_err(|error| error.to_string())?;
        found(question, &answered.answer).map_err(|error| error.to_string())
    }
}
