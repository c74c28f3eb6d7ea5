//! Events that were lost between a source and us, and the lists that have to be read from the start
//! because of that.
//!
//! One item per account in the control table: the last number of each sequence of messages, and the
//! note that something was lost. Whoever finds a gap writes both at once, so that it is found once;
//! the note goes when every list was read since, and not when another loss was noted meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::control::Control;
use crate::item::{Item, document, get_text};
use crate::{Account, Connection, StoreError, keys};

/// The notes in the control table.
#[derive(Debug, Clone)]
pub struct Losses {
    control: Control,
}

/// Events that did not come, and what was not read from the start since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// It is the account's so-manieth: another loss has another number.
    pub number: u64,
    /// When it was noticed.
    pub at: Timestamp,
    /// How, in plain words.
    pub what: String,
    /// The lists that are to be read from the start.
    pub lists: BTreeSet<String>,
}

/// A loss that is not made up for yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLoss {
    /// Whose.
    pub account: Account,
    /// What was lost.
    pub loss: Loss,
}

/// What is noted of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Noted {
    /// The last number of each sequence.
    last: BTreeMap<String, u64>,
    /// How many losses there were.
    losses: u64,
    /// The newest one, until it is made up for.
    open: Option<Loss>,
}

impl Losses {
    /// The notes in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            control: Control::new(connection, table),
        }
    }

    /// The last number that came of a sequence.
    pub async fn last(&self, account: &Account, scope: &str) -> Result<Option<u64>, StoreError> {
        let noted = self.noted(account).await?;
        Ok(noted.and_then(|noted| noted.last.get(scope).copied()))
    }

    /// Notes that a number of a sequence came. Where it leaves one out, these lists are to be read from
    /// the start; answers whether it does. The first number of a sequence leaves nothing out, and one
    /// that came before changes nothing.
    pub async fn arrived(
        &self,
        account: &Account,
        (scope, number): (&str, u64),
        what: &str,
        lists: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self.change(account, |noted| {
            let last = noted.last.get(scope).copied();
            if last.is_some_and(|last| number <= last) {
                return false;
            }
            noted.last.insert(scope.to_owned(), number);
            let leaves_out = last.is_some_and(|last| number - last > 1);
            if leaves_out {
                noted.lose(what, lists, now);
            }
            leaves_out
        });
        changed.await
    }

    /// Notes that something was lost: these lists are to be read from the start.
    pub async fn lost(
        &self,
        account: &Account,
        what: &str,
        lists: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(account, |noted| noted.lose(what, lists, now))
            .await
    }

    /// The newest loss of an account that is not made up for.
    pub async fn of(&self, account: &Account) -> Result<Option<Loss>, StoreError> {
        Ok(self.noted(account).await?.and_then(|noted| noted.open))
    }

    /// A list was read from the start after this loss. One that was noted meanwhile stays.
    pub async fn made_up_for(
        &self,
        account: &Account,
        number: u64,
        list: &str,
    ) -> Result<(), StoreError> {
        let changed = self.change(account, |noted| {
            let open = noted.open.as_mut().filter(|loss| loss.number == number);
            if let Some(loss) = open {
                loss.lists.remove(list);
            }
            noted.open.take_if(|loss| loss.lists.is_empty());
        });
        changed.await
    }

    /// Every loss that is not made up for, by account.
    pub async fn all(&self) -> Result<Vec<AccountLoss>, StoreError> {
        let items = self.control.all(keys::LOSSES).await?;
        let mut all = Vec::new();
        for item in &items {
            let noted: Noted = document(item)?;
            if let (Some(account), Some(loss)) = (account_of(item), noted.open) {
                all.push(AccountLoss { account, loss });
            }
        }
        Ok(all)
    }

    async fn noted(&self, account: &Account) -> Result<Option<Noted>, StoreError> {
        let sk = keys::losses(&account.source, &account.account);
        let item = self.control.get(keys::LOSSES, &sk).await?;
        item.as_ref().map(document).transpose()
    }

    async fn change<T>(
        &self,
        account: &Account,
        change: impl Fn(&mut Noted) -> T,
    ) -> Result<T, StoreError> {
        let sk = keys::losses(&account.source, &account.account);
        let changed = self.control.change(keys::LOSSES, &sk, change).await?;
        changed.ok_or_else(|| StoreError::Lost {
            what: format!("the note of what {} lost", account.source),
        })
    }
}

impl Noted {
    fn lose(&mut self, what: &str, lists: &BTreeSet<String>, now: Timestamp) {
        if lists.is_empty() {
            return;
        }
        self.losses += 1;
        self.open = Some(Loss {
            number: self.losses,
            at: now,
            what: what.to_owned(),
            lists: lists.clone(),
        });
    }
}

fn account_of(item: &Item) -> Option<Account> {
    let (source, account) = get_text(item, "sk")?.split_once('#')?;
    Some(Account {
        source: source.to_owned(),
        account: account.to_owned(),
    })
}
