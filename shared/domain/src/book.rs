//! The book: everything the firm configures, as data.

mod accounts;

use std::collections::BTreeMap;

use nonempty::NonEmpty;
use serde::Deserialize;

use crate::Fingerprint;
use crate::policy::TimePolicies;

pub use accounts::{Crm, CrmProperties, Psa};

/// One version of everything the firm configures. Unknown keys are refused, so that a typing
/// error is an error and not a silent default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    /// The selling companies, by a short key.
    pub entities: BTreeMap<String, Entity>,
    /// What is sold.
    pub services: Vec<Service>,
    /// Who works.
    pub employees: Vec<Employee>,
    /// The CRM's words for payment terms → external id of the term in Odoo.
    pub payment_terms: BTreeMap<String, String>,
    /// How deals are read, one for each account of a CRM.
    pub crm: NonEmpty<Crm>,
    /// How projects and time are read, one for each account of a PSA.
    pub psa: NonEmpty<Psa>,
    /// Who decides about fields that were changed after posting.
    #[serde(default)]
    pub policies: Policies,
    /// Digest of the text it was read from: the version that every outcome names.
    #[serde(skip, default)]
    pub version: String,
}

/// Who decides about the fields of posted records.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policies {
    /// Of timesheet lines.
    pub time_entry: TimePolicies,
}

/// A selling company.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Its name in the CRM's legal-entity property.
    pub crm_name: String,
    /// Its `res.company` id in Odoo.
    pub odoo_company: i64,
    /// ISO 4217 code of its books.
    pub currency: String,
    /// IANA name of the zone that decides its dates.
    pub zone: String,
}

/// Something that is sold: a role by the hour, or a fixed fee.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The book's own name for it.
    pub key: String,
    /// External id of the product in Odoo.
    pub product: String,
    /// The CRM's product code.
    pub sku: String,
    /// How it is billed.
    pub billing: ServiceBilling,
    /// The PSA's work roles that are billed as this service.
    #[serde(default)]
    pub work_roles: Vec<String>,
}

/// How a service is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceBilling {
    /// By approved hours.
    TimeAndMaterials,
    /// One line per instalment, each with a due date.
    FixedFee,
}

/// Somebody who works.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Employee {
    /// The member's identifier in the PSA.
    pub psa_member: String,
    /// The account of the PSA that calls them so, where several have members.
    #[serde(default)]
    pub psa_account: Option<String>,
    /// External id of the employee in Odoo.
    pub odoo: String,
}

/// A book that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// Not TOML, an unknown key, or a missing one; the message names line and key.
    #[error("the book cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// Two entries claim the same word.
    #[error("the book names {what} {name:?} twice: keep one of them")]
    Twice {
        /// Which list.
        what: &'static str,
        /// The word.
        name: String,
    },
    /// A zone that does not exist.
    #[error(
        "entities.{entity}.zone: {zone:?} is no IANA time zone: write, for example, Europe/Brussels"
    )]
    NoZone {
        /// The entity's key.
        entity: String,
        /// What is written.
        zone: String,
    },
    /// A zone of the PSA that does not exist.
    #[error("psa.zone: {zone:?} is no IANA time zone: write, for example, Europe/Brussels")]
    NoPsaZone {
        /// What is written.
        zone: String,
    },
    /// Nobody knows which CRM's deals the projects of a PSA name.
    #[error(
        "psa.crm_account of {psa:?}: write the account of the [[crm]] whose deals its projects name, one of {accounts}"
    )]
    NoCrmOfPsa {
        /// The PSA's account.
        psa: String,
        /// The accounts there are.
        accounts: String,
    },
    /// An employee of a PSA that is not there.
    #[error("employees.psa_account: {account:?} is the account of no [[psa]]")]
    NoPsaOfEmployee {
        /// What is written.
        account: String,
    },
}

impl Book {
    /// Reads and checks a book.
    pub fn parse(text: &str) -> Result<Self, BookError> {
        let mut book: Self = toml::from_str(text)?;
        book.version = Fingerprint::of(text).as_str().chars().take(12).collect();
        once("service", book.services.iter().map(|s| s.key.clone()))?;
        once("sku", book.services.iter().map(|s| s.sku.clone()))?;
        once(
            "work role",
            book.services.iter().flat_map(|s| s.work_roles.clone()),
        )?;
        let member = |e: &Employee| match &e.psa_account {
            Some(account) => format!("{} of {account}", e.psa_member),
            None => e.psa_member.clone(),
        };
        once("PSA member", book.employees.iter().map(member))?;
        once(
            "legal entity",
            book.entities.values().map(|e| e.crm_name.clone()),
        )?;
        for (key, entity) in &book.entities {
            if jiff::tz::TimeZone::get(&entity.zone).is_err() {
                let zone = entity.zone.clone();
                return Err(BookError::NoZone {
                    entity: key.clone(),
                    zone,
                });
            }
        }
        book.accounts_fit()?;
        Ok(book)
    }

    /// The selling company with this name in the CRM.
    pub fn entity(&self, crm_name: &str) -> Option<&Entity> {
        self.entities
            .values()
            .find(|entity| entity.crm_name == crm_name)
    }

    /// The service with this product code in the CRM.
    pub fn service_by_sku(&self, sku: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.sku == sku)
    }

    /// The service that this work role is billed as.
    pub fn service_by_role(&self, role: &str) -> Option<&Service> {
        self.services
            .iter()
            .find(|service| service.work_roles.iter().any(|r| r == role))
    }

    /// The external id in Odoo of the employee whom this account of a PSA calls so.
    pub fn employee(&self, psa_account: &str, member: &str) -> Option<&str> {
        let called_so = || self.employees.iter().filter(|e| e.psa_member == member);
        let of_account = called_so().find(|e| e.psa_account.as_deref() == Some(psa_account));
        let employee = of_account.or_else(|| called_so().find(|e| e.psa_account.is_none()));
        employee.map(|e| e.odoo.as_str())
    }
}

fn once(what: &'static str, names: impl Iterator<Item = String>) -> Result<(), BookError> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name.clone()) {
            return Err(BookError::Twice { what, name });
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const TEXT: &str = include_str!("../../../infra/books/demo/book.toml");

    /// The book of the demo, which the rules' own tests judge by.
    pub(crate) fn demo() -> Book {
        Book::parse(TEXT).unwrap()
    }

    #[test]
    fn the_demo_book_is_accepted_and_its_version_follows_its_text() {
        let other = Book::parse(&format!("{TEXT}\n# a remark")).unwrap();
        assert_ne!(demo().version, other.version);
    }

    #[test]
    fn mistakes_are_named() {
        let refuse = |from: &str, to: &str| {
            assert!(TEXT.contains(from), "{from}");
            Book::parse(&TEXT.replacen(from, to, 1))
                .unwrap_err()
                .to_string()
        };
        assert!(refuse("odoo_company", "odoo_compny").contains("odoo_compny"));
        assert!(refuse("America/New_York", "America/Newyork").contains("entities.us.zone"));
        assert!(
            refuse("zone = \"America/New_York\"\ndeal", "zone = \"X\"\ndeal").contains("psa.zone")
        );
        let twice = refuse("sku = \"SVC-ARCH\"", "sku = \"SVC-SENIOR\"");
        assert!(twice.contains("sku \"SVC-SENIOR\" twice"), "{twice}");
    }
}
