//! Facts as the sources report them, in our words; not yet judged.

use std::fmt;

mod assignment;
mod compared;
mod unposted;

pub use assignment::Assignment;
pub use unposted::{Expense, Person, Ticket, TimeOff};

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::customer::{Address, Hints};
use crate::{Reference, Version};

/// A fact from a CRM, a PSA or Odoo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// An opportunity with its commercial terms, as fetched.
    Deal(Box<Deal>),
    /// A project in a PSA.
    Project(Box<PsaProject>),
    /// Somebody's work on a project.
    TimeEntry(Box<TimeEntry>),
    /// Somebody's place on a project.
    Assignment(Box<Assignment>),
    /// A record that no longer exists in its source.
    Removed(Removed),
    /// An approval that its source took back.
    Withdrawn(Withdrawn),
    /// Money that somebody spent.
    Expense(Box<Expense>),
    /// Somebody who works.
    Person(Person),
    /// Days on which somebody does not work.
    TimeOff(TimeOff),
    /// A customer's request.
    Ticket(Ticket),
    /// An invoice as Odoo shows it now.
    InvoiceStatus(InvoiceStatus),
}

impl Event {
    /// What the fact is about.
    pub const fn reference(&self) -> &Reference {
        match self {
            Self::Deal(deal) => &deal.reference,
            Self::Project(project) => &project.reference,
            Self::TimeEntry(entry) => &entry.reference,
            Self::Assignment(assignment) => &assignment.reference,
            Self::Removed(removed) => &removed.reference,
            Self::Withdrawn(withdrawn) => &withdrawn.reference,
            Self::Expense(expense) => &expense.reference,
            Self::Person(person) => &person.reference,
            Self::TimeOff(time_off) => &time_off.reference,
            Self::Ticket(ticket) => &ticket.reference,
            Self::InvoiceStatus(status) => &status.invoice,
        }
    }

    /// Which state of it this is.
    pub const fn version(&self) -> Version {
        match self {
            Self::Deal(deal) => deal.version,
            Self::Project(project) => project.version,
            Self::TimeEntry(entry) => entry.version,
            Self::Assignment(assignment) => assignment.version,
            Self::Removed(removed) => removed.version,
            Self::Withdrawn(withdrawn) => withdrawn.version,
            Self::Expense(expense) => expense.version,
            Self::Person(person) => person.version,
            Self::TimeOff(time_off) => time_off.version,
            Self::Ticket(ticket) => ticket.version,
            Self::InvoiceStatus(status) => status.version,
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Text about a person: kept and sent where it is needed, never printed.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Personal(pub String);

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

/// An opportunity and the terms under which it was or will be sold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deal {
    /// Entity `deal`.
    pub reference: Reference,
    /// When the source last changed it.
    pub version: Version,
    /// Its title.
    pub name: String,
    /// The source's own stage id; the book says which ones mean won.
    pub stage: String,
    /// Who owns it in the CRM (the source's user id).
    pub owner: Option<String>,
    /// The selling company, in the CRM's words.
    pub legal_entity: Option<String>,
    /// Payment terms, in the CRM's words.
    pub payment_terms: Option<String>,
    /// The customer's purchase order number.
    pub purchase_order: Option<String>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// The deal's amount without tax, in its currency.
    pub amount: Option<Decimal>,
    /// The day on which the contract was signed by all parties.
    pub signed_on: Option<Date>,
    /// What else was agreed, as far as the CRM says it.
    #[serde(default)]
    pub agreed: Agreed,
    /// The company that buys.
    pub customer: Option<Customer>,
    /// Who receives the invoices.
    pub billing_contact: Option<Contact>,
    /// What is sold.
    pub lines: Vec<DealLine>,
}

/// What may be agreed beside price and payment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Agreed {
    /// When the deal was closed.
    pub closed_at: Option<Timestamp>,
    /// The last day on which the purchase order is valid.
    pub purchase_order_until: Option<Date>,
    /// The purchase order's amount without tax.
    pub purchase_order_amount: Option<Decimal>,
    /// The most hours that are billed by hours.
    pub cap_hours: Option<Decimal>,
    /// The most money that is billed by hours, without tax.
    pub cap_amount: Option<Decimal>,
    /// Who invoices the customer, in the CRM's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_issuer: Option<String>,
}

/// A company that buys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Entity `company`.
    pub reference: Reference,
    /// Its name.
    pub name: String,
    /// Tax identification number, as written in the source.
    pub vat: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<String>,
    /// Its language, in the source's words. Not compared ([`Event::as_compared`]), as what follows.
    #[serde(default, skip_serializing_if = "is_default")]
    pub language: Option<String>,
    /// Where it is. It decides nothing about the deal.
    #[serde(default, skip_serializing_if = "is_default")]
    pub address: Address,
    /// When the source last changed it, where it says so.
    #[serde(default, skip_serializing_if = "is_default")]
    pub version: Option<Version>,
    /// What helps to find it in Odoo.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hints: Hints,
}

/// A person at a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Entity `contact`.
    pub reference: Reference,
    /// Full name.
    pub name: Personal,
    /// E-mail address.
    pub email: Personal,
}

/// One line of what is sold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DealLine {
    /// Entity `line_item`.
    pub reference: Reference,
    /// What the customer reads.
    pub description: String,
    /// The CRM's product code; the book maps it to a service.
    pub sku: Option<String>,
    /// Hours, or units.
    pub quantity: Decimal,
    /// Price of one hour or unit without tax and before discount, in the deal's currency.
    pub unit_price: Decimal,
    /// Discount in percent of the price.
    pub discount_percent: Decimal,
    /// Discount in money per unit.
    pub discount_per_unit: Decimal,
    /// When it begins to be billed: the day on which an instalment becomes due, the first day on
    /// which hours are worked at this price.
    pub due: Option<Date>,
    /// The hours that are planned for it.
    #[serde(default)]
    pub budget_hours: Option<Decimal>,
    /// What it is counted in, in the source's words, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A project in a PSA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PsaProject {
    /// Entity `project`.
    pub reference: Reference,
    /// When the source last changed it.
    pub version: Version,
    /// Its name.
    pub name: String,
    /// The deal it says it belongs to, in the id of the CRM that the book names; a person may have
    /// typed it, so it links by itself only when that deal is known.
    pub deal_id: Option<String>,
    /// Where it stands, as far as the source tells. Not compared ([`Event::as_compared`]), as what
    /// follows: it says nothing about the link.
    #[serde(default, skip_serializing_if = "is_default")]
    pub standing: Standing,
    /// For whom it is: the PSA's own customer, entity `company`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub customer: Option<Reference>,
}

/// Where a project stands in its PSA.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// The source's own word; the book says what it means.
    pub status: Option<String>,
    /// The last day of work on it, where the source says so.
    pub closed_on: Option<Date>,
    /// The code or number by which people call it.
    pub code: Option<String>,
}

/// Somebody's work on a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimeEntry {
    /// Entity `time_entry`.
    pub reference: Reference,
    /// When the source last changed it.
    pub version: Version,
    /// The PSA project; none for time on a ticket or on no project.
    pub project: Option<Reference>,
    /// For whom it was: the PSA's own customer, entity `company`. Not compared
    /// ([`Event::as_compared`]): it decides only where the project says nothing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub customer: Option<Reference>,
    /// Who worked, as the source names members.
    pub member: Personal,
    /// In which role, in the source's words.
    pub work_role: Option<String>,
    /// The civil day of the work, in the zone of the one who worked.
    pub date: Date,
    /// Hours worked: they cost.
    pub worked: Decimal,
    /// Hours to bill before what an agreement covers.
    pub billable: Decimal,
    /// Hours that an agreement of the customer already covers.
    pub covered: Decimal,
    /// The agreement's name, when there is one.
    pub agreement: Option<String>,
    /// Whether the source wants it billed.
    pub billing: BillingOption,
    /// Where it stands in the source's approval.
    pub approval: Approval,
    /// The source's own word for that.
    pub status: String,
    /// What was done, as written by the one who worked.
    pub notes: Personal,
    /// What the source says about it beside the hours.
    #[serde(default, skip_serializing_if = "Coded::is_empty")]
    pub coded: Coded,
}

/// What a source says about work beside its hours, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coded {
    /// The tax that it counts with, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_percent: Option<Decimal>,
    /// The cost centre, by the book's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_center: Option<String>,
}

impl Coded {
    /// A source that says nothing more.
    pub const NOTHING: Self = Self {
        tax_percent: None,
        cost_center: None,
    };

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether the source wants an entry billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingOption {
    /// It is billed.
    Billable,
    /// It is shown to the customer at no price.
    NoCharge,
    /// It is not for the customer.
    DoNotBill,
    /// A word we do not know: never billed by guess.
    Unknown,
}

/// The canonical approval states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Being written.
    Draft,
    /// Waits for an approver.
    Submitted,
    /// Approved by some, not by all.
    PartiallyApproved,
    /// Approved by everybody who must.
    Approved,
    /// Sent back.
    Rejected,
    /// Already on an invoice of the source.
    Invoiced,
    /// Given up in the source.
    WrittenOff,
    /// A word we do not know; never counts as approved.
    Review,
}

/// A record that no longer exists in its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// What is gone.
    pub reference: Reference,
    /// When we were told.
    pub version: Version,
}

/// An approval that its source took back, as an event of its own: what stood on it may be in Odoo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// What was approved.
    pub reference: Reference,
    /// When that ended.
    pub version: Version,
    /// The source's own word for where it stands now.
    pub status: String,
}

/// An invoice as Odoo shows it now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InvoiceStatus {
    /// Entity `invoice`, under the deal's system and account.
    pub invoice: Reference,
    /// When Odoo last changed it.
    pub version: Version,
    /// Its number, for example `INV/2026/00001`.
    pub number: String,
    /// Odoo's `payment_state`, exactly: `not_paid`, `in_payment`, `partial`, `paid`, `reversed`, …
    pub payment_state: String,
    /// With tax, in the invoice's currency.
    pub total: Decimal,
    /// What is still to be paid.
    pub residual: Decimal,
    /// ISO 4217 code.
    pub currency: String,
}
