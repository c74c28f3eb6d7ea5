//! What sources' APIs answer.

use std::sync::LazyLock;

use domain::book::Book;
use sources::connectwise::key;
use sources::facts::api::Pull;
use sources::hubspot::deal_fetch::{DealFetch, Fetching};
use sources::listing::{Lister, Position, Walk};
use sources::{ApiAnswer, Source};

use crate::canary;
use crate::input::Input;
use crate::samples;
use crate::target::Target;

static BOOK: LazyLock<Book> = LazyLock::new(super::book);

/// The base of an API of a sample.
const BASE_URL: &str = "https://api.example.com";

/// What HubSpot answers, round by round: the deal, then its company, contact and lines.
const HUBSPOT: [&str; 4] = [
    r#"{"id":"99","updatedAt":"2026-11-20T10:00:00.123Z","archived":false,"properties":{"dealname":"Data platform","dealstage":"closedwon","amount":"48600","deal_currency_code":"USD","hubspot_owner_id":"7","legal_entity":"Northwind Consulting Inc","payment_terms":"Net 30","po_number":null,"contract_signed_on":"2026-11-19","hs_object_id":"99"},"associations":{"companies":{"results":[{"id":"5","type":"deal_to_company"}]},"contacts":{"results":[{"id":"6","type":"deal_to_contact"}]},"line items":{"results":[{"id":"8","type":"deal_to_line_item"}]}}}"#,
    r#"{"id":"5","updatedAt":"2026-11-01T08:00:00Z","archived":false,"properties":{"name":"Acme Manufacturing LLC","country":"United States","hs_country_code":"US","vat_number":""}}"#,
    r#"{"id":"6","properties":{"firstname":"Pat","lastname":"Payer","email":"pat@acme.example"}}"#,
    r#"{"status":"COMPLETE","results":[{"id":"8","properties":{"name":"Senior consultant","quantity":"100","price":"160.00","hs_sku":"SVC-SENIOR","hs_discount_percentage":"10","discount":null,"hs_recurring_billing_start_date":"2026-12-01","hs_position_on_quote":"0"}}]}"#,
];

/// A key of ConnectWise.
const KEY: &str = r#"{"signing_key":"5f1d9a7c-signing-key"}"#;

/// Every fixture as a page of its source's list; what HubSpot answers about a deal; a key.
pub fn samples() -> Vec<Input> {
    let of = |name: String, account: &str, body: Vec<u8>| {
        Input::of_body(Target::Answers, name, account, body)
    };
    let mut inputs = Vec::new();
    for sample in samples::all() {
        let source = sources::source(&sample.source);
        if source.is_some_and(|source| !listers(source, &sample.account).is_empty()) {
            inputs.push(of(
                format!("{} page", sample.name),
                &sample.account,
                sample.bytes,
            ));
        }
    }
    for (round, body) in HUBSPOT.iter().enumerate() {
        inputs.push(of(
            format!("hubspot/deal {round}"),
            "48807704",
            body.as_bytes().to_vec(),
        ));
    }
    inputs.push(of(
        "connectwise/key 0".to_owned(),
        "Cobalt",
        KEY.as_bytes().to_vec(),
    ));
    inputs
}

/// Whatever is answered, the next question goes where it must, and an error tells nothing.
pub fn check(input: &Input) -> Result<(), String> {
    // Answers are read as text; what is none is refused before.
    let body = String::from_utf8_lossy(&input.body).into_owned();
    let answer = ApiAnswer { status: 200, body };
    let (name, which) = input.sample.rsplit_once(' ').unwrap_or_default();
    match (name, which) {
        ("connectwise/key", _) => match key::read(&answer) {
            Ok(_) => Ok(()),
            Err(error) => canary::is_silent(&error, &[]),
        },
        ("hubspot/deal", round) => deal(answer, round.parse().unwrap_or_default()),
        _ => {
            let source = sources::source(input.source()).ok_or("the source is not described")?;
            let listers = listers(source, &input.account);
            listers
                .iter()
                .try_for_each(|lister| page(lister, input, &answer))
        }
    }
}

/// Goes through the fetch of a deal with this answer in its place.
fn deal(answer: ApiAnswer, place: usize) -> Result<(), String> {
    let good = |round: usize| ApiAnswer {
        status: 200,
        body: HUBSPOT[round].to_owned(),
    };
    let given = |round: usize| {
        if round == place {
            answer.clone()
        } else {
            good(round)
        }
    };
    let (fetch, _) = DealFetch::start("48807704", "99", &BOOK);
    let parts = match fetch.next(vec![given(0)]) {
        Ok(Fetching::Ask(parts, requests)) => {
            let own = |path: &String| path.starts_with("/crm/v3/objects/");
            if !requests.iter().all(|request| own(&request.path_and_query)) {
                return Err("an answer made us ask for something else".to_owned());
            }
            parts
        }
        Ok(Fetching::Done(_) | Fetching::Gone) => return Ok(()),
        Err(error) => return canary::is_silent(&error, &[]),
    };
    match parts.next(vec![given(1), given(2), given(3)]) {
        Ok(_) => Ok(()),
        Err(error) => canary::is_silent(&error, &[]),
    }
}

/// Every list that a source is asked for.
fn listers<'a>(source: &'a Source, account: &'a str) -> Vec<Lister<'a>> {
    let pulls = source.facts.pull.iter().flat_map(Pull::all);
    pulls
        .filter_map(|pull| Lister::of(source.name(), pull, account, &BOOK))
        .collect()
}

fn page(lister: &Lister<'_>, input: &Input, answer: &ApiAnswer) -> Result<(), String> {
    let walk = Walk::from(input.now, input.now);
    let header = |_: &str| Some("false".to_owned());
    let page = match lister.page(&walk, BASE_URL, answer, header) {
        Ok(page) => page,
        Err(unreadable) => return canary::is_silent(&unreadable, &[]),
    };
    if page.rows.len() > answer.body.len() {
        return Err("more records than bytes".to_owned());
    }
    let rows: Vec<_> = page.rows.iter().collect();
    let named = match lister.read_beside(answer) {
        Ok(named) => named,
        Err(unreadable) => return canary::is_silent(&unreadable, &[]),
    };
    let (bodies, _) = lister.bodies(&rows, &named, 100);
    if bodies.iter().any(|body| body.len() > 200 * 1024) {
        return Err("a delivery is larger than a queue takes".to_owned());
    }
    if let Some(position) = page.next {
        let next = Walk {
            position: position.clone(),
            ..walk
        };
        let request = lister.request(&next);
        let path = request.path_and_query.as_str();
        let is_path =
            path.starts_with('/') && !path.starts_with("//") && !path.contains(['\r', '\n']);
        let is_own = !matches!(position, Position::Address(_)) || is_path;
        if !is_own || !path.starts_with('/') {
            return Err("an answer sends us elsewhere".to_owned());
        }
    }
    Ok(())
}
