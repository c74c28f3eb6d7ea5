//! From a won deal to a customer, a contract, its confirmation and its project.

use super::account::not_in_book;
use super::deal_agreed::{cap, confirmation, credit, issuer, purchase_order, salesperson};
use super::deal_earned::earned;
use super::deal_lines::{check_sum, kind, order_lines};
use super::deal_plan::{Terms, plan};
use super::deal_rates::by_rate_cards;
use super::deal_taxes::by_tax_profiles;
use super::missing::{filled, in_book, or_missing};
use super::{Objection, Verdict};
use crate::ExceptionClass;
use crate::book::{Book, ContractRules, Crm, Entity};
use crate::command::OrderLine;
use crate::event::Deal;

/// The deal gate: everything finance needs is checked before anything is written, and everything
/// that is missing is named at once.
pub fn judge_deal(deal: &Deal, book: &Book) -> Verdict {
    let Some(crm) = book.crm(deal.reference.system(), deal.reference.account()) else {
        return Verdict::Except(not_in_book(&deal.reference, "crm"));
    };
    if !crm.won_stages.contains(&deal.stage) {
        return Verdict::Nothing {
            why: "deal is not won",
        };
    }
    let mut missing = Vec::new();
    match terms(deal, book, crm, &mut missing) {
        Some(terms) if missing.is_empty() => Verdict::Go(plan(deal, &terms)),
        _ => Verdict::Except(incomplete(deal, missing)),
    }
}

fn terms<'a>(
    deal: &'a Deal,
    book: &'a Book,
    crm: &'a Crm,
    missing: &mut Vec<String>,
) -> Option<Terms<'a>> {
    let names = &crm.properties;
    let entity = in_book(
        deal.legal_entity.as_deref(),
        |name| book.entity(name),
        &format!("legal entity ({})", names.legal_entity),
        missing,
    );
    let payment_term = in_book(
        deal.payment_terms.as_deref(),
        |term| book.payment_terms.get(term),
        &format!("payment terms ({})", names.payment_terms),
        missing,
    );
    let salesperson = salesperson(deal, crm, missing);
    let customer = or_missing(deal.customer.as_ref(), missing, || "company".to_owned());
    or_missing(deal.billing_contact.as_ref(), missing, || {
        "billing contact".to_owned()
    });
    let language = language(deal, crm, missing);
    let currency = or_missing(filled(deal.currency.as_deref()), missing, || {
        "currency".to_owned()
    });
    let amount = or_missing(deal.amount, missing, || "amount".to_owned());
    let lines = lines(deal, book, entity, missing);
    let earned = earned(&lines, book, missing);
    let customer_id = customer.map_or("", |customer| customer.reference.id());
    let rules = match entity {
        Some(entity) => book.contract(entity, customer_id, kind(deal, book)),
        None => ContractRules::default(),
    };
    let purchase_order = purchase_order(deal, names, entity, &rules, missing);
    let cap = cap(deal, missing);
    let confirmation = confirmation(deal, entity, &rules, missing);
    let issuer = issuer(deal, names, &rules, &lines, missing);
    let credit = credit(deal, &rules, missing);
    Some(Terms {
        entity: entity?,
        customer: customer?,
        language,
        payment_term: payment_term?,
        purchase_order,
        currency: currency?,
        amount: amount?,
        lines,
        earned,
        salesperson,
        cap,
        confirmation,
        issuer,
        credit,
        free_mail: &book.customers.free_mail,
        rules,
    })
}

/// What is sold, at the firm's prices and taxes, and together what the deal says.
fn lines(
    deal: &Deal,
    book: &Book,
    entity: Option<&Entity>,
    missing: &mut Vec<String>,
) -> Vec<OrderLine> {
    let lines = order_lines(deal, book, missing);
    let lines = by_rate_cards(lines, deal, book, entity, missing);
    let lines = by_tax_profiles(lines, deal, book, entity, missing);
    if let Some(amount) = deal.amount.filter(|_| !lines.is_empty()) {
        check_sum(amount, &lines, missing);
    }
    lines
}

/// The customer's language as Odoo names it, where the CRM says one.
fn language(deal: &Deal, crm: &Crm, missing: &mut Vec<String>) -> Option<String> {
    let word = filled(deal.customer.as_ref()?.language.as_deref())?;
    let code = crm.languages.get(word).cloned();
    or_missing(code, missing, || {
        format!("company: language {word:?} is not in the book (crm.languages)")
    })
}

fn incomplete(deal: &Deal, missing: Vec<String>) -> Objection {
    Objection {
        code: "deal_incomplete",
        class: ExceptionClass::DataQuality,
        sentence: format!(
            "Won deal {} cannot become a contract: {} to complete",
            deal.reference.id(),
            match missing.len() {
                1 => "one thing is".to_owned(),
                n => format!("{n} things are"),
            }
        ),
        items: missing,
        fix: "Complete the deal in the CRM; it is picked up again by itself.".to_owned(),
        owner: "sales",
    }
}
