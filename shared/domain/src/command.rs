//! Permission to change Odoo. Only [`crate::judge`] makes a command, and only from what passed
//! every rule.

mod assignment;
mod contract;
mod project;

pub use assignment::KeepAssignment;
pub use contract::{
    CancelOrder, Cap, ConfirmOrder, CreateOrder, CreateProject, CreditCheck, ExpectedTax,
    LineBilling, Milestone, OnlyFor, OrderLine,
};

pub use project::{Earned, FollowProject, LinkProject};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::customer::{Address, Hints};
use crate::event::Personal;
use crate::{Fingerprint, Flow, Reference};

/// One change to make in Odoo. Its content alone decides its fingerprint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// A company with its billing contact (`res.partner`).
    CreateCustomer(CreateCustomer),
    /// A contract as a draft order (`sale.order`).
    CreateOrder(CreateOrder),
    /// The signature: the order is confirmed.
    ConfirmOrder(ConfirmOrder),
    /// The order's project with its analytic account (`project.project`).
    CreateProject(CreateProject),
    /// The deal is lost: the order is cancelled.
    CancelOrder(CancelOrder),
    /// A PSA project stands for a project in Odoo.
    LinkProject(LinkProject),
    /// Where a PSA project stands, on the project in Odoo that it stands for.
    FollowProject(FollowProject),
    /// Approved work as timesheet lines (`account.analytic.line`).
    LogTime(LogTime),
    /// Somebody's place on a project, kept here and not in Odoo.
    KeepAssignment(KeepAssignment),
    /// A draft invoice (`account.move`), compared with what was expected.
    DraftInvoice(DraftInvoice),
    /// The timesheet lines that the draft bills point to it.
    LinkInvoicedTime(LinkInvoicedTime),
    /// The draft is posted.
    PostInvoice(PostInvoice),
}

impl Command {
    /// The digest of everything this command would write.
    pub fn fingerprint(&self) -> Result<Fingerprint, serde_json::Error> {
        // What finds a customer is no content of it.
        if let Self::CreateCustomer(customer) = self
            && !customer.hints.is_empty()
        {
            let content = CreateCustomer {
                hints: Hints::default(),
                ..customer.clone()
            };
            return Self::CreateCustomer(content).fingerprint();
        }
        serde_json::to_string(self).map(|text| Fingerprint::of(&text))
    }

    /// Whether what was posted follows its source: time and customers field by field, orders and
    /// projects as far as the rules let them. Everything else is changed by people.
    pub const fn follows_its_source(&self) -> bool {
        matches!(
            self,
            Self::LogTime(_)
                | Self::FollowProject(_)
                | Self::KeepAssignment(_)
                | Self::CreateCustomer(_)
                | Self::CreateOrder(_)
                | Self::CreateProject(_)
        )
    }

    /// The command's name, as in its JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CreateCustomer(_) => "create_customer",
            Self::CreateOrder(_) => "create_order",
            Self::ConfirmOrder(_) => "confirm_order",
            Self::CreateProject(_) => "create_project",
            Self::CancelOrder(_) => "cancel_order",
            Self::LinkProject(_) => "link_project",
            Self::FollowProject(_) => "follow_project",
            Self::LogTime(_) => "log_time",
            Self::KeepAssignment(_) => "keep_assignment",
            Self::DraftInvoice(_) => "draft_invoice",
            Self::LinkInvoicedTime(_) => "link_invoiced_time",
            Self::PostInvoice(_) => "post_invoice",
        }
    }

    /// The flow that it belongs to.
    pub const fn flow(&self) -> Flow {
        match self {
            Self::CreateCustomer(_) => Flow::Customers,
            Self::CreateOrder(_) | Self::ConfirmOrder(_) | Self::CancelOrder(_) => Flow::Contracts,
            Self::CreateProject(_) | Self::LinkProject(_) | Self::FollowProject(_) => {
                Flow::Projects
            }
            Self::LogTime(_) => Flow::Time,
            Self::KeepAssignment(_) => Flow::Assignments,
            Self::DraftInvoice(_) | Self::LinkInvoicedTime(_) | Self::PostInvoice(_) => {
                Flow::Invoices
            }
        }
    }

    /// The PSA project that it follows, where it names no company itself.
    pub const fn project(&self) -> Option<&Reference> {
        match self {
            Self::LogTime(time) => Some(&time.project),
            Self::FollowProject(followed) => Some(&followed.project),
            Self::KeepAssignment(assignment) => Some(&assignment.project),
            Self::CreateCustomer(_)
            | Self::CreateOrder(_)
            | Self::ConfirmOrder(_)
            | Self::CancelOrder(_)
            | Self::CreateProject(_)
            | Self::LinkProject(_)
            | Self::DraftInvoice(_)
            | Self::LinkInvoicedTime(_)
            | Self::PostInvoice(_) => None,
        }
    }

    /// Whether it makes more of something than a draft of it.
    pub const fn ends_a_draft(&self) -> bool {
        match self {
            Self::ConfirmOrder(_) | Self::PostInvoice(_) => true,
            Self::CreateCustomer(_)
            | Self::CreateOrder(_)
            | Self::CancelOrder(_)
            | Self::CreateProject(_)
            | Self::LinkProject(_)
            | Self::FollowProject(_)
            | Self::LogTime(_)
            | Self::KeepAssignment(_)
            | Self::DraftInvoice(_)
            | Self::LinkInvoicedTime(_) => false,
        }
    }

    /// The company that it writes for; time and assignments follow their project.
    pub const fn company(&self) -> Option<&Company> {
        match self {
            Self::CreateCustomer(customer) => Some(&customer.company),
            Self::CreateOrder(order) => Some(&order.company),
            Self::ConfirmOrder(order) => Some(&order.company),
            Self::CancelOrder(order) => Some(&order.company),
            Self::CreateProject(project) => Some(&project.company),
            Self::LinkProject(link) => Some(&link.company),
            Self::LogTime(_) | Self::KeepAssignment(_) | Self::FollowProject(_) => None,
            Self::DraftInvoice(draft) => Some(&draft.company),
            Self::LinkInvoicedTime(link) => Some(&link.company),
            Self::PostInvoice(posting) => Some(&posting.draft.company),
        }
    }
}

/// The Odoo company a command writes for, and what decides dates there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// `res.company` id: the one `allowed_company_ids` of every call.
    pub id: i64,
    /// The entity's time zone (IANA name).
    pub zone: String,
}

/// A company with its billing contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateCustomer {
    /// Where.
    pub company: Company,
    /// The company's name.
    pub name: String,
    /// Tax identification number, without spaces and dots.
    pub vat: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Address::is_empty")]
    pub address: Address,
    /// Its language as Odoo names it, for example `fr_BE`; Odoo's own choice when nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// ISO 4217 code of what it buys, where that is not the company's own: it gets a pricelist in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// External id of the payment term, for example `account.account_payment_term_30days`.
    pub payment_term: String,
    /// Who receives invoices.
    pub billing_contact: Option<BillingContact>,
    /// What helps to find it in Odoo before it is made.
    #[serde(default, skip_serializing_if = "Hints::is_empty")]
    pub hints: Hints,
}

/// Who receives invoices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingContact {
    /// Entity `contact`.
    pub reference: Reference,
    /// Full name.
    pub name: Personal,
    /// E-mail address.
    pub email: Personal,
}

/// Approved work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogTime {
    /// The PSA project.
    pub project: Reference,
    /// The book's service that the role is billed as.
    pub service: String,
    /// External id of the employee.
    pub employee: String,
    /// The civil day of the work.
    pub date: Date,
    /// Hours that cost.
    pub worked: Decimal,
    /// Hours that are billed at the order line's price.
    pub billable: Decimal,
    /// Why hours are not billed, when some are not: it becomes part of the line's text.
    pub unbilled_because: Option<String>,
    /// What else its source says about it.
    #[serde(default, skip_serializing_if = "Coding::is_empty")]
    pub coding: Coding,
    /// What was done.
    pub narration: Personal,
}

#[cfg(test)]
impl LogTime {
    /// Eight hours of somebody.
    pub(crate) fn of_somebody(service: &str, date: Date) -> Self {
        let eight = Decimal::from(8);
        Self {
            project: Reference::new("psa", "1", "project", "1"),
            service: service.to_owned(),
            employee: "hr.somebody".to_owned(),
            date,
            worked: eight,
            billable: eight,
            unbilled_because: None,
            coding: Coding::default(),
            narration: Personal::default(),
        }
    }
}

/// What a source says about work beside its hours.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coding {
    /// The tax that it counts with, in percent: compared with the tax profile of the order line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_percent: Option<Decimal>,
    /// External id of the cost centre's analytic account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_center: Option<String>,
    /// The PSA's work role, where the book has rate cards for a role of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_role: Option<String>,
}

impl Coding {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A draft invoice, compared with what was expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DraftInvoice {
    /// Where.
    pub company: Company,
    /// The deal whose order is billed.
    pub order: Reference,
    /// The invoice's date, in the entity's zone.
    pub invoice_date: Date,
    /// What is billed.
    pub lines: Vec<InvoiceLine>,
    /// The sum of the lines without tax: what Odoo's `amount_untaxed` must be.
    pub expected_untaxed: Decimal,
}

/// One line of an invoice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// The order line.
    pub line: Reference,
    /// In the order line's unit.
    pub quantity: Decimal,
    /// The hours that this is, where the order line is not counted in hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Decimal>,
    /// Pinned price of one.
    pub unit_price: Decimal,
    /// In percent.
    pub discount_percent: Decimal,
    /// What the line bills: time entries, or the instalment itself.
    pub units: Vec<Reference>,
    /// For an instalment: the order line's delivered quantity is written before it is billed, so
    /// that Odoo's own "Create Invoice" finds nothing to take back.
    pub marks_delivered: bool,
    /// What its tax must be, where the book has tax profiles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<ExpectedTax>,
}

/// The timesheet lines that a draft bills point to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkInvoicedTime {
    /// Where.
    pub company: Company,
    /// The invoice.
    pub invoice: Reference,
    /// The time entries.
    pub entries: Vec<Reference>,
}

/// The draft is posted, if it still is what was expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PostInvoice {
    /// What was drafted: compared once more before posting, because a person can edit a draft.
    pub draft: DraftInvoice,
    /// The invoice.
    pub invoice: Reference,
}
