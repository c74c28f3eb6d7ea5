//! How often the account of a source may be asked, by all functions together.
//!
//! One item per account in the control table counts the requests of each stretch of time that the
//! vendor limits and those that run now, and says until when the vendor asked to be left alone and
//! what for it refuses our access.

mod budget;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::control::Control;
use crate::{Clock, Connection, StoreError, Tokens, keys};

use crate::metrics::{emit, line};
pub use budget::{Allowance, Allowed, Asking, Entry, Leave, Refusal};
use budget::{Budget, Used};

/// When to come back after so many others were faster.
const REST: SignedDuration = SignedDuration::from_secs(1);

/// The budgets in the control table.
pub struct SourceGate {
    control: Control,
    clock: Arc<dyn Clock>,
    tokens: Arc<dyn Tokens>,
    has_metrics: bool,
}

/// One account of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The source's name.
    pub source: String,
    /// The account there.
    pub account: String,
}

/// Somebody replaces the proof of an account.
#[derive(Debug)]
pub struct Renewal(String);

impl SourceGate {
    /// The budgets in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            control: Control::new(connection, table),
            clock: connection.clock(),
            tokens: connection.tokens(),
            has_metrics: connection.has_metrics(),
        }
    }

    /// Takes leave for some requests, or answers when to ask again.
    pub async fn enter(&self, account: &Account, asking: &Asking<'_>) -> Result<Entry, StoreError> {
        let token = self.tokens.fresh();
        let entered = self
            .change(account, |budget, now| {
                let before = budget.clone();
                let entry = budget.enter(asking, &token, now);
                (entry, budget.ended_since(&before, asking.allowed))
            })
            .await?;
        let Some((entry, ended)) = entered else {
            let now = self.clock.now();
            return Ok(Entry::Later(now.checked_add(REST).unwrap_or(now)));
        };
        // Whoever begins the next stretch tells of the one before: nobody else does.
        for used in ended.iter().filter(|_| self.has_metrics) {
            tell(account, used);
        }
        Ok(entry)
    }

    /// Gives it back. A place that is not given back ends by itself.
    pub async fn leave(&self, account: &Account, leave: &Leave) -> Result<(), StoreError> {
        let Some(place) = &leave.place else {
            return Ok(());
        };
        let left = self.change(account, |budget, _| budget.leave(place));
        left.await.map(drop)
    }

    /// Nobody asks this account before then: the vendor said so, or it gives no answer.
    pub async fn close(&self, account: &Account, until: Timestamp) -> Result<(), StoreError> {
        let closed = self.change(account, |budget, _| budget.close(until));
        closed.await.map(drop)
    }

    /// Access was refused for this purpose.
    pub async fn refuse(&self, account: &Account, purpose: &str) -> Result<Refusal, StoreError> {
        let noted = self.change(account, |budget, now| budget.refuse(purpose, now));
        // Who was overtaken each time finds the account refused, too.
        let unnoted = || Budget::default().refuse(purpose, self.clock.now());
        Ok(noted.await?.unwrap_or_else(unnoted))
    }

    /// Access was given for this purpose. Answers whether it is refused for no other one.
    pub async fn accept(&self, account: &Account, purpose: &str) -> Result<bool, StoreError> {
        let all = self.change(account, |budget, now| budget.accept(purpose, now));
        Ok(all.await?.unwrap_or(false))
    }

    /// Begins to replace the account's proof. None while somebody else does.
    pub async fn begin_renewal(&self, account: &Account) -> Result<Option<Renewal>, StoreError> {
        let token = self.tokens.fresh();
        let begun = self
            .change(account, |budget, now| budget.begin_renewal(&token, now))
            .await?;
        Ok((begun == Some(true)).then_some(Renewal(token)))
    }

    /// The proof was replaced, or could not be.
    pub async fn end_renewal(
        &self,
        account: &Account,
        renewal: &Renewal,
    ) -> Result<(), StoreError> {
        let ended = self.change(account, |budget, _| budget.end_renewal(&renewal.0));
        ended.await.map(drop)
    }

    /// Changes what is noted, and answers what the change says; none when others were faster each
    /// time.
    async fn change<T>(
        &self,
        account: &Account,
        change: impl Fn(&mut Budget, Timestamp) -> T,
    ) -> Result<Option<T>, StoreError> {
        let pk = keys::source_gate(&account.source, &account.account);
        self.control
            .change(&pk, keys::GATE_STATE, |budget| {
                change(budget, self.clock.now())
            })
            .await
    }
}

/// What CloudWatch learns of a stretch of the vendor's time.
fn tell(account: &Account, used: &Used) {
    let about = [
        ("Source", account.source.as_str()),
        ("Account", account.account.as_str()),
        (
            "Requests",
            if used.of.is_empty() { "all" } else { &used.of },
        ),
    ];
    let values = [
        ("SourceRequests", "Count", u64::from(used.requests)),
        ("SourceBudgetUsed", "Percent", used.percent),
    ];
    emit(&line(&about, used.at, &values));
}
