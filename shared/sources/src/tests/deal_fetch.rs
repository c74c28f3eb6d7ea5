//! Fetching a deal, answered as HubSpot answers.

use domain::NextStep;
use domain::event::Deal;
use serde_json::{Value, json};

use super::demo_book;
use crate::hubspot::deal_fetch::{DealFetch, FetchError, Fetching};
use crate::{ApiAnswer, ApiError, ApiRequest};

fn answer(status: u16, body: &Value) -> ApiAnswer {
    ApiAnswer {
        status,
        body: body.to_string(),
    }
}

fn deal_body(line_items: &[&str]) -> Value {
    let results = |kind: &str, ids: &[&str]| {
        let results: Vec<Value> = ids
            .iter()
            .map(|id| json!({"id": id, "type": kind}))
            .collect();
        json!({ "results": results })
    };
    json!({
        "id": "99", "createdAt": "2026-11-01T08:00:00.000Z", "updatedAt": "2026-11-20T10:00:00.123Z",
        "archived": false,
        "properties": {
            "dealname": "Data platform", "dealstage": "closedwon", "amount": "48600",
            "deal_currency_code": "USD", "hubspot_owner_id": "7",
            "legal_entity": "Northwind Consulting Inc", "payment_terms": "Net 30",
            "po_number": null, "contract_signed_on": "2026-11-19", "hs_object_id": "99"
        },
        "associations": {
            "companies": { "results": [
                {"id": "4", "type": "deal_to_company_unlabeled"}, {"id": "5", "type": "deal_to_company"}
            ]},
            "contacts": results("deal_to_contact", &["6", "7"]),
            "line items": results("deal_to_line_item", line_items)
        }
    })
}

fn company() -> Value {
    json!({"id": "5", "updatedAt": "2026-11-01T08:00:00Z", "archived": false, "properties": {
        "name": "Acme Manufacturing LLC", "country": "United States", "hs_country_code": "US",
        "vat_number": ""}})
}

fn contact() -> Value {
    json!({"id": "6", "properties": {"firstname": "Pat", "lastname": "Payer", "email": "pat@acme.example"}})
}

fn line(id: &str, place: Option<&str>) -> Value {
    json!({"id": id, "properties": {"name": "Senior consultant", "quantity": "100", "price": "160.00",
        "hs_sku": "SVC-SENIOR", "hs_discount_percentage": "10", "discount": null,
        "hs_recurring_billing_start_date": "2026-12-01", "hs_position_on_quote": place}})
}

fn lines(results: Vec<Value>) -> Value {
    json!({"status": "COMPLETE", "results": results})
}

fn asked(deal: &Value) -> (DealFetch, Vec<ApiRequest>) {
    let (fetch, _) = DealFetch::start("48807704", "99", &demo_book());
    match fetch.next(vec![answer(200, deal)]).ok().unwrap() {
        Fetching::Ask(fetch, requests) => (fetch, requests),
        Fetching::Done(_) | Fetching::Gone => panic!("nothing was asked"),
    }
}

fn finish(deal: &Value, answers: Vec<ApiAnswer>) -> Result<Deal, FetchError> {
    match asked(deal).0.next(answers)? {
        Fetching::Done(deal) => Ok(*deal),
        Fetching::Ask(..) | Fetching::Gone => panic!("not done"),
    }
}

fn full() -> Vec<ApiAnswer> {
    let found = vec![line("10", None), line("9", Some("1")), line("8", Some("0"))];
    vec![
        answer(200, &company()),
        answer(200, &contact()),
        answer(200, &lines(found)),
    ]
}

#[test]
fn a_deal_is_asked_for_with_the_books_own_properties() {
    let (_, requests) = DealFetch::start("48807704", "99", &demo_book());
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].method, "GET");
    assert_eq!(
        requests[0].path_and_query,
        "/crm/v3/objects/deals/99?properties=dealname,dealstage,amount,deal_currency_code,hubspot_owner_id,closedate,legal_entity,payment_terms,po_number,contract_signed_on&associations=companies,contacts,line_items"
    );
    let (_, odd) = DealFetch::start("48807704", "9/../8?x", &demo_book());
    assert!(
        odd[0]
            .path_and_query
            .starts_with("/crm/v3/objects/deals/9%2F..%2F8%3Fx?")
    );
}

#[test]
fn its_parts_are_asked_for_together() {
    let paths: Vec<String> = asked(&deal_body(&["8", "9", "9"]))
        .1
        .into_iter()
        .map(|request| format!("{} {}", request.method, request.path_and_query))
        .collect();
    assert_eq!(
        paths,
        [
            "GET /crm/v3/objects/companies/5?properties=name,country,hs_country_code,address,zip,city,domain,hs_merged_object_ids,vat_number",
            "GET /crm/v3/objects/contacts/6?properties=firstname,lastname,email",
            "POST /crm/v3/objects/line_items/batch/read",
        ]
    );
    let many: Vec<String> = (0..201).map(|id| id.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(asked(&deal_body(&many)).1.len(), 2 + 3);
}

#[test]
fn the_deal_is_put_together_in_our_words() {
    let deal = finish(&deal_body(&["10", "9", "8"]), full()).unwrap();
    assert_eq!(deal.reference.to_string(), "hubspot__48807704__deal__99");
    assert_eq!(deal.version.0, 1_795_168_800_123);
    assert_eq!(deal.amount.unwrap().to_string(), "48600");
    assert_eq!(deal.owner.as_deref(), Some("7"));
    assert_eq!(deal.purchase_order, None);
    assert_eq!(deal.signed_on.unwrap().to_string(), "2026-11-19");
    let customer = deal.customer.unwrap();
    assert_eq!(customer.reference.id(), "5");
    assert_eq!(
        (customer.country.as_deref(), customer.vat),
        (Some("US"), None)
    );
    let contact = deal.billing_contact.unwrap();
    assert_eq!(contact.name.0, "Pat Payer");
    let ids: Vec<&str> = deal.lines.iter().map(|line| line.reference.id()).collect();
    assert_eq!(ids, ["8", "9", "10"]);
    assert_eq!(deal.lines[0].unit_price.to_string(), "160");
    assert_eq!(deal.lines[0].discount_percent.to_string(), "10");
    assert!(deal.lines[0].discount_per_unit.is_zero());
    assert_eq!(deal.lines[0].due.unwrap().to_string(), "2026-12-01");
}

#[test]
fn a_contact_labelled_for_billing_comes_first() {
    let mut deal = deal_body(&[]);
    deal["associations"]["contacts"]["results"][1]["type"] = json!("billing_contact");
    let requests = asked(&deal).1;
    assert!(requests[1].path_and_query.contains("/contacts/7?"));
}

#[test]
fn a_deal_that_is_gone_or_stands_alone_needs_no_second_round() {
    let first = |status, body: &Value| {
        let (fetch, _) = DealFetch::start("48807704", "99", &demo_book());
        fetch.next(vec![answer(status, body)]).ok().unwrap()
    };
    assert!(matches!(
        first(404, &json!({"category": "OBJECT_NOT_FOUND"})),
        Fetching::Gone
    ));
    let mut archived = deal_body(&[]);
    archived["archived"] = json!(true);
    assert!(matches!(first(200, &archived), Fetching::Gone));
    let mut alone = deal_body(&[]);
    alone["associations"] = Value::Null;
    let Fetching::Done(deal) = first(200, &alone) else {
        panic!("a deal without parts is whole");
    };
    assert!(deal.lines.is_empty() && deal.customer.is_none());
}

#[test]
fn a_missing_line_is_never_a_smaller_deal() {
    let deal = deal_body(&["8", "9"]);
    let mut answers = full();
    let partial = json!({"status": "COMPLETE", "results": [line("8", None)], "numErrors": 1,
        "errors": [{"status": "error", "category": "OBJECT_NOT_FOUND"}]});
    answers[2] = answer(207, &partial);
    let error = finish(&deal, answers).unwrap_err();
    assert_eq!(error, FetchError::LinesMissing { asked: 2, given: 1 });
    assert_eq!(error.next_step(), NextStep::Retry);
    let mut paged = deal_body(&["8"]);
    paged["associations"]["line items"]["paging"] = json!({"next": {"after": "8"}});
    let (fetch, _) = DealFetch::start("48807704", "99", &demo_book());
    let error = fetch.next(vec![answer(200, &paged)]).err();
    assert_eq!(error, Some(FetchError::TooManyLines));
}

#[test]
fn a_refusal_says_which_record_and_what_to_do() {
    let deal = deal_body(&["8"]);
    for (status, step) in [
        (429, NextStep::Retry),
        (401, NextStep::Park),
        (404, NextStep::Reject),
    ] {
        let mut answers = full();
        answers[1] = answer(status, &json!({}));
        let error = finish(&deal, answers).unwrap_err();
        assert!(matches!(
            &error,
            FetchError::Api {
                what: "contact",
                ..
            }
        ));
        assert_eq!(error.next_step(), step);
    }
    let (fetch, _) = DealFetch::start("48807704", "99", &demo_book());
    let error = fetch.next(vec![answer(503, &json!({}))]).err();
    let cause = ApiError::Busy { status: 503 };
    assert_eq!(
        error,
        Some(FetchError::Api {
            what: "deal",
            cause
        })
    );
    let few = finish(&deal, full().split_off(1)).unwrap_err();
    assert_eq!(few, FetchError::AnswerCount { asked: 3, given: 2 });
}

#[test]
fn a_value_that_is_no_number_is_named_but_not_shown() {
    for property in ["amount", "contract_signed_on"] {
        let mut deal = deal_body(&["10", "9", "8"]);
        deal["properties"][property] = json!("Bob's price");
        let error = finish(&deal, full()).unwrap_err();
        let FetchError::Unreadable {
            what: "deal",
            cause,
        } = &error
        else {
            panic!("{error:?}");
        };
        assert!(cause.to_string().contains(property));
        assert!(!format!("{error:?} {error} {cause}").contains("Bob"));
    }
}
