//! A contract in Odoo: its order, its confirmation and its project.

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::{Company, Earned, LogTime};
use crate::Reference;
use crate::book::{Issuer, LineUnit, ProjectMaker, WhenLocked};

/// A contract as a draft order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateOrder {
    /// Where.
    pub company: Company,
    /// The customer.
    pub customer: Reference,
    /// The partner who is invoiced; the customer itself when there is none.
    pub invoice_contact: Option<Reference>,
    /// ISO 4217 code; the order's pricelist must be in it.
    pub currency: String,
    /// External id of the payment term.
    pub payment_term: String,
    /// The customer's purchase order number (`client_order_ref`).
    pub purchase_order: String,
    /// The deal's id and title (`origin`).
    pub origin: String,
    /// What is sold, in the deal's order.
    pub lines: Vec<OrderLine>,
    /// The deal's amount: what Odoo's `amount_untaxed` must be.
    pub expected_untaxed: Decimal,
    /// External id of the salesperson's user; nobody when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salesperson: Option<String>,
    /// How much may be billed by hours.
    #[serde(default, skip_serializing_if = "Cap::is_none")]
    pub cap: Cap,
    /// What becomes of a change when a person has locked the order.
    #[serde(default, skip_serializing_if = "WhenLocked::asks")]
    pub when_locked: WhenLocked,
    /// A change is new work: for whom nothing new is agreed, it is a question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<CreditCheck>,
    /// Who invoices the customer.
    #[serde(default, skip_serializing_if = "Issuer::is_odoo")]
    pub issuer: Issuer,
    /// Who makes its project, where the book says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_made_by: Option<ProjectMaker>,
    /// How many different people must confirm it, where people do.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub approvers: u32,
}

const fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_one(number: &u32) -> bool {
    *number == 1
}

impl CreateOrder {
    /// Work on it, as Odoo has it: where the PSA invoices, every hour only costs.
    #[must_use]
    pub fn in_odoo(&self, time: LogTime) -> LogTime {
        match self.issuer {
            Issuer::Odoo => time,
            Issuer::Psa => LogTime {
                billable: Decimal::ZERO,
                unbilled_because: (time.unbilled_because)
                    .or_else(|| Some("invoiced by the PSA".to_owned())),
                ..time
            },
        }
    }

    /// Whether Odoo makes its project.
    pub fn has_odoos_project(&self) -> bool {
        self.project_made_by == Some(ProjectMaker::Odoo)
    }

    /// Whether work of a service is billed by hours on a day, whoever does it.
    pub fn sells(&self, service: &str, day: Date) -> bool {
        self.lines
            .iter()
            .any(|line| line.service == service && line.takes_time() && line.is_valid_on(day))
    }

    /// The line that bills work: of the lines of its service those for this person or role, where there
    /// are any; of several prices the one that began last.
    pub fn line_for(&self, time: &LogTime) -> Option<&OrderLine> {
        let of_service = |line: &&OrderLine| {
            let only = line.only.as_ref();
            let is_meant = only.is_none_or(|only| only.means(time));
            line.service == time.service && line.takes_time() && is_meant
        };
        let rank = |line: &OrderLine| line.only.as_ref().map(OnlyFor::rank);
        let lines: Vec<&OrderLine> = self.lines.iter().filter(of_service).collect();
        let most = lines.iter().map(|line| rank(line)).max()?;
        let fits = |line: &&OrderLine| rank(line) == most && line.is_valid_on(time.date);
        // Of several that began on the same day the first one counts.
        let mut lines: Vec<&OrderLine> = lines.into_iter().filter(fits).collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.from));
        lines.first().copied()
    }
}

/// How much of a contract may be billed by hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cap {
    /// In hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Decimal>,
    /// In money without tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
}

impl Cap {
    /// Whether there is no limit.
    pub const fn is_none(&self) -> bool {
        self.hours.is_none() && self.amount.is_none()
    }
}

/// Whether anything new may be agreed with a customer is asked in Odoo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditCheck {
    /// The customer.
    pub customer: Reference,
    /// The tag of a contact that says no.
    pub tag: String,
}

/// One line of a contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Entity `line_item`.
    pub reference: Reference,
    /// The book's service.
    pub service: String,
    /// External id of the product.
    pub product: String,
    /// What the customer reads.
    pub description: String,
    /// In its unit: hours, days or pieces.
    pub quantity: Decimal,
    /// Pinned price of one, without tax.
    pub unit_price: Decimal,
    /// In percent.
    pub discount_percent: Decimal,
    /// How the line is billed.
    pub billing: LineBilling,
    /// For hours: the first day on which they are worked at this price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// For hours: the last day on which they are worked at this price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Whose hours it bills, where not everybody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<OnlyFor>,
    /// What its tax must be, where the book has tax profiles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<ExpectedTax>,
    /// What it is counted in; what its product is counted in when the book does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<LineUnit>,
}

/// Whose hours a line bills.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OnlyFor {
    /// External id of the employee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employee: Option<String>,
    /// The PSA's work role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

impl OnlyFor {
    /// Whether this work is meant: everything that is named.
    fn means(&self, time: &LogTime) -> bool {
        let employee = self.employee.as_ref();
        let role = self.role.as_ref();
        employee.is_none_or(|employee| *employee == time.employee)
            && role.is_none_or(|role| Some(role) == time.coding.work_role.as_ref())
    }

    /// A person's own price counts before that of a role.
    const fn rank(&self) -> (bool, bool) {
        (self.employee.is_some(), self.role.is_some())
    }
}

/// What the book expects Odoo's fiscal position to make of a line. Odoo decides; this is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedTax {
    /// The profile's name in the book.
    pub profile: String,
    /// External id of the fiscal position, or `none`; not compared when it is not named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_position: Option<String>,
    /// External ids of the taxes: exactly these; not compared when they are not named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taxes: Option<Vec<String>>,
    /// What is added to the price, in percent.
    pub rate: Decimal,
}

impl OrderLine {
    /// Whether hours of a day have its price.
    fn is_valid_on(&self, day: Date) -> bool {
        let began = self.from.is_none_or(|from| from <= day);
        began && self.until.is_none_or(|until| until >= day)
    }

    /// How many hours one of its units has.
    pub fn hours_per_unit(&self) -> Decimal {
        let hours = self.unit.as_ref().and_then(|unit| unit.hours);
        hours.unwrap_or(Decimal::ONE)
    }

    /// Hours in its units, to the hundredth that Odoo keeps.
    pub fn quantity_of(&self, hours: Decimal) -> Decimal {
        let one = self.hours_per_unit();
        if one == Decimal::ONE {
            return hours;
        }
        (hours / one)
            .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
            .normalize()
    }

    /// Whether hours are logged on it.
    pub const fn takes_time(&self) -> bool {
        match self.billing {
            LineBilling::TimeAndMaterials | LineBilling::Retainer { .. } => true,
            LineBilling::Instalment { .. }
            | LineBilling::Milestone { .. }
            | LineBilling::Recurring { .. } => false,
        }
    }
}

/// How a line of a contract is billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineBilling {
    /// By approved hours.
    TimeAndMaterials,
    /// In full on a day, whatever was worked.
    Instalment {
        /// When it becomes due.
        due: Date,
    },
    /// In full when the milestone is reached.
    Milestone {
        /// When that is to be.
        due: Date,
    },
    /// In full on a day; hours use it up and are not billed.
    Retainer {
        /// When it becomes due.
        due: Date,
    },
    /// One unit each month.
    Recurring {
        /// When the first month becomes due.
        from: Date,
    },
}

/// The signature confirms the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmOrder {
    /// Where.
    pub company: Company,
    /// The deal whose order is confirmed.
    pub order: Reference,
    /// The day of the signature, kept as the order's date.
    pub signed_on: Date,
    /// What is asked before the order is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<CreditCheck>,
    /// Who makes the order's project, where the book says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_made_by: Option<ProjectMaker>,
}

/// The order's project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateProject {
    /// Where.
    pub company: Company,
    /// The deal whose order it delivers.
    pub order: Reference,
    /// The order's customer.
    pub customer: Reference,
    /// The order line that is the default for time (the first one billed by hours).
    pub default_line: Option<Reference>,
    /// Its name.
    pub name: String,
    /// The order's milestones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub milestones: Vec<Milestone>,
    /// The hours that are planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_hours: Option<Decimal>,
    /// External id of the project whose stages and tasks it gets, where Tenon makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Who makes it, where the book says it. One that Odoo makes is found by its order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<ProjectMaker>,
    /// The order lines whose price cost centres earn beside the project.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earned: Vec<Earned>,
}

impl CreateProject {
    /// Whether Odoo makes it.
    pub fn is_odoos(&self) -> bool {
        self.made_by == Some(ProjectMaker::Odoo)
    }
}

/// A milestone of a project, billed by an order line of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// The order line.
    pub line: Reference,
    /// Its name.
    pub name: String,
    /// When it is to be reached.
    pub due: Date,
}

impl Milestone {
    /// The name it is made under.
    pub fn reference(&self) -> Reference {
        self.line.sibling("milestone")
    }
}

/// The deal is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelOrder {
    /// Where.
    pub company: Company,
    /// The deal whose draft order is cancelled.
    pub order: Reference,
}

#[cfg(test)]
mod tests;
