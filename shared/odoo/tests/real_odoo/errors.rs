//! What a failure on the real Odoo is taken for.

use std::time::Duration;

use domain::NextStep;
use odoo::{ApiKey, Odoo, OdooConfig, OdooError, customer, invoice, order, project};
use serde_json::{Value, json};

use crate::support::{Deal, World, at, company, named_id, number, raw, record, reference};

/// A call that every user may make.
async fn asked(odoo: &Odoo) -> Result<Value, OdooError> {
    raw(odoo, "res.users", "context_get", json!({})).await
}

#[tokio::test]
async fn every_failure_answers_what_to_do_next() {
    let world = World::new();
    assert!(asked(&world.reader).await.is_ok());

    let closed = asked(&at("http://127.0.0.1:9", "any", "4"))
        .await
        .unwrap_err();
    assert!(matches!(closed, OdooError::Unreachable(_)), "{closed:?}");
    assert_eq!(closed.next_step(), NextStep::Retry);

    let stranger = world.reader.with_key(ApiKey::new(&"9".repeat(40)));
    let stranger = asked(&stranger).await.unwrap_err();
    assert!(matches!(stranger, OdooError::KeyRefused), "{stranger:?}");
    assert_eq!(stranger.next_step(), NextStep::Retry);

    let misspelt = json!({"domain": [], "fields": ["nope"]});
    let misspelt = raw(&world.reader, "res.partner", "search_read", misspelt).await;
    let misspelt = misspelt.unwrap_err();
    assert!(
        matches!(misspelt, OdooError::Refused { .. }),
        "{misspelt:?}"
    );
    assert!(!format!("{misspelt:?}").contains("Traceback"));

    let deal = Deal::new("e");
    let denied = customer::create(&world.reader, &deal.customer, &deal.customer()).await;
    let denied = denied.unwrap_err();
    assert!(matches!(denied, OdooError::NotAllowed { .. }), "{denied:?}");
}

#[tokio::test]
async fn an_answer_that_never_comes_may_have_happened() {
    // It accepts connections and never reads from them.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let odoo = Odoo::new(OdooConfig {
        url: format!("http://{}", silent.local_addr().unwrap()),
        database: "any".to_owned(),
        key: ApiKey::new("any"),
        read_timeout: Duration::from_millis(300),
    });
    let error = asked(&odoo.unwrap()).await.unwrap_err();
    assert_eq!(error.next_step(), NextStep::LookFirst, "{error:?}");
}

#[tokio::test]
async fn an_instalment_that_a_person_invoiced_is_not_drafted_again() {
    let world = World::new();
    let deal = Deal::new("p");
    let (_, order, _) = deal.stand_up(&world).await;
    let mut draft = deal.invoice("1", "5000");
    draft.lines.remove(0);
    let mine = reference("invoice", "p/1");
    invoice::draft(&world.billing, &mine, &draft, order, &[])
        .await
        .unwrap();
    let next = reference("invoice", "p/2");
    let again = invoice::draft(&world.billing, &next, &draft, order, &[])
        .await
        .unwrap_err();
    assert!(
        again
            .to_string()
            .contains("1 of 1 delivered is already invoiced"),
        "{again}"
    );
    let found = record(&world.admin, "sale.order", order, &["invoice_ids"]).await;
    assert_eq!(found["invoice_ids"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_load_that_odoo_refuses_with_http_200_is_a_failure() {
    let world = World::new();
    let mut deal = Deal::new("l");
    customer::create(&world.master, &deal.customer, &deal.customer())
        .await
        .unwrap();
    deal.order.lines[0].product = "catalogue.unknown".to_owned();
    let refused = order::create(&world.master, &deal.deal, &deal.order).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, OdooError::Refused { .. }), "{refused:?}");
}

#[tokio::test]
async fn an_order_that_differs_from_the_deal_is_reported_with_all_differences() {
    let world = World::new();
    let mut deal = Deal::new("d");
    customer::create(&world.master, &deal.customer, &deal.customer())
        .await
        .unwrap();
    order::create(&world.master, &deal.deal, &deal.order)
        .await
        .unwrap();
    deal.order.expected_untaxed = number("1");
    deal.order.lines[1].unit_price = number("221");
    let differs = order::create(&world.master, &deal.deal, &deal.order).await;
    let Err(OdooError::Differs { differences }) = differs else {
        panic!("{differs:?}");
    };
    assert_eq!(
        differences,
        [
            "the order's untaxed amount is 15890, expected 1",
            "line \"Work: architect\": price is 220.5, expected 221",
        ]
    );
    // A project on a draft's line would confirm the order.
    let early = project::create(&world.master, &deal.project, &deal.project()).await;
    assert!(matches!(early, Err(OdooError::Differs { .. })), "{early:?}");
}

#[tokio::test]
async fn time_is_not_billed_twice_and_an_edited_draft_is_not_posted() {
    let world = World::new();
    let deal = Deal::new("t");
    let (_, order, project) = deal.stand_up(&world).await;
    let rows = [
        deal.entry(project, "1", "8", "8"),
        deal.entry(project, "2", "1", "1"),
    ];
    let logged = world.log(&rows).await;
    let entries: Vec<i64> = (logged.into_iter())
        .map(|posted| posted.unwrap().id)
        .collect();
    let (eight, both) = (&entries[..1], &entries[..]);
    let billing = &world.billing;
    let draft = deal.invoice("8", "6296.00");
    let bill = reference("invoice", "t/1");

    let too_many = invoice::draft(billing, &bill, &draft, order, both).await;
    assert!(
        matches!(too_many, Err(OdooError::Differs { .. })),
        "{too_many:?}"
    );
    let made = invoice::draft(billing, &bill, &draft, order, eight)
        .await
        .unwrap()
        .id;
    invoice::link(billing, &company(), made, eight)
        .await
        .unwrap();

    let other = reference("invoice", "t/2");
    let twice = invoice::draft(billing, &other, &draft, order, eight)
        .await
        .unwrap_err();
    assert!(twice.to_string().contains("already on invoice"), "{twice}");

    let name = reference("invoice_line", &format!("t/1/{}", deal.line(0).id()));
    let line = named_id(billing, &name.external_id()).await;
    let edit = json!({"ids": [made], "vals": {"invoice_line_ids": [[1, line, {"price_unit": 1}]]}});
    raw(billing, "account.move", "write", edit).await.unwrap();
    let post = domain::command::PostInvoice {
        draft,
        invoice: bill,
    };
    let edited = invoice::post(billing, &post, made, order)
        .await
        .unwrap_err();
    assert_eq!(edited.next_step(), NextStep::Park);
    assert!(
        edited.to_string().contains("price is 1, expected 180"),
        "{edited}"
    );
}
