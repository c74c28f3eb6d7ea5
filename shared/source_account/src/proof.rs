//! The headers that prove who we are; where the vendor wants a short-lived token, one that counts.

use aws::{Chain, Secret, StoreError};
use jiff::{SignedDuration, Timestamp};
use sources::access::{NoToken, Proof, Token, TokenRequest, bearer};
use sources::{SourceSecret, with_document};
use tracing::{info, warn};

use crate::account::{Header, rest};
use crate::{NotAsked, SourceAccount};

/// A token is replaced so long before its end: a request takes its time too.
const BEFORE_ITS_END: SignedDuration = SignedDuration::from_secs(60);

/// For how long a token is used whose end is not said. One that ends before is refused, and then
/// replaced.
const UNSAID: SignedDuration = SignedDuration::from_mins(15);

/// When to come back while somebody else replaces the long-lived token.
const WHILE_RENEWED: SignedDuration = SignedDuration::from_secs(5);

/// A short-lived token, and until when it is used.
pub struct Kept {
    text: String,
    until: Timestamp,
}

impl SourceAccount<'_> {
    /// The headers that prove who we are.
    pub(crate) async fn header(&self) -> Result<Header, NotAsked> {
        let request = match &self.access.proof {
            Proof::Headers(headers) => {
                return Ok(Header {
                    headers: headers.clone(),
                    token: None,
                });
            }
            Proof::Token(request) => request,
        };
        // Who else wants one waits here, and then takes the same.
        let mut tokens = self.all.tokens.lock().await;
        let now = self.all.clock.now();
        if let Some(kept) = tokens.get(&self.key())
            && now < kept.until
        {
            return Ok(header(&kept.text));
        }
        let token = match request.rotates {
            true => self.renewed().await?,
            false => self.token(request).await?,
        };
        let length = token.seconds.map(|seconds| {
            let seconds = SignedDuration::from_secs(i64::from(seconds));
            // A very short one is used for half of its time.
            (seconds - BEFORE_ITS_END).max(seconds / 2)
        });
        let kept = Kept {
            until: self.all.later(length.unwrap_or(UNSAID)),
            text: token.text,
        };
        let header = header(&kept.text);
        tokens.insert(self.key(), kept);
        Ok(header)
    }

    /// Whether a token has to be made first.
    pub(crate) async fn wants_token(&self) -> bool {
        let tokens = self.all.tokens.lock().await;
        let now = self.all.clock.now();
        let is_kept = tokens.get(&self.key()).is_some_and(|kept| now < kept.until);
        matches!(self.access.proof, Proof::Token(_)) && !is_kept
    }

    /// Forgets a token that was not accepted, unless another one has taken its place.
    pub(crate) async fn forget(&self, token: &str) {
        let mut tokens = self.all.tokens.lock().await;
        let is_it = |kept: &Kept| kept.text == token;
        if tokens.get(&self.key()).is_some_and(is_it) {
            tokens.remove(&self.key());
        }
    }

    fn key(&self) -> (String, String) {
        (self.account.source.clone(), self.account.account.clone())
    }

    async fn token(&self, request: &TokenRequest) -> Result<Token, NotAsked> {
        let answered = match self.all.api.token(request).await {
            Ok(answered) => answered,
            Err(failure) => return Err(self.no_answer(failure).await?),
        };
        match Token::read(&answered.answer) {
            Ok(token) => Ok(token),
            Err(NoToken::Busy { .. }) => Err(self.close(rest(&answered)).await?),
            Err(refused @ NoToken::Refused { .. }) => {
                Err(self.refused(refused.to_string()).await?)
            }
            Err(unreadable) => Err(unreadable.into()),
        }
    }

    /// Asks for a token with a long-lived one that each use replaces. One function at a time does,
    /// with the newest one, and writes the next one down before anybody uses the answer.
    async fn renewed(&self) -> Result<Token, NotAsked> {
        let gate = &self.all.gate;
        let Some(renewal) = gate.begin_renewal(&self.account).await? else {
            let until = self.all.later(WHILE_RENEWED);
            return Err(NotAsked::Later { until });
        };
        let token = self.renew().await;
        if let Err(failure) = gate.end_renewal(&self.account, &renewal).await {
            warn!(error = %Chain(&failure), "renewal not ended; it ends by itself");
        }
        token
    }

    async fn renew(&self) -> Result<Token, NotAsked> {
        let name = self.all.name_of_secret(self.facts);
        let read = self.all.secrets.read_now(&name).await?;
        let (text, version) = read.ok_or_else(|| NotAsked::NoSecret { name: name.clone() })?;
        let account = &self.account.account;
        let secret = SourceSecret::of_account(self.facts, account, text.reveal())?;
        let address = self.all.addresses.get(&self.facts.name);
        let address = address.map(String::as_str);
        let access = self.facts.access(&secret, address, self.all.clock.now())?;
        let Proof::Token(request) = access.proof else {
            // The description says so, whatever the secret says.
            let until = self.all.clock.now();
            return Err(NotAsked::Later { until });
        };
        let token = self.token(&request).await?;
        if let Some(next) = &token.refresh {
            self.keep(secret, next, &text, &version).await?;
        }
        Ok(token)
    }

    /// Writes the next long-lived token into the secret, unless a person has replaced that meanwhile.
    async fn keep(
        &self,
        secret: SourceSecret,
        next: &str,
        before: &Secret,
        version: &str,
    ) -> Result<(), StoreError> {
        let name = self.all.name_of_secret(self.facts);
        let own = secret.with_refresh_token(next.to_owned());
        let account = &self.account.account;
        let whole = own.and_then(|own| with_document(before.reveal(), account, own).ok());
        let Some(document) = whole.filter(|document| document != before.reveal()) else {
            return Ok(());
        };
        match self.all.secrets.put_after(&name, version, document).await? {
            true => info!(source = %self.account.source, "long-lived token replaced"),
            false => info!(source = %self.account.source, "somebody replaced the secret meanwhile"),
        }
        Ok(())
    }
}

fn header(token: &str) -> Header {
    Header {
        headers: vec![bearer(token)],
        token: Some(token.to_owned()),
    }
}
