//! From a won deal to a customer, a contract, its confirmation and its project.

use rust_decimal::Decimal;

use super::account::not_in_book;
use super::deal_plan::{Terms, plan};
use super::{Objection, Verdict};
use crate::ExceptionClass;
use crate::book::{Book, Crm, ServiceBilling};
use crate::command::{LineBilling, OrderLine};
use crate::event::{Deal, DealLine};

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
    crm: &Crm,
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
    let purchase_order = or_missing(filled(deal.purchase_order.as_deref()), missing, || {
        format!("purchase order number ({})", names.purchase_order)
    });
    or_missing(filled(deal.owner.as_deref()), missing, || {
        "deal owner".to_owned()
    });
    let customer = or_missing(deal.customer.as_ref(), missing, || "company".to_owned());
    or_missing(deal.billing_contact.as_ref(), missing, || {
        "billing contact".to_owned()
    });
    let currency = or_missing(filled(deal.currency.as_deref()), missing, || {
        "currency".to_owned()
    });
    let amount = or_missing(deal.amount, missing, || "amount".to_owned());
    let lines = order_lines(deal, book, missing);
    if let Some(amount) = amount.filter(|_| !lines.is_empty()) {
        check_sum(amount, &lines, missing);
    }
    Some(Terms {
        entity: entity?,
        customer: customer?,
        payment_term: payment_term?,
        purchase_order: purchase_order?,
        currency: currency?,
        amount: amount?,
        lines,
    })
}

/// What the book has under a word of the deal.
fn in_book<'a, T>(
    word: Option<&'a str>,
    find: impl Fn(&'a str) -> Option<T>,
    what: &str,
    missing: &mut Vec<String>,
) -> Option<T> {
    match filled(word) {
        Some(word) => or_missing(find(word), missing, || {
            format!("{what}: {word:?} is not in the book")
        }),
        None => or_missing(None, missing, || what.to_owned()),
    }
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn or_missing<T>(
    value: Option<T>,
    missing: &mut Vec<String>,
    what: impl FnOnce() -> String,
) -> Option<T> {
    if value.is_none() {
        missing.push(what());
    }
    value
}

fn order_lines(deal: &Deal, book: &Book, missing: &mut Vec<String>) -> Vec<OrderLine> {
    if deal.lines.is_empty() {
        missing.push("line items".to_owned());
    }
    deal.lines
        .iter()
        .filter_map(|line| order_line(line, book, missing))
        .collect()
}

fn order_line(line: &DealLine, book: &Book, missing: &mut Vec<String>) -> Option<OrderLine> {
    let label = &line.description;
    let sku = or_missing(filled(line.sku.as_deref()), missing, || {
        format!("line item {label:?}: product code (hs_sku)")
    })?;
    let service = or_missing(book.service_by_sku(sku), missing, || {
        format!("line item {label:?}: service {sku:?} is not in the book")
    })?;
    if line.quantity <= Decimal::ZERO || line.unit_price < Decimal::ZERO {
        missing.push(format!(
            "line item {label:?}: quantity above zero and a price"
        ));
    }
    let billing = match service.billing {
        ServiceBilling::TimeAndMaterials => LineBilling::TimeAndMaterials,
        ServiceBilling::FixedFee => {
            // Odoo keeps two decimals of a quantity: an instalment that is a fraction of a unit
            // would lose money, so every instalment is one whole line of its own.
            if line.quantity != Decimal::ONE {
                missing.push(format!(
                    "line item {label:?}: one line item of quantity 1 per instalment"
                ));
            }
            let due = or_missing(line.due, missing, || {
                format!("line item {label:?}: billing start date of the instalment")
            })?;
            LineBilling::Instalment { due }
        }
    };
    Some(OrderLine {
        reference: line.reference.clone(),
        service: service.key.clone(),
        product: service.product.clone(),
        description: label.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price - line.discount_per_unit,
        discount_percent: line.discount_percent,
        billing,
    })
}

/// What a line is worth without tax, rounded to the cent as Odoo does (half away from zero).
pub(super) fn net(quantity: Decimal, unit_price: Decimal, discount_percent: Decimal) -> Decimal {
    let share = Decimal::ONE - discount_percent / Decimal::ONE_HUNDRED;
    (quantity * unit_price * share)
        .round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

fn check_sum(amount: Decimal, lines: &[OrderLine], missing: &mut Vec<String>) {
    let sum: Decimal = lines
        .iter()
        .map(|l| net(l.quantity, l.unit_price, l.discount_percent))
        .sum();
    if sum != amount {
        missing.push(format!(
            "amount: the line items less discounts are {sum}, the deal says {amount}"
        ));
    }
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

#[cfg(test)]
pub(crate) mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::book::tests::demo;
    use crate::event::{Contact, Customer, Personal};
    use crate::{Reference, Version};

    fn named(entity: &str, id: &str) -> Reference {
        Reference::new("hubspot", "48807704", entity, id)
    }

    fn line(id: &str, sku: &str, quantity: i64, price: i64) -> DealLine {
        DealLine {
            reference: named("line_item", id),
            description: format!("line {id}"),
            sku: Some(sku.to_owned()),
            quantity: Decimal::from(quantity),
            unit_price: Decimal::from(price),
            discount_percent: Decimal::ZERO,
            discount_per_unit: Decimal::ZERO,
            due: (sku == "SVC-FIXED").then(|| date(2026, 11, 30)),
        }
    }

    /// A deal that passes the gate: 100 h × 160 less 10 %, 20 h × 210, two instalments of 5,000.
    pub(crate) fn complete() -> Deal {
        let mut lines = vec![
            line("1", "SVC-SENIOR", 100, 160),
            line("2", "SVC-ARCH", 20, 210),
            line("3", "SVC-FIXED", 1, 5000),
            line("4", "SVC-FIXED", 1, 5000),
        ];
        lines[0].discount_percent = Decimal::TEN;
        Deal {
            reference: named("deal", "99"),
            version: Version(1),
            name: "Data platform".to_owned(),
            stage: "closedwon".to_owned(),
            owner: Some("7".to_owned()),
            legal_entity: Some("Northwind Consulting Inc".to_owned()),
            payment_terms: Some("Net 30".to_owned()),
            purchase_order: Some("PO-4711".to_owned()),
            currency: Some("USD".to_owned()),
            amount: Some(Decimal::from(28_600)),
            signed_on: None,
            customer: Some(Customer {
                reference: named("company", "5"),
                name: "Acme".to_owned(),
                vat: None,
                country: Some("US".to_owned()),
            }),
            billing_contact: Some(Contact {
                reference: named("contact", "6"),
                name: Personal("Ada Payable".to_owned()),
                email: Personal("ap@example.com".to_owned()),
            }),
            lines,
        }
    }

    fn items(deal: &Deal) -> Vec<String> {
        let Verdict::Except(objection) = judge_deal(deal, &demo()) else {
            panic!("expected an exception")
        };
        objection.items
    }

    #[test]
    fn a_deal_of_an_account_that_the_book_does_not_name_is_a_question() {
        let deal = Deal {
            reference: Reference::new("hubspot", "5550123", "deal", "99"),
            ..complete()
        };
        let Verdict::Except(objection) = judge_deal(&deal, &demo()) else {
            panic!("expected a question")
        };
        assert_eq!(objection.code, "account_not_in_book");
        assert!(objection.sentence.contains("5550123 of hubspot"));
    }

    #[test]
    fn everything_missing_is_named_at_once() {
        let mut deal = complete();
        deal.legal_entity = None;
        deal.purchase_order = Some("  ".to_owned());
        assert_eq!(
            items(&deal),
            [
                "legal entity (legal_entity)",
                "purchase order number (po_number)"
            ]
        );
        let empty = Deal {
            owner: None,
            legal_entity: None,
            payment_terms: None,
            purchase_order: None,
            currency: None,
            amount: None,
            customer: None,
            billing_contact: None,
            lines: vec![],
            ..complete()
        };
        assert_eq!(items(&empty).len(), 9);
    }

    #[test]
    fn the_sum_of_the_lines_less_discounts_is_the_amount() {
        let mut deal = complete();
        deal.amount = Some(Decimal::from(30_200));
        assert_eq!(
            items(&deal),
            ["amount: the line items less discounts are 28600.00, the deal says 30200"]
        );
    }

    #[test]
    fn words_that_are_not_in_the_book_are_not_guessed() {
        let mut deal = complete();
        deal.legal_entity = Some("Northwind".to_owned());
        deal.payment_terms = Some("Net 45".to_owned());
        deal.lines[1].sku = Some("SVC-ARCHITECT".to_owned());
        let items = items(&deal);
        assert!(
            items
                .iter()
                .any(|item| item.contains("\"Northwind\" is not in the book"))
        );
        assert!(
            items
                .iter()
                .any(|item| item.contains("\"Net 45\" is not in the book"))
        );
        assert!(
            items
                .iter()
                .any(|item| item.contains("\"SVC-ARCHITECT\" is not in the book"))
        );
    }

    #[test]
    fn an_instalment_is_one_whole_line_with_a_date() {
        let mut deal = complete();
        deal.lines[2].quantity = Decimal::TWO;
        deal.lines[3].due = None;
        let items = items(&deal);
        assert!(
            items
                .iter()
                .any(|item| item.contains("quantity 1 per instalment")),
            "{items:?}"
        );
        assert!(
            items.iter().any(|item| item.contains("billing start date")),
            "{items:?}"
        );
    }

    #[test]
    fn a_signature_adds_confirmation_and_project() {
        let names = |deal: &Deal| {
            let Verdict::Go(plan) = judge_deal(deal, &demo()) else {
                panic!("expected commands")
            };
            plan.iter().map(|p| p.command.name()).collect::<Vec<_>>()
        };
        let mut deal = complete();
        assert_eq!(names(&deal), ["create_customer", "create_order"]);
        deal.signed_on = Some(date(2026, 11, 2));
        let all = [
            "create_customer",
            "create_order",
            "confirm_order",
            "create_project",
        ];
        assert_eq!(names(&deal), all);
        deal.stage = "contractsent".to_owned();
        assert_eq!(
            judge_deal(&deal, &demo()),
            Verdict::Nothing {
                why: "deal is not won"
            }
        );
    }
}
