//! The commands that a complete deal becomes.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Planned;
use super::deal_agreed::Confirmation;
use super::deal_psa::{Sold, create_psa_project};
use crate::book::{ContractRules, Entity, Issuer, Psa};
use crate::command::{
    BillingContact, Cap, Command, Company, ConfirmOrder, CreateCustomer, CreateOrder,
    CreateProject, CreditCheck, Earned, LineBilling, Milestone, OrderLine, psa_project_of,
};
use crate::customer::{Hints, domain_of};
use crate::event::{Customer, Deal, DealLine};
use crate::{Lane, LaneShard, Reference, Version};

/// A deal's terms once none is missing.
pub(super) struct Terms<'a> {
    /// Where it is sold.
    pub entity: &'a Entity,
    /// Who buys.
    pub customer: &'a Customer,
    /// The customer's language in Odoo.
    pub language: Option<String>,
    /// External id of the payment term.
    pub payment_term: &'a str,
    /// The customer's purchase order number; empty when there is none and none is needed.
    pub purchase_order: &'a str,
    /// ISO 4217 code.
    pub currency: &'a str,
    /// Without tax.
    pub amount: Decimal,
    /// What is sold.
    pub lines: Vec<OrderLine>,
    /// Who earns their prices, beside the project.
    pub earned: Vec<Earned>,
    /// External id of the salesperson.
    pub salesperson: Option<String>,
    /// How much may be billed by hours.
    pub cap: Cap,
    /// When the order is confirmed.
    pub confirmation: Confirmation,
    /// Who invoices the customer.
    pub issuer: Issuer,
    /// What is asked before anything new is agreed.
    pub credit: Option<CreditCheck>,
    /// Domains where anybody has a mailbox.
    pub free_mail: &'a BTreeSet<String>,
    /// What the book says of such a contract.
    pub rules: ContractRules<'a>,
    /// The PSA in which it gets a project, where it gets one.
    pub psa: Option<&'a Psa>,
}

/// Customer and draft order, each waiting for the one before; once signed, the confirmation and
/// the project as well, and the project in the PSA.
pub(super) fn plan(deal: &Deal, terms: &Terms<'_>) -> Vec<Planned> {
    let company = Company {
        id: terms.entity.odoo_company,
        zone: terms.entity.zone.clone(),
    };
    let shard = LaneShard::of(Lane::Master, &deal.reference);
    let customer = terms.customer.reference.clone();
    let signature = deal.reference.sibling("signature");
    let order = create_order(deal, terms, &company);
    let planned = |reference: &Reference, waits_for: Option<&Reference>, command| Planned {
        reference: reference.clone(),
        version: deal.version,
        shard,
        waits_for: waits_for.cloned(),
        command,
    };
    let mut plan = vec![
        Planned {
            // A company is changed without its deals, and a deal without its company.
            version: deal.version.max(terms.customer.version.unwrap_or_default()),
            shard: LaneShard::of_customers(),
            ..planned(&customer, None, create_customer(deal, terms, &company))
        },
        planned(
            &deal.reference,
            Some(&customer),
            Command::CreateOrder(order.clone()),
        ),
    ];
    if let Confirmation::On(day) = terms.confirmation {
        let confirm = confirm_order(&deal.reference, &order, day);
        plan.push(planned(&signature, Some(&deal.reference), confirm));
    }
    if terms.confirmation != Confirmation::Open {
        let created = create_project(deal, terms, company);
        let project = deal.reference.sibling("project");
        let in_psa = terms.psa.map(|psa| {
            let sold = Sold {
                lines: &terms.lines,
                purchase_order: terms.purchase_order,
                confirmation: terms.confirmation,
            };
            let reference = psa_project_of(&deal.reference);
            let command = create_psa_project(psa, &created, &sold);
            planned(&reference, Some(&project), command)
        });
        let created = Command::CreateProject(created);
        plan.push(planned(&project, Some(&signature), created));
        plan.extend(in_psa);
    }
    plan
}

fn confirm_order(deal: &Reference, order: &CreateOrder, signed_on: Date) -> Command {
    Command::ConfirmOrder(ConfirmOrder {
        company: order.company.clone(),
        order: deal.clone(),
        signed_on,
        credit: order.credit.clone(),
        project_made_by: order.project_made_by,
    })
}

/// What a person's word that a contract is confirmed becomes. The project of such a contract waits
/// for it.
pub fn confirm_contract(
    deal: &Reference,
    order: &CreateOrder,
    signed_on: Date,
    version: Version,
) -> Planned {
    Planned {
        reference: deal.sibling("signature"),
        version,
        shard: LaneShard::of(Lane::Master, deal),
        waits_for: Some(deal.clone()),
        command: confirm_order(deal, order, signed_on),
    }
}

fn create_customer(deal: &Deal, terms: &Terms<'_>, company: &Company) -> Command {
    let normal = |vat: &String| {
        vat.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
    };
    Command::CreateCustomer(CreateCustomer {
        company: company.clone(),
        name: terms.customer.name.clone(),
        vat: terms
            .customer
            .vat
            .as_ref()
            .map(normal)
            .filter(|vat| !vat.is_empty()),
        country: terms.customer.country.clone(),
        address: terms.customer.address.clone(),
        language: terms.language.clone(),
        currency: (terms.currency != terms.entity.currency).then(|| terms.currency.to_owned()),
        payment_term: terms.payment_term.to_owned(),
        billing_contact: deal.billing_contact.as_ref().map(|contact| BillingContact {
            reference: contact.reference.clone(),
            name: contact.name.clone(),
            email: contact.email.clone(),
        }),
        hints: hints(deal, terms),
    })
}

/// What finds the customer in Odoo. A domain where anybody has a mailbox finds nobody.
fn hints(deal: &Deal, terms: &Terms<'_>) -> Hints {
    let mut hints = terms.customer.hints.clone();
    let contact = deal.billing_contact.as_ref();
    hints
        .domains
        .extend(contact.and_then(|contact| domain_of(&contact.email.0)));
    hints
        .domains
        .retain(|domain| !terms.free_mail.contains(domain));
    hints
}

fn create_order(deal: &Deal, terms: &Terms<'_>, company: &Company) -> CreateOrder {
    CreateOrder {
        company: company.clone(),
        customer: terms.customer.reference.clone(),
        invoice_contact: deal
            .billing_contact
            .as_ref()
            .map(|contact| contact.reference.clone()),
        currency: terms.currency.to_owned(),
        payment_term: terms.payment_term.to_owned(),
        purchase_order: terms.purchase_order.to_owned(),
        origin: format!("{} deal {}", deal.reference.system(), deal.reference.id()),
        lines: terms.lines.clone(),
        expected_untaxed: terms.amount,
        salesperson: terms.salesperson.clone(),
        cap: terms.cap,
        when_locked: terms.rules.locked,
        credit: terms.credit.clone(),
        issuer: terms.issuer,
        project_made_by: terms.rules.project_made_by,
        approvers: terms.rules.approvers(Some(terms.amount)).unwrap_or(1),
    }
}

fn create_project(deal: &Deal, terms: &Terms<'_>, company: Company) -> CreateProject {
    let takes_time = |line: &&OrderLine| line.takes_time();
    CreateProject {
        company,
        order: deal.reference.clone(),
        customer: terms.customer.reference.clone(),
        default_line: terms
            .lines
            .iter()
            .find(takes_time)
            .map(|line| line.reference.clone()),
        name: deal.name.clone(),
        milestones: milestones(&terms.lines),
        budget_hours: budget(deal, &terms.lines),
        template: terms.rules.template.map(str::to_owned),
        made_by: terms.rules.project_made_by,
        earned: terms.earned.clone(),
    }
}

/// One for each line that is billed when something is reached.
fn milestones(lines: &[OrderLine]) -> Vec<Milestone> {
    let milestone = |line: &OrderLine| match line.billing {
        LineBilling::Milestone { due } => Some(Milestone {
            line: line.reference.clone(),
            name: line.description.clone(),
            due,
        }),
        LineBilling::TimeAndMaterials
        | LineBilling::Instalment { .. }
        | LineBilling::Retainer { .. }
        | LineBilling::Recurring { .. } => None,
    };
    lines.iter().filter_map(milestone).collect()
}

/// The hours that are planned, where the deal says so for any of its lines. Hours that are sold are
/// planned hours.
fn budget(deal: &Deal, lines: &[OrderLine]) -> Option<Decimal> {
    deal.lines.iter().find_map(|line| line.budget_hours)?;
    let sold = |line: &DealLine| {
        let sold = lines.iter().find(|sold| sold.reference == line.reference);
        sold.filter(|sold| sold.takes_time())
            .map(|sold| sold.quantity * sold.hours_per_unit())
    };
    let planned = |line: &DealLine| line.budget_hours.or_else(|| sold(line));
    Some(deal.lines.iter().filter_map(planned).sum())
}
