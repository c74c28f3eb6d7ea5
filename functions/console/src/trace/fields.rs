//! What a command would write, without anything about a person: names, titles, addresses,
//! employees and narration stay out. A new field is shown only when it is listed here.

use domain::Record;
use domain::book::ProjectState;
use domain::command::{
    Command, CreateOrder, DraftInvoice, InvoiceLine, KeepAssignment, LineBilling, LogTime,
    OrderLine,
};
use domain::event::InvoiceStatus;
use rust_decimal::Decimal;
use serde::Serialize;

/// How many lines of an order or invoice are shown.
const LINES: usize = 12;

/// One thing that a command writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

fn field(name: &str, value: impl std::fmt::Display) -> Field {
    Field {
        name: name.to_owned(),
        value: value.to_string(),
    }
}

/// The fields of a command.
pub fn of(command: &Command) -> Vec<Field> {
    match command {
        Command::CreateCustomer(customer) => vec![
            field("company", customer.company.id),
            field("country", customer.country.as_deref().unwrap_or("-")),
            field("payment term", &customer.payment_term),
            field(
                "billing contact",
                yes_or_no(customer.billing_contact.is_some()),
            ),
        ],
        Command::CreateOrder(order) => order_fields(order),
        Command::ConfirmOrder(confirm) => vec![field("signed on", confirm.signed_on)],
        Command::CreateProject(project) => [
            Some(field("company", project.company.id)),
            Some(field(
                "default line",
                project.default_line.as_ref().map_or("-", |line| line.id()),
            )),
            project.made_by.map(|maker| field("made by", maker.name())),
        ]
        .into_iter()
        .flatten()
        .collect(),
        Command::CancelOrder(lost) => vec![field("company", lost.company.id)],
        Command::LinkProject(link) => vec![
            field("deal", link.deal.id()),
            field("linked by", by(&link.by)),
        ],
        Command::FollowProject(followed) => vec![
            field("state", followed.state.map_or("-", ProjectState::name)),
            field(
                "last day",
                followed
                    .last_day()
                    .map_or("-".to_owned(), |day| day.to_string()),
            ),
            field("code", followed.code.as_deref().unwrap_or("-")),
        ],
        Command::CreatePsaProject(project) => vec![
            field("in", format!("{} {}", project.source, project.account)),
            field("milestones", project.milestones.len()),
        ],
        Command::LogTime(time) => time_fields(time),
        Command::KeepAssignment(assignment) => assignment_fields(assignment),
        Command::DraftInvoice(draft) => draft_fields(draft),
        Command::LinkInvoicedTime(link) => vec![field("time entries", link.entries.len())],
        Command::PostInvoice(posting) => draft_fields(&posting.draft),
    }
}

/// The changes of a customer that Odoo did not follow, without their values.
pub fn rejected(record: &Record) -> Vec<Field> {
    let rejected = record.posted.iter().flat_map(|p| &p.customer.rejected);
    rejected
        .map(|rejected| {
            let owner = rejected.owner.name();
            let said = format!("rejected: not owner ({owner} keeps its value)");
            field(rejected.field.name(), said)
        })
        .collect()
}

/// What Odoo showed of an invoice.
pub fn of_status(seen: &InvoiceStatus) -> Vec<Field> {
    vec![
        field("number", &seen.number),
        field("payment state", &seen.payment_state),
        field("total", money(seen.total, &seen.currency)),
        field("still open", money(seen.residual, &seen.currency)),
    ]
}

/// Who or what made a link, without the person's name.
pub fn by(maker: &str) -> &str {
    match maker.starts_with("steward ") {
        true => "a steward",
        false => maker,
    }
}

fn assignment_fields(assignment: &KeepAssignment) -> Vec<Field> {
    let day = |day: Option<jiff::civil::Date>| day.map_or("-".to_owned(), |day| day.to_string());
    let mut fields = vec![
        field("service", assignment.service.as_deref().unwrap_or("-")),
        field("from", day(assignment.from)),
        field("to", day(assignment.to)),
    ];
    fields.extend(
        assignment
            .hours
            .map(|planned| field("planned", hours(planned))),
    );
    if assignment.is_gone {
        fields.push(field("gone", "yes"));
    }
    fields
}

fn order_fields(order: &CreateOrder) -> Vec<Field> {
    let mut fields = vec![
        field("company", order.company.id),
        field("customer", order.customer.id()),
        field("purchase order", &order.purchase_order),
        field("payment term", &order.payment_term),
        field(
            "without tax",
            money(order.expected_untaxed, &order.currency),
        ),
    ];
    fields.extend(order.lines.iter().take(LINES).map(order_line));
    fields.extend(more("lines", order.lines.len()));
    fields
}

fn order_line(line: &OrderLine) -> Field {
    let billing = match &line.billing {
        LineBilling::TimeAndMaterials => "by hours".to_owned(),
        LineBilling::Instalment { due } => format!("due {due}"),
        LineBilling::Milestone { due } => format!("a milestone, due {due}"),
        LineBilling::Retainer { due } => format!("paid before it is worked, due {due}"),
        LineBilling::Recurring { from } => format!("monthly from {from}"),
    };
    let (price, discount) = (line.unit_price, discount(line.discount_percent));
    field(
        &format!("line {}", line.reference.id()),
        format!(
            "{} {} × {price}{discount}, {billing}",
            line.service,
            line.quantity.normalize()
        ),
    )
}

fn time_fields(time: &LogTime) -> Vec<Field> {
    let mut fields = vec![
        field("date", time.date),
        field("service", &time.service),
        field("worked", hours(time.worked)),
        field("billable", hours(time.billable)),
    ];
    if let Some(because) = &time.unbilled_because {
        fields.push(field("not billed because", because));
    }
    if let Some(account) = &time.coding.cost_center {
        fields.push(field("cost centre", account));
    }
    fields
}

fn draft_fields(draft: &DraftInvoice) -> Vec<Field> {
    let mut fields = vec![
        field("company", draft.company.id),
        field("invoice date", draft.invoice_date),
        field("expected without tax", draft.expected_untaxed),
    ];
    fields.extend(draft.lines.iter().take(LINES).map(invoice_line));
    fields.extend(more("lines", draft.lines.len()));
    fields
}

fn invoice_line(line: &InvoiceLine) -> Field {
    let of = match line.marks_delivered {
        true => "an instalment".to_owned(),
        false => format!("{} time entries", line.units.len()),
    };
    let discount = discount(line.discount_percent);
    field(
        &format!("line {}", line.line.id()),
        format!(
            "{} × {}{discount}, {of}",
            line.quantity.normalize(),
            line.unit_price
        ),
    )
}

fn more(what: &str, all: usize) -> Option<Field> {
    (all > LINES).then(|| field(&format!("further {what}"), all - LINES))
}

fn discount(percent: Decimal) -> String {
    match percent.is_zero() {
        true => String::new(),
        false => format!(" less {} %", percent.normalize()),
    }
}

fn hours(hours: Decimal) -> String {
    format!("{} h", hours.normalize())
}

/// An amount with its currency.
pub fn money(amount: Decimal, currency: &str) -> String {
    format!("{amount:.2} {currency}")
}

const fn yes_or_no(yes: bool) -> &'static str {
    match yes {
        true => "yes",
        false => "no",
    }
}

#[cfg(test)]
mod tests {
    use domain::Reference;
    use domain::command::{BillingContact, Company, CreateCustomer, CreateProject, LinkProject};
    use domain::customer::{Address, Hints};
    use domain::event::Personal;

    use super::*;

    const CANARY: &str = "Canary Person";

    fn reference(entity: &str) -> Reference {
        Reference::new("s", "a", entity, "1")
    }

    fn company() -> Company {
        Company {
            id: 1,
            zone: "UTC".to_owned(),
        }
    }

    #[test]
    fn nothing_about_a_person_is_a_field() {
        let canary = || Personal(CANARY.to_owned());
        let commands = [
            Command::CreateCustomer(CreateCustomer {
                company: company(),
                name: CANARY.to_owned(),
                vat: Some(CANARY.to_owned()),
                country: None,
                payment_term: "t".to_owned(),
                billing_contact: Some(BillingContact {
                    reference: reference("contact"),
                    name: canary(),
                    email: canary(),
                }),
                address: Address::default(),
                language: None,
                currency: None,
                hints: Hints::default(),
            }),
            Command::CreateProject(CreateProject {
                company: company(),
                order: reference("deal"),
                customer: reference("company"),
                default_line: None,
                name: CANARY.to_owned(),
                milestones: Vec::new(),
                budget_hours: None,
                template: None,
                made_by: None,
                earned: Vec::new(),
            }),
            Command::LinkProject(LinkProject {
                company: company(),
                deal: reference("deal"),
                by: format!("steward arn:aws:iam::1:user/{CANARY}"),
            }),
            Command::LogTime(LogTime {
                project: reference("project"),
                service: "architect".to_owned(),
                employee: CANARY.to_owned(),
                date: jiff::civil::date(2026, 11, 3),
                worked: Decimal::ONE,
                billable: Decimal::ONE,
                unbilled_because: None,
                coding: domain::command::Coding::default(),
                narration: canary(),
            }),
        ];
        for command in commands {
            let fields = of(&command);
            assert!(!fields.is_empty(), "{}", command.name());
            assert!(!format!("{fields:?}").contains(CANARY), "{fields:?}");
        }
    }
}
