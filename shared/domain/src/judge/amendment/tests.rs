//! What an order follows, by examples.

use rust_decimal::dec;

use super::*;
use crate::judge::deal_tests::{complete, order_of};

/// The order of the complete deal, confirmed: 30 of 100 hours are delivered, 20 billed.
fn found(order: &CreateOrder) -> OrderInOdoo {
    let line = |line: &OrderLine| LineInOdoo {
        reference: line.reference.clone(),
        quantity: line.quantity,
        delivered: dec!(0),
        invoiced: dec!(0),
        unit_price: line.unit_price,
        discount_percent: line.discount_percent,
    };
    let mut found = OrderInOdoo {
        name: "S00001".to_owned(),
        confirmed: true,
        payment_term: order.payment_term.clone(),
        purchase_order: order.purchase_order.clone(),
        lines: order.lines.iter().map(line).collect(),
        foreign_lines: 0,
    };
    found.lines[0].delivered = dec!(30);
    found.lines[0].invoiced = dec!(20);
    found
}

fn changed(change: impl Fn(&mut CreateOrder)) -> Result<Amendment, Objection> {
    let before = order_of(&complete());
    let mut after = before.clone();
    change(&mut after);
    amend(&[&before], &after, &found(&before))
}

fn refusal(change: impl Fn(&mut CreateOrder)) -> (&'static str, String) {
    let objection = changed(change).unwrap_err();
    assert_eq!(objection.items.len(), 1, "{:?}", objection.items);
    (objection.code, objection.items[0].clone())
}

#[test]
fn what_did_not_change_is_not_written() {
    assert!(changed(|_| ()).unwrap().is_empty());
}

#[test]
fn a_new_line_is_added_and_nothing_else_is_touched() {
    let amendment = changed(|order| {
        let mut line = order.lines[0].clone();
        line.reference = Reference::new("hubspot", "1", "line_item", "cr");
        line.unit_price = dec!(170);
        order.lines.push(line);
    });
    let amendment = amendment.unwrap();
    assert_eq!(amendment.added.len(), 1);
    assert!(amendment.lines.is_empty());
}

#[test]
fn a_quantity_is_lowered_to_what_is_delivered_and_not_below() {
    let amendment = changed(|order| order.lines[0].quantity = dec!(30)).unwrap();
    assert_eq!(amendment.lines[0].quantity, dec!(30));
    let (code, item) = refusal(|order| order.lines[0].quantity = dec!(29.75));
    assert_eq!(code, "change_not_possible");
    assert!(item.contains("29.75 is less than what is delivered or billed already (30)"));
    let (_, item) = refusal(|order| drop(order.lines.remove(0)));
    assert!(item.contains("keep it with that quantity"), "{item}");
    let amendment = changed(|order| drop(order.lines.remove(1))).unwrap();
    assert_eq!(amendment.lines[0].quantity, dec!(0));
}

#[test]
fn terms_that_differ_name_both_values() {
    let (code, item) = refusal(|order| order.lines[0].unit_price = dec!(170));
    assert_eq!(code, "terms_drift");
    assert!(
        item.contains("170 less 10 % on the deal, 160 less 10 % on the order"),
        "{item}"
    );
    let (_, item) = refusal(|order| order.purchase_order = "PO-9".to_owned());
    assert_eq!(
        item,
        "purchase order: PO-9 on the deal, PO-4711 on the order"
    );
    let (_, item) = refusal(|order| order.payment_term = "x.now".to_owned());
    assert!(
        item.starts_with("payment terms: x.now on the deal, account."),
        "{item}"
    );
}

#[test]
fn what_a_person_changed_in_odoo_is_drift_even_when_the_deal_did_not_change_it() {
    let order = order_of(&complete());
    let mut found = found(&order);
    found.lines[1].unit_price = dec!(1);
    found.lines[2].quantity = dec!(2);
    found.purchase_order = String::new();
    found.foreign_lines = 1;
    let objection = amend(&[&order], &order, &found).unwrap_err();
    assert_eq!(objection.code, "terms_drift");
    assert_eq!(objection.items.len(), 4, "{:?}", objection.items);
}

#[test]
fn a_draft_follows_the_deal_unless_a_person_has_changed_it() {
    let before = order_of(&complete());
    let mut after = before.clone();
    after.lines[0].unit_price = dec!(170);
    after.purchase_order = "PO-9".to_owned();
    let mut draft = OrderInOdoo {
        confirmed: false,
        ..found(&before)
    };
    let amendment = amend(&[&before], &after, &draft).unwrap();
    assert_eq!(amendment.lines[0].unit_price, dec!(170));
    assert_eq!(amendment.purchase_order.as_deref(), Some("PO-9"));
    draft.lines[0].unit_price = dec!(1);
    assert_eq!(
        amend(&[&before], &after, &draft).unwrap_err().code,
        "terms_drift"
    );
}

#[test]
fn an_amendment_that_was_cut_off_is_completed() {
    let before = order_of(&complete());
    let mut after = before.clone();
    after.lines[0].quantity = dec!(120);
    let halfway = found(&after);
    assert!(amend(&[&before], &after, &halfway).unwrap().is_empty());
    let mut newest = after.clone();
    newest.lines[0].quantity = dec!(130);
    let amendment = amend(&[&after, &before], &newest, &found(&after)).unwrap();
    assert_eq!(amendment.lines[0].quantity, dec!(130));
}

#[test]
fn a_line_that_was_taken_off_comes_back() {
    let mut before = order_of(&complete());
    let after = before.clone();
    let mut found = found(&before);
    let gone = before.lines.remove(1);
    found.lines[1].quantity = dec!(0);
    let amendment = amend(&[&before], &after, &found).unwrap();
    assert_eq!(amendment.lines[0].quantity, gone.quantity);
}

#[test]
fn a_confirmed_order_keeps_who_invoices() {
    let (code, item) = refusal(|order| order.issuer = crate::book::Issuer::Psa);
    assert_eq!(code, "change_not_possible");
    assert!(item.starts_with("who invoices changed"), "{item}");
}

#[test]
fn a_confirmed_order_keeps_who_makes_its_project() {
    use crate::book::ProjectMaker;
    let (code, item) = refusal(|order| order.project_made_by = Some(ProjectMaker::Odoo));
    assert_eq!(code, "change_not_possible");
    assert!(item.starts_with("who makes the project changed"), "{item}");
    // What the book says now is what held before it said anything.
    let before = order_of(&complete());
    let mut after = before.clone();
    after.project_made_by = Some(ProjectMaker::Tenon);
    assert!(
        amend(&[&before], &after, &found(&before))
            .unwrap()
            .is_empty()
    );
}
