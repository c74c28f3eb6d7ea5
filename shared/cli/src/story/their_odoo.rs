//! The Odoo in which the story is played: the API keys of its users, and whether it may be played
//! there.

use std::path::Path;

use domain::book::Book;
use odoo::ApiKey;
use odoo::doctor::{Keys, Patient, examine};
use serde_json::{Value, json};

use super::StoryError;
use super::eyes::Eyes;
use crate::odoo_keys::{KeysError, KeysFile};
use crate::stack::{ForeignOdoo, seed};

/// The API keys of the users that the functions and the demo act as.
#[derive(Clone)]
pub struct OdooKeys {
    /// Writes customers, orders and projects.
    pub master: String,
    /// Writes timesheets.
    pub work: String,
    /// Drafts and posts invoices.
    pub billing: String,
    /// Reads invoices.
    pub read: String,
    /// A person in finance: registers the payment.
    pub finance: String,
    /// Reads everything, to check what the others did.
    pub admin: String,
}

impl std::fmt::Debug for OdooKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OdooKeys")
    }
}

impl OdooKeys {
    /// Those of the Odoo that we start ourselves.
    #[must_use]
    pub fn seeded() -> Self {
        Self {
            master: seed::MASTER.key.to_owned(),
            work: seed::WORK.key.to_owned(),
            billing: seed::BILLING.key.to_owned(),
            read: seed::READ.key.to_owned(),
            finance: seed::FINANCE.key.to_owned(),
            admin: seed::ADMIN_KEY.to_owned(),
        }
    }

    /// Those of the service users, for an examination.
    #[must_use]
    pub fn of_services(&self) -> Keys {
        Keys {
            master: ApiKey::new(&self.master),
            work: ApiKey::new(&self.work),
            billing: ApiKey::new(&self.billing),
            read: ApiKey::new(&self.read),
        }
    }

    /// Those in a TOML file.
    ///
    /// # Errors
    /// When the file cannot be read, or lacks a key.
    pub fn read(file: &Path) -> Result<Self, KeysError> {
        let file = KeysFile::read(file)?;
        let key = |user| file.key(user).map(str::to_owned);
        Ok(Self {
            master: key("master")?,
            work: key("work")?,
            billing: key("billing")?,
            read: key("read")?,
            finance: key("finance")?,
            admin: key("admin")?,
        })
    }
}

/// Somebody else's Odoo, and what we may do there.
#[derive(Debug, Clone)]
pub struct TheirOdoo {
    /// Where it is.
    pub odoo: ForeignOdoo,
    /// With which keys.
    pub keys: OdooKeys,
    /// Write even if business is already done there.
    pub write_anyway: bool,
}

impl TheirOdoo {
    /// Refuses an Odoo in which the demo's records would stand among real ones. Whatever else is to
    /// be examined before the first write belongs here.
    ///
    /// # Errors
    /// When it does not answer, or has confirmed orders and nobody said to write anyway.
    pub async fn examine(&self) -> Result<(), StoryError> {
        self.is_fit().await?;
        let eyes = Eyes::new(&self.odoo.url, &self.odoo.database, &self.keys.admin)?;
        let confirmed = json!({"domain": [["state", "=", "sale"]]});
        let orders: Value = eyes.call("sale.order", "search_count", confirmed).await?;
        match orders.as_u64() {
            Some(0) => Ok(()),
            Some(_) if self.write_anyway => Ok(()),
            found => Err(StoryError::InBusiness {
                url: self.odoo.url.clone(),
                database: self.odoo.database.clone(),
                orders: found.unwrap_or_default(),
            }),
        }
    }

    /// What `tenon doctor` checks: the users, their rights, and what the demo's book names.
    async fn is_fit(&self) -> Result<(), StoryError> {
        let book = Book::parse(super::BOOK)?;
        let patient = Patient {
            url: self.odoo.url.clone(),
            database: self.odoo.database.clone(),
            keys: self.keys.of_services(),
            book: Some(&book),
            today: super::day::today(),
        };
        let examination = examine(&patient).await;
        let failures: Vec<String> = examination
            .failures()
            .map(|failure| format!("\n  {}: {}", failure.check, failure.found))
            .collect();
        match failures.is_empty() {
            true => Ok(()),
            false => Err(StoryError::Unfit(failures.concat())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keys_file_without_a_key_is_refused_without_quoting_it() {
        let file = std::env::temp_dir().join(format!("tenon-keys-{}.toml", std::process::id()));
        let all = "master='m'\nwork='w'\nbilling='b'\nread='r'\nfinance='f'\nadmin='very-secret'\n";
        std::fs::write(&file, all).unwrap();
        assert_eq!(OdooKeys::read(&file).unwrap().admin, "very-secret");
        for wrong in ["master", "surplus"] {
            std::fs::write(
                &file,
                all.replace(wrong, "x").replace("work='w'", "worker='w'"),
            )
            .unwrap();
            let error = OdooKeys::read(&file).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("very-secret"));
        }
        std::fs::remove_file(&file).unwrap();
    }
}
