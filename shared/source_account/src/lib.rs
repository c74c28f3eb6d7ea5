//! Asking the account of a CRM or PSA: with its secret, within the one budget of all functions, and
//! with people told once when it does not accept our access.
//!
//! Read in this order: [`SourceAccounts`] (what every account shares), `account` (one request),
//! `proof` (headers, or a token that is made first), `refusal` (what people are told).
//!
//! `source_api` sends and `aws` remembers; neither knows of the other. This crate is where both meet,
//! because `pull`, `validate` and `feedback` ask the same accounts and must leave them alone alike.

mod account;
mod error;
mod proof;
mod refusal;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::{
    Account, Allowance, Allowed, BadEnvironment, Clock, Connection, Environment, Exceptions,
    Secrets, SourceGate,
};
use jiff::Timestamp;
use source_api::SourceApi;
use sources::SourceSecret;
use sources::facts::Facts;
use sources::facts::api::{Limit, Requests};
use tokio::sync::Mutex;

pub use account::{SourceAccount, wait};
pub use error::NotAsked;
use proof::Kept;

/// Where the secrets, the budgets and the questions are.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Part of every secret's name.
    pub environment: String,
    /// The control table.
    pub control: String,
    /// The exceptions table.
    pub exceptions: String,
    /// Where a source is asked instead of at its vendor, by its name.
    pub addresses: BTreeMap<String, String>,
}

/// The accounts of CRM and PSA systems, as one function asks them.
pub struct SourceAccounts {
    environment: String,
    addresses: BTreeMap<String, String>,
    secrets: Secrets,
    gate: SourceGate,
    exceptions: Exceptions,
    api: SourceApi,
    clock: Arc<dyn Clock>,
    /// The short-lived tokens of this function, by source and account.
    tokens: Mutex<BTreeMap<(String, String), Kept>>,
}

/// What somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Pages of a list.
    Lists,
    /// Single records.
    Records,
}

impl Settings {
    /// Reads them. A source's own variable, for example `HUBSPOT_API_URL`, says where it is asked.
    ///
    /// # Errors
    /// When one is missing.
    pub fn read(environment: &Environment) -> Result<Self, BadEnvironment> {
        let named = |entry: &sources::Entry| {
            let variable = entry.name.to_uppercase().replace('-', "_");
            let url = environment.optional(&format!("{variable}_API_URL"))?;
            Some((entry.name.to_owned(), url))
        };
        Ok(Self {
            environment: environment.required("ENVIRONMENT")?,
            control: environment.required("CONTROL_TABLE")?,
            exceptions: environment.required("EXCEPTIONS_TABLE")?,
            addresses: sources::ENTRIES.iter().filter_map(named).collect(),
        })
    }
}

impl SourceAccounts {
    /// Over these tables.
    pub fn new(settings: &Settings, connection: &Connection, api: SourceApi) -> Self {
        Self {
            environment: settings.environment.clone(),
            addresses: settings.addresses.clone(),
            secrets: Secrets::new(connection),
            gate: SourceGate::new(connection, &settings.control),
            exceptions: Exceptions::new(connection, &settings.exceptions),
            api,
            clock: connection.clock(),
            tokens: Mutex::default(),
        }
    }

    /// An account, with its secret read. `purpose` says in plain words what it is asked for: what is
    /// refused for one purpose may go well for another.
    ///
    /// # Errors
    /// When there is no secret, or none that can be used.
    pub async fn open<'a>(
        &'a self,
        facts: &'a Facts,
        account: &str,
        purpose: &str,
        what: What,
    ) -> Result<SourceAccount<'a>, NotAsked> {
        let secret = self.secret_of(facts, account).await?;
        let address = self.addresses.get(&facts.name).map(String::as_str);
        let access = facts.access(&secret, address, self.clock.now())?;
        Ok(SourceAccount {
            all: self,
            facts,
            account: Account {
                source: facts.name.clone(),
                account: account.to_owned(),
            },
            purpose: purpose.to_owned(),
            allowed: allowed(facts, what),
            access,
        })
    }

    fn name_of_secret(&self, facts: &Facts) -> String {
        format!("tenon/{}/{}", self.environment, facts.name)
    }

    async fn secret_of(&self, facts: &Facts, account: &str) -> Result<SourceSecret, NotAsked> {
        let name = self.name_of_secret(facts);
        let text = self.secrets.get(&name, self.clock.now()).await?;
        let text = text.ok_or(NotAsked::NoSecret { name })?;
        Ok(SourceSecret::of_account(facts, account, text.reveal())?)
    }

    fn later(&self, wait: jiff::SignedDuration) -> Timestamp {
        let now = self.clock.now();
        now.checked_add(wait).unwrap_or(now)
    }
}

/// What the vendor allows for this kind of request, as far as its description knows.
fn allowed(facts: &Facts, what: What) -> Allowed {
    let mut allowed = Allowed::default();
    let api = facts.api.as_ref();
    for limit in api.map_or(&[][..], |api| api.limits.as_slice()) {
        match limit {
            Limit::Rate {
                requests,
                seconds,
                of,
                ..
            } => {
                let of = match (of, what) {
                    (Requests::All, _) => "",
                    (Requests::Lists, What::Lists) => "lists",
                    (Requests::Lists, What::Records) | (Requests::Reports, _) => continue,
                };
                allowed.rates.push(Allowance {
                    requests: *requests,
                    seconds: *seconds,
                    of: of.to_owned(),
                });
            }
            Limit::Concurrent { requests, .. } => {
                let fewer = allowed.at_once.map_or(*requests, |one| one.min(*requests));
                allowed.at_once = Some(fewer);
            }
        }
    }
    allowed
}
