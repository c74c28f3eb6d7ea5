//! The book: everything the firm configures, as data.

mod accounts;
mod analytic;
mod approvals;
mod bundle;
mod checks;
mod checks_odoo;
mod checks_psa;
mod contract;
mod customers;
mod diff;
mod flaw;
mod flows;
mod gaps;
mod people;
mod projects;
mod psa_create;
mod psa_of_deal;
mod rates;
mod taxes;
mod timeline;
mod turns;
mod units;

use std::collections::BTreeMap;

use nonempty::NonEmpty;
use serde::Deserialize;

use crate::Fingerprint;
use crate::policy::{CustomerOwnership, TimePolicies};

pub use accounts::{Crm, CrmProperties, NOBODY, Psa};
pub use analytic::{AnalyticPlan, CostCenter, CostCenterRule, PlanUse, Share};
pub use approvals::{Approvals, BookApproval};
pub use bundle::{bundle, files};
pub use contract::{
    ConfirmOn, ContractKind, ContractRule, ContractRules, Issuer, PurchaseOrderRule, WhenLocked,
};
pub use customers::Customers;
pub use diff::{BookDifference, diff, values};
pub use flaw::{BadBook, Flaw, Mistake, Place};
pub use flows::{Criticality, FlowPolicy, FlowRule, Length, Mode, Reconciliation, Trigger};
pub use gaps::GAP;
pub use people::{Person, Right, Role};
pub use projects::{NamedBy, ProjectMaker, ProjectState, PsaFields, PsaProjects, WithoutDeal};
pub use psa_create::{PsaBillingMethod, PsaCreate};
pub use rates::{RateCard, Scope};
pub use taxes::{NO_FISCAL_POSITION, TaxProfile};
pub use timeline::{Decision, Timeline};
pub use turns::{Schedule, Weekday};
pub use units::{LineUnit, ServiceUnit, Units};

/// The book of the demo firm, which the local world and the tests play with.
pub const DEMO: &str = concat!(
    "#: catalogue.toml\n",
    include_str!("../../../infra/books/demo/catalogue.toml"),
    "#: entities.toml\n",
    include_str!("../../../infra/books/demo/entities.toml"),
    "#: people.toml\n",
    include_str!("../../../infra/books/demo/people.toml"),
    "#: sources.toml\n",
    include_str!("../../../infra/books/demo/sources.toml"),
);

/// One version of everything the firm configures. Unknown keys are refused, so that a typing
/// error is an error and not a silent default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Book {
    /// The selling companies, by a short key.
    pub entities: BTreeMap<String, Entity>,
    /// What is sold.
    pub services: Vec<Service>,
    /// Who works.
    pub employees: Vec<Employee>,
    /// What work costs beside its project, by keys that employees and time entries name.
    #[serde(default)]
    pub cost_centers: Vec<CostCenter>,
    /// The analytic plans in Odoo that cost centres belong to.
    #[serde(default)]
    pub analytic_plans: Vec<AnalyticPlan>,
    /// The CRM's words for payment terms → external id of the term in Odoo.
    pub payment_terms: BTreeMap<String, String>,
    /// How deals are read, one for each account of a CRM.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Crm>"))]
    pub crm: NonEmpty<Crm>,
    /// How projects and time are read, one for each account of a PSA.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Psa>"))]
    pub psa: NonEmpty<Psa>,
    /// Who decides about fields that were changed after posting.
    #[serde(default)]
    pub policies: Policies,
    /// What holds for contracts, by entity, customer and kind.
    #[serde(default)]
    pub contracts: Vec<ContractRule>,
    /// What hours cost the customer, from one day to another. A service without any has the price of
    /// the deal.
    #[serde(default)]
    pub rate_cards: Vec<RateCard>,
    /// What units are called in Odoo, and how long a day is.
    #[serde(default)]
    pub units: Units,
    /// What tax a service has for a customer. With any, a contract without one is incomplete.
    #[serde(default)]
    pub tax_profiles: Vec<TaxProfile>,
    /// When each flow goes to Odoo, and how far.
    #[serde(default)]
    pub flows: Vec<FlowRule>,
    /// Which system owns which field.
    #[serde(default)]
    pub ownership: Ownership,
    /// How a customer is found that is in Odoo already.
    #[serde(default)]
    pub customers: Customers,
    /// Who may do what in the console. Without any, whoever IAM lets use it may do everything.
    #[serde(default)]
    pub people: Vec<Person>,
    /// Whose agreement a decision needs.
    #[serde(default)]
    pub approvals: Approvals,
    /// Digest of the text it was read from: the version that every outcome names.
    #[serde(skip, default)]
    pub version: String,
}

/// Who decides about the fields of posted records.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Policies {
    /// Of timesheet lines.
    pub time_entry: TimePolicies,
}

/// Which system owns which field.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Ownership {
    /// Of a customer.
    pub customer: CustomerOwnership,
}

/// A selling company.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// What it is counted and priced in: `hour`, `day` or `unit`. Without it, what its product in Odoo
    /// is counted in; hours are then taken for hours.
    #[serde(default)]
    pub unit: Option<ServiceUnit>,
    /// The PSA's work roles that are billed as this service.
    #[serde(default)]
    pub work_roles: Vec<String>,
    /// The cost centres that earn its price, by their keys, with the share of each in percent as text:
    /// `{ CC10 = "60", CC20 = "40" }`. They are of one plan, and together 100.
    #[serde(default)]
    pub cost_centers: BTreeMap<String, Share>,
}

/// How a service is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ServiceBilling {
    /// By approved hours.
    TimeAndMaterials,
    /// One line per instalment, each with a due date.
    FixedFee,
    /// One line per milestone, each with the day on which it is to be reached.
    Milestone,
    /// Hours that are paid before they are worked.
    Retainer,
    /// Months of a service.
    Recurring,
}

impl ServiceBilling {
    /// Whether work in a role is logged on it.
    pub const fn takes_time(self) -> bool {
        matches!(self, Self::TimeAndMaterials | Self::Retainer)
    }
}

/// Somebody who works.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Employee {
    /// The member's identifier in the PSA.
    pub psa_member: String,
    /// The account of the PSA that calls them so, where several have members.
    #[serde(default)]
    pub psa_account: Option<String>,
    /// External id of the employee in Odoo.
    pub odoo: String,
    /// The key of the cost centre that the work counts for.
    #[serde(default)]
    pub cost_center: Option<String>,
}

impl Book {
    /// Reads and checks the text of a book: one file's, or a [`bundle`] of several. Whatever
    /// contradicts itself is told at once.
    pub fn parse(text: &str) -> Result<Self, BadBook> {
        let read: Result<Self, _> = toml::from_str(text);
        let mut book = read.map_err(|error| {
            let at = error.span().map(|span| span.start).unwrap_or_default();
            BadBook(Box::new(NonEmpty::new(Flaw {
                place: bundle::place(text, at),
                key: bundle::key_at(text, at),
                mistake: Mistake::Unreadable(error.message().to_owned()),
            })))
        })?;
        if let Some(gaps) = NonEmpty::from_vec(gaps::flaws(text)) {
            return Err(BadBook(Box::new(gaps)));
        }
        book.version = Fingerprint::of(text).as_str().chars().take(12).collect();
        let mut flaws = bundle::each_file_alone(text);
        flaws.extend(checks::flaws(&book, text));
        match NonEmpty::from_vec(flaws) {
            Some(flaws) => Err(BadBook(Box::new(flaws))),
            None => Ok(book),
        }
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
        let employee = self.who(psa_account, member);
        employee.map(|e| e.odoo.as_str())
    }

    /// The employee whom this account of a PSA calls so.
    pub fn who(&self, psa_account: &str, member: &str) -> Option<&Employee> {
        let called_so = || self.employees.iter().filter(|e| e.psa_member == member);
        let of_account = called_so().find(|e| e.psa_account.as_deref() == Some(psa_account));
        of_account.or_else(|| called_so().find(|e| e.psa_account.is_none()))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const TEXT: &str = super::DEMO;

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
    fn mistakes_are_named_with_file_line_key_and_fix() {
        let refuse = |from: &str, to: &str| {
            assert!(TEXT.contains(from), "{from}");
            let book = Book::parse(&TEXT.replacen(from, to, 1));
            book.unwrap_err().to_string()
        };
        let error = refuse("odoo_company", "odoo_compny");
        assert!(
            error.starts_with("entities.toml:8: entities.us.odoo_compny: unknown field"),
            "{error}"
        );
        assert!(
            error.ends_with("write one of the expected keys, or take it out"),
            "{error}"
        );
        let error = refuse("America/New_York", "America/Newyork");
        assert!(
            error.starts_with("entities.toml:10: entities.us.zone: "),
            "{error}"
        );
        let error = refuse("zone = \"America/New_York\"\ndeal", "zone = \"X\"\ndeal");
        assert!(error.starts_with("sources.toml:27: psa.zone: "), "{error}");
        let twice = refuse("sku = \"SVC-ARCH\"", "sku = \"SVC-SENIOR\"");
        let expected = "catalogue.toml:15: services.sku: the sku \"SVC-SENIOR\" is named twice; keep one of them";
        assert_eq!(twice, expected);
        let missing = refuse("crm_name = \"Northwind Consulting Inc\"\n", "");
        assert!(missing.starts_with("entities.toml:6: "), "{missing}");
        let kind = refuse("odoo_company = 1", "odoo_company = \"one\"");
        assert!(
            kind.starts_with("entities.toml:8: entities.us.odoo_company: "),
            "{kind}"
        );
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let text = TEXT
            .replace("America/New_York", "America/Newyork")
            .replace("SVC-ARCH", "SVC-SENIOR");
        let BadBook(flaws) = Book::parse(&text).unwrap_err();
        assert_eq!(flaws.len(), 3, "{flaws:?}");
    }

    #[test]
    fn what_two_files_both_say_is_found() {
        let text = format!("{TEXT}#: terms.toml\n[payment_terms]\n\"Net 60\" = \"x.y\"\n");
        let error = Book::parse(&text).unwrap_err().to_string();
        assert!(
            error.starts_with("terms.toml:1: payment_terms: duplicate key"),
            "{error}"
        );
    }
}
