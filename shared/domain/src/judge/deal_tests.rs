//! The deal gate, by examples.

use jiff::civil::date;
use rust_decimal::Decimal;

use super::{Verdict, judge_deal};
use crate::book::Book;
use crate::book::tests::{TEXT, demo};
use crate::command::{Command, CreateOrder};
use crate::customer::{Address, Hints};
use crate::event::{Agreed, Contact, Customer, Deal, DealLine, Personal};
use crate::{Reference, Version};

pub(super) fn named(entity: &str, id: &str) -> Reference {
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
        budget_hours: None,
        unit: None,
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
        agreed: Agreed::default(),
        customer: Some(Customer {
            reference: named("company", "5"),
            name: "Acme".to_owned(),
            vat: None,
            country: Some("US".to_owned()),
            address: Address::default(),
            language: None,
            version: None,
            hints: Hints::default(),
        }),
        billing_contact: Some(Contact {
            reference: named("contact", "6"),
            name: Personal("Ada Payable".to_owned()),
            email: Personal("ap@example.com".to_owned()),
        }),
        lines,
    }
}

/// The order that a deal becomes.
pub(crate) fn order_of(deal: &Deal) -> CreateOrder {
    let Verdict::Go(plan) = judge_deal(deal, &demo()) else {
        panic!("expected commands")
    };
    let Command::CreateOrder(order) = &plan[1].command else {
        panic!("expected an order")
    };
    order.clone()
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

/// The book of the demo with services of every kind and more rules.
pub(super) fn book(rules: &str) -> Book {
    let services = [
        ("milestone", "SVC-MILESTONE", "milestone"),
        ("retainer", "SVC-RETAINER", "retainer"),
        ("managed_month", "SVC-MANAGED", "recurring"),
    ];
    let mut text = TEXT.to_owned();
    for (key, sku, billing) in services.iter().filter(|(_, sku, _)| !TEXT.contains(*sku)) {
        text.push_str(&format!(
            "\n[[services]]\nkey = {key:?}\nproduct = \"catalogue.{key}\"\nsku = {sku:?}\nbilling = {billing:?}\n"
        ));
    }
    Book::parse(&format!("{text}\n{rules}")).unwrap()
}

pub(super) fn commands(deal: &Deal, book: &Book) -> Vec<&'static str> {
    let Verdict::Go(plan) = judge_deal(deal, book) else {
        panic!("expected commands")
    };
    plan.iter().map(|p| p.command.name()).collect()
}

pub(super) fn missing(deal: &Deal, book: &Book) -> Vec<String> {
    let Verdict::Except(objection) = judge_deal(deal, book) else {
        panic!("expected an exception")
    };
    objection.items
}

/// A fixed fee of 100,000 in four milestones, with 320 planned hours.
fn in_milestones() -> Deal {
    let mut lines: Vec<DealLine> = [40_000, 30_000, 20_000, 10_000]
        .iter()
        .zip(["1", "2", "3", "4"])
        .map(|(price, id)| line(id, "SVC-MILESTONE", 1, *price))
        .collect();
    for line in &mut lines {
        line.due = Some(date(2027, 1, 31));
        line.budget_hours = Some(Decimal::from(80));
    }
    Deal {
        lines,
        amount: Some(Decimal::from(100_000)),
        signed_on: Some(date(2026, 11, 2)),
        ..complete()
    }
}

#[test]
fn a_fixed_fee_in_milestones_plans_a_milestone_for_each_line() {
    let Verdict::Go(plan) = judge_deal(&in_milestones(), &book("")) else {
        panic!("expected commands")
    };
    let Command::CreateProject(project) = &plan[3].command else {
        panic!("expected a project")
    };
    assert_eq!(project.milestones.len(), 4);
    assert_eq!(project.milestones[0].due, date(2027, 1, 31));
    assert_eq!(project.budget_hours, Some(Decimal::from(320)));
    assert_eq!(project.default_line, None, "nothing takes time");
}

#[test]
fn a_milestone_is_one_unit_with_a_day_and_months_are_whole() {
    let mut deal = in_milestones();
    deal.lines[0].quantity = Decimal::TWO;
    deal.lines[1].due = None;
    deal.lines[2].sku = Some("SVC-MANAGED".to_owned());
    deal.lines[2].quantity = "1.5".parse().unwrap();
    deal.lines[3].sku = Some("SVC-RETAINER".to_owned());
    deal.lines[3].due = None;
    let items = missing(&deal, &book(""));
    for what in [
        "one line item of quantity 1 per milestone",
        "billing start date of the milestone",
        "whole months",
        "billing start date of the retainer",
    ] {
        assert!(items.iter().any(|item| item.contains(what)), "{items:?}");
    }
}

#[test]
fn what_confirms_a_contract_is_what_the_book_says() {
    let open = complete();
    let (draft, all) = (
        vec!["create_customer", "create_order"],
        vec![
            "create_customer",
            "create_order",
            "confirm_order",
            "create_project",
        ],
    );
    assert_eq!(commands(&open, &book("")), draft);

    let won = book("[[contracts]]\nconfirm_on = \"won\"\n");
    assert_eq!(
        missing(&open, &won),
        ["close date: the book confirms this contract when it is won"]
    );
    let mut closed = open.clone();
    // Half past two at night in UTC is still the day before in New York.
    closed.agreed.closed_at = Some("2026-11-20T02:30:00Z".parse().unwrap());
    assert_eq!(commands(&closed, &won), all);
    let Verdict::Go(plan) = judge_deal(&closed, &won) else {
        panic!("expected commands")
    };
    let Command::ConfirmOrder(confirm) = &plan[2].command else {
        panic!("expected a confirmation")
    };
    assert_eq!(confirm.signed_on, date(2026, 11, 19));

    let manual = book("[[contracts]]\nentity = \"us\"\nconfirm_on = \"manual\"\n");
    let waiting = vec!["create_customer", "create_order", "create_project"];
    assert_eq!(commands(&open, &manual), waiting);
    let mut signed = open;
    signed.signed_on = Some(date(2026, 11, 2));
    assert_eq!(
        commands(&signed, &manual),
        waiting,
        "a person says so, not the deal"
    );
}

#[test]
fn a_purchase_order_is_required_and_valid_or_passed_on() {
    let mut deal = complete();
    deal.signed_on = Some(date(2026, 11, 2));
    deal.agreed.purchase_order_until = Some(date(2026, 11, 1));
    deal.agreed.purchase_order_amount = Some(Decimal::from(10_000));
    assert_eq!(
        missing(&deal, &book("")),
        [
            "purchase order PO-4711: it was valid until 2026-11-01",
            "purchase order PO-4711: it is for 10000, the deal for 28600"
        ]
    );
    deal.purchase_order = None;
    let optional = book("[[contracts]]\ncustomer = \"5\"\npurchase_order = \"optional\"\n");
    assert_eq!(commands(&deal, &optional).len(), 4);
    assert!(
        missing(&deal, &book(""))
            .iter()
            .any(|item| item == "purchase order number (po_number)")
    );
}

#[test]
fn the_salesperson_is_in_the_book_or_nobody() {
    let mut named = book("");
    let owners = |pairs: &[(&str, &str)]| {
        let pair = |(owner, user): &(&str, &str)| ((*owner).to_owned(), (*user).to_owned());
        pairs.iter().map(pair).collect()
    };
    let salesperson = |book: &Book| {
        let Verdict::Go(plan) = judge_deal(&complete(), book) else {
            panic!("expected commands")
        };
        let Command::CreateOrder(order) = &plan[1].command else {
            panic!("expected an order")
        };
        order.salesperson.clone()
    };
    assert_eq!(salesperson(&named), None);
    named.crm.first_mut().owners = owners(&[("7", "firm.sally")]);
    assert_eq!(salesperson(&named).as_deref(), Some("firm.sally"));
    named.crm.first_mut().owners = owners(&[("7", "none")]);
    assert_eq!(salesperson(&named), None);
    named.crm.first_mut().owners = owners(&[("8", "firm.sam")]);
    assert_eq!(missing(&complete(), &named).len(), 1);
}

#[test]
fn nothing_new_is_written_about_a_deal_of_which_nothing_new_is_known() {
    let text = serde_json::to_string(&Command::CreateOrder(order_of(&complete()))).unwrap();
    for new in ["salesperson", "cap", "when_locked", "credit", "from"] {
        assert!(
            !text.contains(&format!("\"{new}\"")),
            "{new} changes every fingerprint"
        );
    }
}
