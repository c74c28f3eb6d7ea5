//! One account: enter, ask, sort the answer, and leave it alone when it says so.

use std::time::Duration;

use aws::{Account, Allowed, Asking, Chain, Entry, Leave, StoreError};
use jiff::{SignedDuration, Timestamp};
use source_api::{Answered, SendError};
use sources::ApiRequest;
use sources::access::Access;
use sources::facts::Facts;
use tracing::{info, warn};

use crate::{NotAsked, SourceAccounts};

/// For how long a source is left alone that does not say for how long.
const REST: SignedDuration = SignedDuration::from_secs(60);

/// A source that says a longer time than this does not mean it.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(24);

/// For how long, when what it allows is used up and it does not say until when.
const USED_UP: SignedDuration = SignedDuration::from_mins(15);

/// A short wait for the budget costs less than another run.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is sent along. It has no `Debug`: it holds a secret.
pub struct Header {
    pub headers: Vec<(String, String)>,
    /// The short-lived token in it.
    pub token: Option<String>,
}

/// One account of a source, for one purpose.
pub struct SourceAccount<'a> {
    pub(crate) all: &'a SourceAccounts,
    pub(crate) facts: &'a Facts,
    pub(crate) account: Account,
    pub(crate) purpose: String,
    pub(crate) allowed: Allowed,
    pub(crate) access: Access,
}

impl SourceAccount<'_> {
    /// The API's address.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.access.base_url
    }

    /// Asks. The answer may have any status that is about the request itself, such as 404.
    ///
    /// # Errors
    /// When there is no such answer; the error says whether and when to ask again.
    pub async fn ask(&self, request: &ApiRequest) -> Result<Answered, NotAsked> {
        let mut answers = self.ask_all(std::slice::from_ref(request)).await?;
        answers.pop().ok_or(NotAsked::Later {
            until: self.all.clock.now(),
        })
    }

    /// Asks several things, one after the other and with one leave for all: half of them are of no
    /// use.
    ///
    /// # Errors
    /// When one of them has no answer that can be used.
    pub async fn ask_all(&self, requests: &[ApiRequest]) -> Result<Vec<Answered>, NotAsked> {
        let count = requests.len() + usize::from(self.wants_token().await);
        let leave = self.enter(u32::try_from(count).unwrap_or(u32::MAX)).await?;
        let asked = self.send_all(requests).await;
        // After no answer the request may still run there: its place ends by itself.
        if !matches!(asked, Err(NotAsked::NoAnswer { .. })) {
            self.leave(&leave).await;
        }
        if asked.is_ok() && leave.was_refused {
            self.accepted(&leave).await?;
        }
        asked
    }

    async fn send_all(&self, requests: &[ApiRequest]) -> Result<Vec<Answered>, NotAsked> {
        let mut header = self.header().await?;
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            let mut answered = self.send(request, &header).await?;
            if answered.answer.status == 401
                && let Some(token) = &header.token
            {
                // It may have been taken back before its time: that is found out once.
                self.forget(token).await;
                header = self.header().await?;
                answered = self.send(request, &header).await?;
            }
            answers.push(self.sorted(answered).await?);
        }
        Ok(answers)
    }

    async fn send(&self, request: &ApiRequest, header: &Header) -> Result<Answered, NotAsked> {
        let sent = self
            .all
            .api
            .ask(&self.access.base_url, &header.headers, request);
        match sent.await {
            Ok(answered) => Ok(answered),
            Err(failure) => Err(self.no_answer(failure).await?),
        }
    }

    /// No connection, or no answer in time: nobody asks for a while.
    pub(crate) async fn no_answer(&self, failure: SendError) -> Result<NotAsked, StoreError> {
        match failure {
            SendError::TooLarge => Ok(NotAsked::TooLarge),
            SendError::NotARequest(_) => Ok(NotAsked::NotARequest(failure)),
            SendError::NoAnswer(_) => {
                info!(source = %self.account.source, error = %Chain(&failure), "source is asked later");
                let until = self.close_for(REST).await?;
                Ok(NotAsked::NoAnswer { until })
            }
        }
    }

    async fn sorted(&self, answered: Answered) -> Result<Answered, NotAsked> {
        let answer = &answered.answer;
        let used_up = self.facts.api.as_ref();
        let used_up = used_up.and_then(|api| api.used_up.as_deref());
        match answer.status {
            403 if used_up.is_some_and(|word| answer.body.contains(word)) => {
                Err(self.close(USED_UP).await?)
            }
            status @ (401 | 403) => Err(self.refused(format!("HTTP {status}")).await?),
            // Of a gateway too: it is not about this request.
            429 | 502..=504 => Err(self.close(rest(&answered)).await?),
            status @ (408 | 500..=599) => Err(NotAsked::Trouble { status }),
            _ => Ok(answered),
        }
    }

    pub(crate) async fn close(&self, rest: SignedDuration) -> Result<NotAsked, StoreError> {
        let until = self.close_for(rest).await?;
        Ok(NotAsked::Busy { until })
    }

    /// Nobody asks this account for so long, neither here nor in another function.
    async fn close_for(&self, rest: SignedDuration) -> Result<Timestamp, StoreError> {
        let until = self.all.later(rest.min(LONGEST_REST));
        self.all.gate.close(&self.account, until).await?;
        Ok(until)
    }

    /// Takes leave for some requests, and waits a little for it.
    async fn enter(&self, requests: u32) -> Result<Leave, NotAsked> {
        let asking = Asking {
            purpose: &self.purpose,
            allowed: &self.allowed,
            requests,
        };
        let until = match self.all.gate.enter(&self.account, &asking).await? {
            Entry::In(leave) => return Ok(leave),
            Entry::Later(until) => until,
        };
        let wait = until.duration_since(self.all.clock.now());
        let wait = Duration::try_from(wait).unwrap_or_default();
        if wait > PATIENCE {
            return Err(NotAsked::Later { until });
        }
        tokio::time::sleep(wait).await;
        match self.all.gate.enter(&self.account, &asking).await? {
            Entry::In(leave) => Ok(leave),
            Entry::Later(until) => Err(NotAsked::Later { until }),
        }
    }

    async fn leave(&self, leave: &Leave) {
        if let Err(failure) = self.all.gate.leave(&self.account, leave).await {
            warn!(error = %Chain(&failure), "place not given back; it ends by itself");
        }
    }
}

/// For how long the source asks to be left alone.
pub(crate) fn rest(answered: &Answered) -> SignedDuration {
    let said = answered.retry_after();
    let said = said.and_then(|said| SignedDuration::try_from(said).ok());
    said.unwrap_or(REST)
}

/// The time from which on somebody may be asked again who was left alone, for a message that waits.
#[must_use]
pub fn wait(until: Timestamp, now: Timestamp) -> Duration {
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    // A queue counts whole seconds, and none would come back before its time.
    Duration::from_secs(wait.as_secs().saturating_add(1))
}
