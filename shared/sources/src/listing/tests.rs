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

fn lister<'a>(name: &str, account: &'a str) -> Lister<'a> {
    source(name).unwrap().lister(account).unwrap()
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
    let (bodies, too_large) = lister.bodies(&rows, 2);
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
    let said = |name: &str| {
        source(name)
            .unwrap()
            .can_be_pulled()
            .map(drop)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        said("salesforce"),
        "Salesforce is not pulled yet: its description has no [pull.list]"
    );
    for name in [
        "hubspot",
        "connectwise",
        "harvest",
        "clockify",
        "moco",
        "kantata",
    ] {
        assert!(source(name).unwrap().can_be_pulled().is_ok(), "{name}");
    }
}

#[test]
fn a_proof_that_is_not_built_is_named() {
    let entry = crate::ENTRIES
        .iter()
        .find(|entry| entry.name == "hubspot")
        .unwrap();
    let oauth = r#"auth = { client_credentials = { token_url = "https://x.example/token" } }"#;
    let text = entry.text.replace("auth = \"bearer\"", oauth);
    let source = Source {
        facts: crate::facts::Facts::parse("x.toml", &text).unwrap(),
        read: |_, _, _| Ok(Vec::new()),
    };
    assert_eq!(
        source.can_be_pulled().map(drop).unwrap_err().to_string(),
        "HubSpot is not pulled yet: it wants a token for OAuth's client credentials, which is not there yet"
    );
}

#[test]
fn an_account_is_asked_at_its_own_address_with_its_own_proof() {
    let access = |name: &str, document: &str| {
        let source = source(name).unwrap();
        let secret = crate::SourceSecret::parse(source, document).unwrap();
        let access = source.access(&secret, None);
        access
            .map(|access| (access.base_url, access.headers))
            .map_err(|cannot| cannot.to_string())
    };
    let keys = r#"{"company_id":"Cobalt","public_key":"p","private_key":"q","client_id":"c","region":"eu"}"#;
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        access("connectwise", keys),
        Ok((
            "https://api-eu.myconnectwise.net/v4_6_release/apis/3.0".to_owned(),
            vec![
                pair("authorization", "Basic Q29iYWx0K3A6cQ=="),
                pair("clientId", "c")
            ]
        ))
    );
    let elsewhere = keys.replace("\"eu\"", "\"eu.evil.example/\"");
    let refused = "ConnectWise PSA cannot be pulled: its secret has no usable place region";
    assert_eq!(access("connectwise", &elsewhere), Err(refused.to_owned()));
    assert_eq!(
        access("clockify", r#"{"signing_secrets":["s"]}"#),
        Err("Clockify cannot be pulled: its secret has no usable api".to_owned())
    );
    let key = r#"{"signing_secrets":["s"],"api":{"headers":{"x-api-key":"k"}}}"#;
    assert_eq!(
        access("clockify", key),
        Ok((
            "https://api.clockify.me/api".to_owned(),
            vec![pair("x-api-key", "k")]
        ))
    );
}
