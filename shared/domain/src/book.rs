//! The book: everything the firm configures, as data.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::Fingerprint;
use crate::event::Approval;
use crate::policy::TimePolicies;

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
    /// How deals are read.
    pub crm: Crm,
    /// How projects and time are read.
    pub psa: Psa,
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
    /// External id of the employee in Odoo.
    pub odoo: String,
}

/// How deals are read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crm {
    /// The source's name, for example `hubspot`.
    pub source: String,
    /// Its account.
    pub account: String,
    /// The first day whose changes are pulled (`YYYY-MM-DD`); without it, those since the source was
    /// first asked. Another day pulls everything since then once more.
    #[serde(default)]
    pub pulled_from: Option<Date>,
    /// The stage ids that mean won.
    pub won_stages: Vec<String>,
    /// Which custom properties carry what.
    pub properties: CrmProperties,
}

/// The custom properties of a deal, by the firm's own names for them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrmProperties {
    /// Read: the selling company.
    pub legal_entity: String,
    /// Read: payment terms.
    pub payment_terms: String,
    /// Read: the customer's purchase order number.
    pub purchase_order: String,
    /// Read: the day of the signature (`YYYY-MM-DD`).
    pub signed_on: String,
    /// Read, on the company: tax identification number.
    pub vat: String,
    /// Written: the number of the invoice that changed last.
    pub invoice_number: String,
    /// Written: its payment state.
    pub invoice_status: String,
    /// Written: its total with tax.
    pub invoice_total: String,
    /// Written: what is still to be paid.
    pub invoice_open: String,
}

impl CrmProperties {
    /// Whether we write this property ourselves: a change of it is our own echo.
    pub fn is_ours(&self, property: &str) -> bool {
        [
            &self.invoice_number,
            &self.invoice_status,
            &self.invoice_total,
            &self.invoice_open,
        ]
        .iter()
        .any(|ours| *ours == property)
    }
}

/// How projects and time are read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Psa {
    /// The source's name, for example `connectwise`.
    pub source: String,
    /// Its account: the company id that its messages carry.
    pub account: String,
    /// The first day whose changes are pulled (`YYYY-MM-DD`); without it, those since the source was
    /// first asked. Another day pulls everything since then once more.
    #[serde(default)]
    pub pulled_from: Option<Date>,
    /// The caption of the project's custom field that holds the CRM's deal id.
    pub deal_id_field: String,
    /// IANA name of the zone that decides the day of work whose beginning the source sends in
    /// UTC; without it the day is read in UTC.
    #[serde(default)]
    pub zone: Option<String>,
    /// The source's own status words → approval. A word that is not here is for review, never
    /// approved.
    pub approval: BTreeMap<String, Approval>,
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
}

impl Book {
    /// Reads and checks a book.
    pub fn parse(text: &str) -> Result<Self, BookError> {
        let mut book: Self = toml::from_str(text)?;
        book.version = Fingerprint::of(text).as_str().chars().take(12).collect();
        once("service", book.services.iter().map(|s| &s.key))?;
        once("sku", book.services.iter().map(|s| &s.sku))?;
        once(
            "work role",
            book.services.iter().flat_map(|s| &s.work_roles),
        )?;
        once("PSA member", book.employees.iter().map(|e| &e.psa_member))?;
        once("legal entity", book.entities.values().map(|e| &e.crm_name))?;
        for (key, entity) in &book.entities {
            if jiff::tz::TimeZone::get(&entity.zone).is_err() {
                let zone = entity.zone.clone();
                return Err(BookError::NoZone {
                    entity: key.clone(),
                    zone,
                });
            }
        }
        if let Some(zone) = &book.psa.zone
            && jiff::tz::TimeZone::get(zone).is_err()
        {
            return Err(BookError::NoPsaZone { zone: zone.clone() });
        }
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

    /// The employee's external id in Odoo.
    pub fn employee(&self, member: &str) -> Option<&str> {
        self.employees
            .iter()
            .find(|e| e.psa_member == member)
            .map(|e| e.odoo.as_str())
    }
}

fn once<'a>(what: &'static str, names: impl Iterator<Item = &'a String>) -> Result<(), BookError> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(BookError::Twice {
                what,
                name: name.clone(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The book of the demo, which the rules' own tests judge by.
    pub(crate) fn demo() -> Book {
        Book::parse(include_str!("../../../infra/books/demo/book.toml")).unwrap()
    }

    #[test]
    fn the_demo_book_is_accepted_and_its_version_follows_its_text() {
        let text = include_str!("../../../infra/books/demo/book.toml");
        let other = Book::parse(&format!("{text}\n# a remark")).unwrap();
        assert_ne!(demo().version, other.version);
    }

    #[test]
    fn mistakes_are_named() {
        let text = include_str!("../../../infra/books/demo/book.toml");
        let refuse = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            Book::parse(&text.replacen(from, to, 1))
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
