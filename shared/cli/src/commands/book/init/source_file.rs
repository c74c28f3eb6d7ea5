//! The text of a first book's `sources.toml`: the CRM and the PSA, and their words.

use std::fmt::Write as _;

use domain::book::GAP;
use domain::event::Approval;
use odoo::survey::Named;
use sources::facts::survey::Topic;

use super::accounts::System;
use super::texts::{SCHEMA, external, gap, line, listed, quoted, remark};

/// What a deal needs beside what every CRM has, and what is told back.
const PROPERTIES: [&str; 9] = [
    "legal_entity",
    "payment_terms",
    "purchase_order",
    "signed_on",
    VAT,
    "invoice_number",
    "invoice_status",
    "invoice_total",
    "invoice_open",
];

/// The one that the company has, and not the deal.
const VAT: &str = "vat";

/// The caption of the project's field that holds the deal's id, as our pages call it.
const DEAL_ID: &str = "CRM deal id";

pub(super) fn sources(terms: &[Named], crm: &System, psa: &System) -> String {
    let mut text = format!(
        "{SCHEMA}# The CRM's words (left) → the payment term in Odoo. The words are Odoo's names as a guess.\n[payment_terms]\n"
    );
    for term in terms {
        external(
            &mut text,
            &quoted(&term.name),
            term.external_id.as_ref(),
            ("payment term", term.id),
        );
    }
    text.push_str("\n[[crm]]\n");
    account(&mut text, crm);
    won_stages(&mut text, crm);
    text.push_str("\n# Properties that the firm has in the CRM; the last four are written by Tenon.\n[crm.properties]\n");
    for property in PROPERTIES {
        field(&mut text, property, property, crm);
    }
    text.push_str("\n[[psa]]\n");
    account(&mut text, psa);
    gap(
        &mut text,
        "zone",
        "the zone that decides the day of work, such as Europe/Brussels",
    );
    deal_id_field(&mut text, psa);
    text.push_str("\n# The PSA's status words → approval. A word that is not here waits for review.\n[psa.approval]\n");
    let time = psa.source.facts.approval.get("time_entry");
    for (word, approval) in time.into_iter().flat_map(|map| &map.states) {
        line(&mut text, &quoted(word), &word_of(*approval));
    }
    let statuses = names(psa, Topic::ProjectStatuses);
    listed(
        &mut text,
        "States of its projects, for a table [psa.projects]",
        &statuses,
    );
    text
}

fn account(text: &mut String, system: &System) {
    line(text, "source", &system.source.facts.name);
    match system.said(Topic::Account) {
        [account] => line(text, "account", &account.id),
        [] | [_, _, ..] => gap(
            text,
            "account",
            "the id of its account, as its messages carry it",
        ),
    }
}

fn won_stages(text: &mut String, crm: &System) {
    let won = crm.said(Topic::WonStages);
    if won.is_empty() {
        let stages = quoted(&format!("{GAP}the ids of the stages that mean won"));
        let _ = writeln!(text, "won_stages = [{stages}]");
        return;
    }
    let ids: Vec<String> = won.iter().map(|stage| quoted(&stage.id)).collect();
    let _ = writeln!(text, "won_stages = [{}]", ids.join(", "));
    let names: Vec<&str> = won.iter().map(|stage| stage.name.as_str()).collect();
    remark(text, &names.join(", "));
}

/// A property of the CRM; a gap where the CRM said which it has and this is none of them.
fn field(text: &mut String, key: &str, property: &str, crm: &System) {
    let there = crm.said(Topic::DealFields);
    let is_there = |name: &str| there.iter().any(|field| field.id == name);
    match there.is_empty() || property == VAT || is_there(property) {
        true => line(text, key, property),
        false => {
            let title = &crm.source.facts.title;
            let question = format!(
                "a property of deals; {title} has none called {property}: make it, or write the name of yours"
            );
            gap(text, key, &question);
        }
    }
}

fn deal_id_field(text: &mut String, psa: &System) {
    let there = names(psa, Topic::ProjectFields);
    if there.is_empty() || there.iter().any(|caption| caption == DEAL_ID) {
        line(text, "deal_id_field", DEAL_ID);
        remark(
            text,
            "the caption of the project's field that holds the deal's id",
        );
        return;
    }
    let question = format!(
        "the caption of the project's field that holds the deal's id; none is called {DEAL_ID}"
    );
    gap(text, "deal_id_field", &question);
    listed(text, "Fields that there are", &there);
}

fn names(system: &System, topic: Topic) -> Vec<String> {
    let found = system.said(topic).iter();
    found.map(|one| one.id.clone()).collect()
}

fn word_of(approval: Approval) -> String {
    let word = serde_json::to_value(approval).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}
