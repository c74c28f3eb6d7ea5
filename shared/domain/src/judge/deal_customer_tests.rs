//! The customer of a deal, by examples.

use super::deal_tests::{book, commands, complete, missing, named};
use super::{Verdict, judge_deal};
use crate::book::Book;
use crate::book::tests::{TEXT, demo};
use crate::command::{Command, CreateCustomer};
use crate::customer::Hints;
use crate::event::{Deal, Personal};

#[test]
fn every_customer_is_made_in_one_partition() {
    let shards = |deal: &str| {
        let deal = Deal {
            reference: named("deal", deal),
            ..complete()
        };
        let Verdict::Go(plan) = judge_deal(&deal, &demo()) else {
            panic!("expected commands")
        };
        (plan[0].shard, plan[1].shard)
    };
    let all: Vec<_> = (0..20).map(|id| shards(&id.to_string())).collect();
    assert!(all.iter().all(|(customer, _)| *customer == all[0].0));
    assert!(all.iter().any(|(_, order)| *order != all[0].1));
}

#[test]
fn domains_help_to_find_a_customer_where_nobody_else_has_a_mailbox() {
    let found = |book: &Book, email: &str| {
        let mut deal = complete();
        deal.billing_contact.as_mut().unwrap().email = Personal(email.to_owned());
        let Verdict::Go(plan) = judge_deal(&deal, book) else {
            panic!("expected commands")
        };
        let Command::CreateCustomer(customer) = &plan[0].command else {
            panic!("expected a customer")
        };
        let fingerprint = plan[0].command.fingerprint().unwrap();
        let content = Command::CreateCustomer(CreateCustomer {
            hints: Hints::default(),
            ..customer.clone()
        });
        assert_eq!(fingerprint, content.fingerprint().unwrap());
        let domains = customer.hints.domains.iter().cloned();
        domains.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found(&book(""), "ap@Example.com"), "example.com");
    assert_eq!(found(&book(""), "acme@gmail.com"), "");
    let own = book("[customers]\nfree_mail = [\"example.com\"]\n");
    assert_eq!(found(&own, "ap@example.com"), "");
    assert_eq!(found(&own, "acme@gmail.com"), "gmail.com");
    let wrong = Book::parse(&format!(
        "{TEXT}\n[customers]\nfree_mail = [\"@Gmail.com\"]\n"
    ));
    let error = wrong.unwrap_err().to_string();
    assert!(
        error.contains("customers.free_mail: \"@Gmail.com\" is no domain"),
        "{error}"
    );
}

#[test]
fn a_customer_on_hold_in_the_book_gets_no_contract_and_the_reason_is_named() {
    let held = book("[[contracts]]\ncustomer = \"5\"\ncredit_hold = \"90 days overdue\"\n");
    let items = missing(&complete(), &held);
    assert_eq!(items.len(), 1);
    assert!(items[0].contains("90 days overdue"), "{items:?}");
    let others = book("[[contracts]]\ncustomer = \"6\"\ncredit_hold = \"90 days overdue\"\n");
    assert_eq!(commands(&complete(), &others).len(), 2);
}
