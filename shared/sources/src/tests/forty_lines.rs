//! The example of `docs/adding-a-source.md` is a source that works, word for word.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::book::Book;
use domain::event::{Event, PsaProject, Standing};
use domain::{Reference, Version};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::demo_book;
use crate::facts::Facts;
use crate::json::{self, Object};
use crate::{Message, Reading, Refusal, Request, Source, SourceSecret, Unreadable, verify};

const PAGE: &str = include_str!("../../../../docs/adding-a-source.md");
const THIS: &str = include_str!("forty_lines.rs");

const BODY: &str = r#"{"id":"e-1","account":"north","type":"project.changed","project_id":"77",
    "changed_at":"2026-11-20T10:00:00Z","name":"Data platform"}"#;

/// What the page's first fenced block of a language holds.
fn block(language: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

fn read(_: &Book, message: &Message<'_>, text: &str) -> Result<Vec<Reading>, Unreadable> {
    json::strict(text)?;
    let event = Object::parse(text)?;
    if event.text("type")? != "project.changed" {
        return Ok(vec![Reading::NotForUs("a kind of event that is not read")]);
    }
    let id = event.id("project_id")?;
    Ok(vec![Reading::Event(Event::Project(Box::new(PsaProject {
        reference: Reference::new("acme", message.account, "project", id),
        version: Version::at(event.instant("changed_at")?),
        name: event.text("name")?,
        deal_id: event.optional_text("deal_id")?,
        customer: None,
        standing: Standing::default(),
    })))])
}

fn acme() -> Source {
    let facts = Facts::parse("acme/acme.toml", block("toml")).unwrap();
    Source { facts, read }
}

fn verified(body: &str, signature: &str) -> Result<usize, Refusal> {
    let acme = acme();
    let secret = SourceSecret::parse(&acme, r#"{"signing_secrets":["old","new"]}"#).unwrap();
    let headers = [("x-acme-signature", signature)].into_iter().collect();
    let request = Request {
        account: "north",
        method: "POST",
        public_url: "https://hooks.example/v1/in/acme/north",
        headers: &headers,
        body: body.as_bytes(),
        now: "2026-11-20T10:00:01Z".parse().unwrap(),
    };
    verify(&acme, &request, &secret).map(|proved| proved.body().len())
}

fn signed_with(secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(BODY.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

#[test]
fn the_page_shows_the_source_that_is_tested_here() {
    assert!(THIS.contains(block("rust")), "the page's read is another");
    let lines = block("toml").lines().chain(block("rust").lines());
    assert!(lines.count() <= 40);
}

#[test]
fn the_source_of_forty_lines_accepts_what_is_signed_and_nothing_else() {
    assert_eq!(verified(BODY, &signed_with("new")), Ok(BODY.len()));
    assert_eq!(verified(BODY, &signed_with("old")), Ok(BODY.len()));
    let changed = BODY.replace("77", "78");
    let refused = Err(Refusal::BadSignature);
    assert_eq!(verified(&changed, &signed_with("new")), refused);
    assert_eq!(verified(BODY, &signed_with("other")), refused);
}

#[test]
fn the_source_of_forty_lines_reads_a_project() {
    let message = Message {
        account: "north",
        received_at: "2026-11-20T10:00:01Z".parse().unwrap(),
        headers: &BTreeMap::new(),
        body: BODY.as_bytes(),
    };
    let readings = crate::read(&acme(), &demo_book(), &message).unwrap();
    let changed_at = "2026-11-20T10:00:00Z".parse().unwrap();
    let project = PsaProject {
        reference: Reference::new("acme", "north", "project", "77"),
        version: Version::at(changed_at),
        name: "Data platform".to_owned(),
        deal_id: None,
        customer: None,
        standing: Standing::default(),
    };
    assert_eq!(
        readings,
        [Reading::Event(Event::Project(Box::new(project)))]
    );
}
