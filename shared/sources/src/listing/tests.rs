use super::bodies::MOST_BYTES;
use super::*;
use crate::source;

fn walk() -> Walk {
    let at = |text: &str| text.parse().unwrap();
    Walk::from(at("2026-11-22T11:55:00Z"), at("2026-11-22T13:00:00Z"))
}

fn answer(body: &str) -> ApiAnswer {
    ApiAnswer {
        status: 200,
        body: body.to_owned(),
    }
}

/// The demo's, for the names of its fields.
fn book() -> &'static Book {
    static BOOK: std::sync::OnceLock<Book> = std::sync::OnceLock::new();
    BOOK.get_or_init(crate::tests::demo_book)
}

fn lister<'a>(name: &str, account: &'a str) -> Lister<'a> {
    let pull = source(name).unwrap().facts.pull.as_ref().unwrap();
    Lister::of(name, pull, account, book()).unwrap()
}

const NONE: fn(&str) -> Option<String> = |_| None;

#[test]
fn a_list_is_asked_for_as_its_description_says() {
    let ask = |name, position| {
        let request = lister(name, "a-1").request(&Walk { position, ..walk() });
        (request.method, request.path_and_query, request.body)
    };
    let beyond = Position::Beyond("501".to_owned());
    let (method, path, _) = ask("connectwise", beyond.clone());
    assert_eq!(method, "GET");
    assert_eq!(
        path,
        "/time/entries?conditions=lastUpdated%3E%5B2026-11-22T11%3A55%3A00Z%5D%20and%20id%3E501\
         &orderBy=id%20asc&pageSize=250"
    );
    let (method, path, body) = ask("hubspot", beyond);
    assert_eq!(
        (method, path.as_str()),
        ("POST", "/crm/v3/objects/deals/search")
    );
    let body: serde_json::Value = serde_json::from_str(&body.unwrap()).unwrap();
    assert_eq!(
        body["filterGroups"][0]["filters"][0]["value"],
        "1795348500000"
    );
    assert_eq!(body["filterGroups"][0]["filters"][1]["value"], "501");
    let (_, path, _) = ask("clockify", Position::Page(2));
    assert_eq!(
        path,
        "/v1/workspaces/a-1/approval-requests?sort-column=UPDATED_AT&sort-order=DESCENDING&page-size=50&page=2"
    );
}

#[test]
fn an_id_of_an_answer_cannot_change_the_question() {
    let position = Position::Beyond("1\"}]}".to_owned());
    let request = lister("hubspot", "1").request(&Walk { position, ..walk() });
    let body: serde_json::Value = serde_json::from_str(&request.body.unwrap()).unwrap();
    assert_eq!(body["filterGroups"][0]["filters"][1]["value"], "0");
}

#[test]
fn the_next_page_is_only_asked_for_below_the_apis_own_address() {
    let base = "https://api.harvestapp.com";
    let next = |address: &str| {
        let body = format!(r#"{{"time_entries":[],"links":{{"next":"{address}"}}}}"#);
        let answer = answer(&body);
        let page = lister("harvest", "1").page(&walk(), base, &answer, NONE);
        page.map(|page| page.next)
    };
    assert_eq!(
        next("https://api.harvestapp.com/v2/time_entries?page=2"),
        Ok(Some(Position::Address(
            "/v2/time_entries?page=2".to_owned()
        )))
    );
    for elsewhere in [
        "https://api.harvestapp.com.evil.example/v2",
        "https://evil.example/v2",
        "http://169.254.169.254/latest",
        "//evil.example/v2",
    ] {
        assert!(next(elsewhere).is_err(), "{elsewhere}");
    }
}

#[test]
fn a_list_that_comes_newest_first_ends_at_what_is_known() {
    let request = |id: u32, at: &str| {
        format!(
            r#"{{"approvalRequest":{{"id":"r-{id}","status":{{"updatedAt":"{at}"}}}},"entries":[]}}"#
        )
    };
    let new = request(2, "2026-11-22T12:00:00Z");
    let old = request(1, "2026-11-22T11:00:00Z");
    let more = |_: &str| Some("false".to_owned());
    let both = answer(&format!("[{new},{old}]"));
    let lister = lister("clockify", "w");
    let page = lister.page(&walk(), "", &both, more).unwrap();
    assert_eq!((page.rows.len(), page.next), (1, None));
    let one = answer(&format!("[{new}]"));
    let page = lister.page(&walk(), "", &one, more).unwrap();
    assert_eq!(page.next, Some(Position::Page(2)));
}

#[test]
fn records_travel_in_the_shape_of_their_list_and_never_in_too_large_a_message() {
    let large = format!(r#"{{"id":2,"notes":"{}"}}"#, "x".repeat(MOST_BYTES));
    let body =
        format!(r#"{{"time_entries":[{{"id":1}},{large},{{"id":3}},{{"id":4}}],"links":{{}}}}"#);
    let answer = answer(&body);
    let lister = lister("harvest", "1");
    let page = lister.page(&walk(), "", &answer, NONE).unwrap();
    let rows: Vec<&Row<'_>> = page.rows.iter().collect();
    let (bodies, too_large) = lister.bodies(&rows, &Named::default(), 2);
    assert_eq!(
        bodies,
        [
            r#"{"time_entries":[{"id":1},{"id":3}]}"#,
            r#"{"time_entries":[{"id":4}]}"#
        ]
    );
    assert_eq!(too_large, ["without an id"]);
}

#[test]
fn what_cannot_be_pulled_yet_says_what_is_missing() {
    let can = |name: &str| {
        let facts = &source(name).unwrap().facts;
        facts.can_be_pulled(facts.pull.as_ref().unwrap())
    };
    assert_eq!(
        can("personio").unwrap_err().to_string(),
        "Personio is not asked yet: its description has no [pull.list]"
    );
    for name in [
        "hubspot",
        "salesforce",
        "pipedrive",
        "connectwise",
        "autotask",
        "harvest",
        "clockify",
        "moco",
        "kantata",
    ] {
        assert_eq!(can(name), Ok(()), "{name}");
    }
}

#[test]
fn a_query_asks_for_the_fields_that_the_firm_names() {
    let request = lister("salesforce", "00D").request(&walk());
    let (path, query) = request.path_and_query.split_once("?q=").unwrap();
    assert_eq!(path, "/services/data/v63.0/query");
    let query = percent_encoding::percent_decode_str(query);
    let query = query.decode_utf8().unwrap();
    let names = "contract_signed_on, Account.Id, Account.Name, Account.BillingCountryCode, Account.vat_number";
    assert!(query.contains(names), "{query}");
    let since =
        "FROM Opportunity WHERE SystemModstamp >= 2026-11-22T11:55:00Z ORDER BY SystemModstamp, Id";
    assert!(query.ends_with(since), "{query}");
    let next = "/services/data/v63.0/query/01gD0000002HU6KIAW-2000";
    let page = format!(r#"{{"done":false,"nextRecordsUrl":"{next}","records":[]}}"#);
    let answer = answer(&page);
    let base = "https://firm.my.salesforce.com";
    let page = lister("salesforce", "00D").page(&walk(), base, &answer, NONE);
    let next = Position::Address(next.to_owned());
    assert_eq!(page.map(|page| page.next), Ok(Some(next)));
}

#[test]
fn what_records_only_name_is_asked_for_once_and_travels_with_them() {
    let body = r#"{"items":[{"id":1,"taskID":71,"lastModifiedDateTime":"2026-11-22T12:00:00Z"},
        {"id":2,"taskID":72},{"id":3,"taskID":71},{"id":4,"taskID":null},{"id":5,"taskID":"7]}"}]}"#;
    let (answer, beside) = (
        answer(body),
        answer(r#"{"items":[{"id":71,"projectID":7},{"id":72,"projectID":8},{"id":9}]}"#),
    );
    let lister = lister("autotask", "acme");
    let page = lister.page(&walk(), "", &answer, NONE).unwrap();
    let rows: Vec<&Row<'_>> = page.rows.iter().collect();
    let request = lister.request_beside(&rows).unwrap();
    assert_eq!(
        (request.method, request.path_and_query.as_str()),
        ("POST", "/v1.0/Tasks/query")
    );
    let asked: serde_json::Value = serde_json::from_str(&request.body.unwrap()).unwrap();
    assert_eq!(asked["filter"][0]["value"], serde_json::json!([71, 72]));
    let named = lister.read_beside(&beside).unwrap();
    let (bodies, too_large) = lister.bodies(&rows, &named, 3);
    assert!(too_large.is_empty());
    let tasks = |body: &String| {
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        (
            body["items"].as_array().unwrap().len(),
            body["tasks"]["items"].clone(),
        )
    };
    let (seven, eight) = (
        serde_json::json!({"id": 71, "projectID": 7}),
        serde_json::json!({"id": 72, "projectID": 8}),
    );
    assert_eq!(tasks(&bodies[0]), (3, serde_json::json!([seven, eight])));
    assert_eq!(tasks(&bodies[1]), (2, serde_json::json!([])));
    assert!(lister.request_beside(&rows[3..]).is_none(), "no plain id");
}
