//! The commands that a complete deal becomes.

use rust_decimal::Decimal;

use super::Planned;
use crate::book::Entity;
use crate::command::{
    BillingContact, Command, Company, ConfirmOrder, CreateCustomer, CreateOrder, CreateProject,
    LineBilling, OrderLine,
};
use crate::event::{Customer, Deal};
use crate::{Lane, LaneShard, Reference};

/// A deal's terms once none is missing.
pub struct Terms<'a> {
    /// Where it is sold.
    pub entity: &'a Entity,
    /// Who buys.
    pub customer: &'a Customer,
    /// External id of the payment term.
    pub payment_term: &'a str,
    /// The customer's purchase order number.
    pub purchase_order: &'a str,
    /// ISO 4217 code.
    pub currency: &'a str,
    /// Without tax.
    pub amount: Decimal,
    /// What is sold.
    pub lines: Vec<OrderLine>,
}

/// Customer and draft order, each waiting for the one before; once signed, the confirmation and
/// the project as well.
pub fn plan(deal: &Deal, terms: &Terms<'_>) -> Vec<Planned> {
    let company = Company {
        id: terms.entity.odoo_company,
        zone: terms.entity.zone.clone(),
    };
    let shard = LaneShard::of(Lane::Master, &deal.reference);
    let customer = terms.customer.reference.clone();
    let signature = deal.reference.sibling("signature");
    let planned = |reference: &Reference, waits_for: Option<&Reference>, command| Planned {
        reference: reference.clone(),
        version: deal.version,
        shard,
        waits_for: waits_for.cloned(),
        command,
    };
    let mut plan = vec![
        planned(&customer, None, create_customer(deal, terms, &company)),
        planned(
            &deal.reference,
            Some(&customer),
            create_order(deal, terms, &company),
        ),
    ];
    if let Some(signed_on) = deal.signed_on {
        let order = deal.reference.clone();
        let confirm = ConfirmOrder {
            company: company.clone(),
            order,
            signed_on,
        };
        plan.push(planned(
            &signature,
            Some(&deal.reference),
            Command::ConfirmOrder(confirm),
        ));
        let project = create_project(deal, terms, company);
        plan.push(planned(
            &deal.reference.sibling("project"),
            Some(&signature),
            project,
        ));
    }
    plan
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
        payment_term: terms.payment_term.to_owned(),
        billing_contact: deal.billing_contact.as_ref().map(|contact| BillingContact {
            reference: contact.reference.clone(),
            name: contact.name.clone(),
            email: contact.email.clone(),
        }),
    })
}

fn create_order(deal: &Deal, terms: &Terms<'_>, company: &Company) -> Command {
    Command::CreateOrder(CreateOrder {
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
    })
}

fn create_project(deal: &Deal, terms: &Terms<'_>, company: Company) -> Command {
    let by_hours = |line: &&OrderLine| line.billing == LineBilling::TimeAndMaterials;
    Command::CreateProject(CreateProject {
        company,
        order: deal.reference.clone(),
        customer: terms.customer.reference.clone(),
        default_line: terms
            .lines
            .iter()
            .find(by_hours)
            .map(|line| line.reference.clone()),
        name: deal.name.clone(),
    })
}
