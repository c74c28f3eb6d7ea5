//! What people are told when they ask with an id that they have in hand, once the story is over.

use std::time::Duration;

use cli::progress::Progress;
use cli::standin::connectwise::{Action, Project, TimeEntry};
use cli::standin::demo;
use cli::story::{self, Firm, StoryError, day as story_day};
use reqwest::Method;
use serde_json::{Value, json};

use crate::deployed::{array, text};
use crate::steps;

/// The schedule fires every minute.
const A_RUN: Duration = Duration::from_secs(300);

/// The rights by which the billing user makes invoices.
const RIGHTS: [(&str, &str); 1] = [("account", "group_account_invoice")];

/// Asks the console with an id.
///
/// # Errors
/// When the console refuses.
pub async fn trace(firm: &Firm, id: &str) -> Result<Value, StoryError> {
    let id = id
        .replace('%', "%25")
        .replace(' ', "%20")
        .replace('#', "%23");
    firm.console(Method::GET, &format!("trace?id={id}"), &Value::Null)
        .await
}

/// Whatever id a person has, the first sentence answers; nothing of it names a person.
///
/// # Errors
/// When the console or Odoo refuses.
pub async fn every_id_is_answered_in_a_sentence(
    firm: &Firm,
    personal: &[&str],
) -> Result<(), StoryError> {
    let mut expected = sentences_of_time(firm).await?;
    expected.extend(sentences_of_the_contract(firm).await?);
    expected.extend(sentences_of_the_unknown());
    for (asked, answer) in expected {
        let trace = trace(firm, &asked).await?;
        assert_eq!(trace["sentence"], answer, "{asked}");
        names_nobody(&trace, personal);
    }
    let held = text(&trace(firm, "509").await?["sentence"]);
    assert!(held.starts_with("Time entry 509 is held for "), "{held}");
    names_nobody(&firm.status().await?, personal);
    Ok(())
}

/// Ids of time entries, and how each is answered.
async fn sentences_of_time(firm: &Firm) -> Result<Vec<(String, String)>, StoryError> {
    let order = story::sale::only_order(firm).await?.name;
    let number = text(&story::money::only_invoice(firm).await?.name);
    let lines = firm.eyes()?.timesheets().await?;
    let line = |entry: &str| lines.iter().find(|line| line.entry == entry).map(|l| l.id);
    let (first, free) = (line("501").expect("a line"), line("504").expect("a line"));
    let in_odoo = format!("is in Odoo (account.analytic.line {first}, order {order})");
    let billed = format!("Time entry 501 {in_odoo}, billed on {number}, paid.");
    let posted = steps::posted(firm, &steps::time_entry(501)).await?;
    let delivery = text(&posted.expect("it is posted")["correlation"]);
    let reference = steps::time_entry(501).to_string();
    let mut expected: Vec<(String, String)> = [
        "501",
        "time_entry:501",
        "connectwise time_entry 501",
        "connectwise:Cobalt:time_entry:501",
        &reference,
    ]
    .map(|id| (id.to_owned(), billed.clone()))
    .into();
    let brought = format!("{delivery} brought Time entry 501. {billed}");
    expected.push((delivery, brought));
    for (id, answer) in [
        (
            "504",
            format!(
                "is in Odoo (account.analytic.line {free}, order {order}), not invoiced: no charge."
            ),
        ),
        (
            "506",
            "is held: it is not approved yet: its status is Open.".to_owned(),
        ),
        (
            "508",
            "will not be posted: it was rejected by its approver (Rejected).".to_owned(),
        ),
    ] {
        expected.push((id.to_owned(), format!("Time entry {id} {answer}")));
    }
    Ok(expected)
}

/// Ids of the deal, its order and its invoice.
async fn sentences_of_the_contract(firm: &Firm) -> Result<[(String, String); 5], StoryError> {
    let order = story::sale::only_order(firm).await?;
    let invoice = story::money::only_invoice(firm).await?;
    let (deal, number, id) = (demo::DEAL, text(&invoice.name), order.id);
    let sold = format!(
        "Deal {deal} is in Odoo as {} (sale.order {id}), confirmed, invoiced: {number}, paid.",
        order.name
    );
    let posted = format!(
        "Invoice {deal}/1 is posted in Odoo (account.move {}), paid.",
        invoice.id
    );
    Ok([
        (deal.to_owned(), sold.clone()),
        (order.name, sold.clone()),
        (format!("odoo#sale.order#{id}"), sold),
        (number, posted.clone()),
        (format!("invoice:{deal}/1"), posted),
    ])
}

fn sentences_of_the_unknown() -> [(String, String); 2] {
    [
        (
            "4711",
            "4711 is not known: no delivery, no record and no name in Odoo that we made is called so.",
        ),
        (
            "time_entry:4711",
            "Time entry 4711 is not known: no delivery named it.",
        ),
    ]
    .map(|(id, answer)| (id.to_owned(), answer.to_owned()))
}

fn names_nobody(answer: &Value, personal: &[&str]) {
    let said = answer.to_string();
    for word in personal {
        assert!(!said.contains(word), "{word} in {said}");
    }
}

/// The chain goes from the deal to the payment, and back.
///
/// # Errors
/// When the console refuses.
pub async fn the_chain_goes_both_ways(firm: &Firm) -> Result<(), StoryError> {
    let number = text(&story::money::only_invoice(firm).await?.name);
    let deal = format!("Deal {}", demo::DEAL);
    let entry = trace(firm, "501").await?;
    assert_eq!(
        path_to_the_asked(&entry),
        [deal.as_str(), "Project", "PSA project 77", "Time entry 501"]
    );
    let whole = paths(&trace(firm, demo::DEAL).await?);
    let invoice = format!("Invoice {number}");
    let feedback = format!("Feedback to deal {}", demo::DEAL);
    for (path, state) in [
        (vec!["Signature"], "confirmed in Odoo"),
        (vec!["Project", "PSA project 77"], "linked to its contract"),
        (
            vec!["Project", "PSA project 78", "Time entry 510"],
            "in Odoo",
        ),
        (
            vec!["Project", "PSA project 77", "Time entry 504", "Unit"],
            "nothing to bill",
        ),
        (vec![&invoice, "Posting"], "posted in Odoo"),
        (vec![&invoice, "Payment"], "paid"),
        (vec![&invoice, "Payment", &feedback], "handed on"),
    ] {
        let mut path: Vec<String> = path.into_iter().map(str::to_owned).collect();
        path.insert(0, deal.clone());
        let found = whole.iter().find(|(other, _)| *other == path);
        let found = found.map(|(_, state)| state.as_str());
        assert_eq!(found, Some(state), "{path:?} in {whole:#?}");
    }
    let billed = paths(&trace(firm, &number).await?);
    let bills = |name: &str| {
        billed
            .iter()
            .any(|(path, _)| path.last().is_some_and(|l| l == name))
    };
    assert!(
        bills("Time entry 501") && bills("Time entry 510"),
        "{billed:#?}"
    );
    Ok(())
}

/// Odoo was stopped when the project was linked: the record remembers that it was tried.
///
/// # Errors
/// When the console refuses.
pub async fn what_was_tried_is_remembered(firm: &Firm) -> Result<(), StoryError> {
    let answers = answers(firm, "project:77").await?;
    let unreachable = |answer: &String| answer.starts_with("Odoo could not be reached");
    assert!(answers.iter().any(unreachable), "{answers:?}");
    let trace = trace(firm, "project:77").await?;
    let asked = asked_node(&array(&trace["chain"])).expect("it is in the chain");
    let record = &asked["record"];
    let times = ["received_at", "judged_at", "changed_at"];
    let times = times.map(|name| text(&record[name]));
    assert!(times[0] <= times[1] && times[1] < times[2], "{times:?}");
    Ok(())
}

/// What came back from every try that did not end in Odoo.
///
/// # Errors
/// When the console refuses.
pub async fn answers(firm: &Firm, id: &str) -> Result<Vec<String>, StoryError> {
    let trace = trace(firm, id).await?;
    let asked = asked_node(&array(&trace["chain"])).expect("it is in the chain");
    let attempts = array(&asked["record"]["attempts"]);
    Ok(attempts
        .iter()
        .map(|attempt| text(&attempt["answer"]))
        .collect())
}

/// Given a failed invoice, when its id is searched, then one answer shows what brought it, what it
/// would write, that it was judged, and what Odoo said.
///
/// # Errors
/// When the console or Odoo refuses.
pub async fn a_failed_invoice_explains_itself(
    firm: &mut Firm,
    personal: &[&str],
    progress: &Progress,
) -> Result<(), StoryError> {
    steps::rights(firm, "svc-billing", &RIGHTS, false).await?;
    let day = story_day::today();
    let project = Project::new(77, "Acme data platform", None);
    let entry = TimeEntry::new(
        511,
        &project,
        day,
        "AConsultant",
        "Senior Consultant",
        "1.00",
    );
    let entry = entry.in_status("ApprovedByTierTwo");
    let callback = firm.connectwise.time_entry(Action::Added, &entry);
    assert_eq!(firm.connectwise_sends(callback).await?, 200);
    let invoice = format!("invoice:{}/2", demo::DEAL);
    let held = async || {
        let trace = trace(firm, &invoice).await?;
        Ok(trace["versions"][0]["state"] == "held")
    };
    steps::wait_for(firm, progress, "the second invoice is held", A_RUN, held).await?;
    let found = trace(firm, &invoice).await?;
    names_nobody(&found, personal);
    let sentence = text(&found["sentence"]);
    assert!(
        sentence.starts_with(&format!(
            "Invoice {}/2 is held for finance: it could not be posted: Odoo",
            demo::DEAL
        )),
        "{sentence}"
    );
    let asked = asked_node(&array(&found["chain"])).expect("it is in the chain");
    let record = &asked["record"];
    // What brought it, and what judged it.
    assert!(text(&record["correlation"]).starts_with("billing run "));
    assert_eq!(text(&record["book"]).len(), 12, "{record}");
    // What it would write: one hour at 160 less ten percent.
    let fields = array(&record["fields"]);
    let untaxed = fields
        .iter()
        .find(|field| field["name"] == "expected without tax");
    assert_eq!(untaxed.expect("a field")["value"], "144.00");
    // What Odoo said, who must act, and how.
    let answer = text(&record["attempts"][0]["answer"]);
    assert!(answer.contains("Odoo"), "{record}");
    let open = &record["exceptions"][0];
    assert_eq!(open["owner"], "finance");
    assert!(text(&open["fix"]).contains("tenon retry "), "{open}");
    let units = array(&asked["children"]);
    assert_eq!(units[0]["what"], "Time entry 511");
    // The entry says the same from its side.
    let entry = text(&trace(firm, "511").await?["sentence"]);
    assert!(entry.contains("taken into invoice"), "{entry}");
    assert!(entry.contains("held for finance"), "{entry}");
    steps::rights(firm, "svc-billing", &RIGHTS, true).await
}

/// A node of the chain that was asked for.
fn asked_node(nodes: &[Value]) -> Option<Value> {
    nodes
        .iter()
        .find_map(|node| match node["asked"] == json!(true) {
            true => Some(node.clone()),
            false => asked_node(&array(&node["children"])),
        })
}

/// Every node by its path from the root, with its state.
fn paths(trace: &Value) -> Vec<(Vec<String>, String)> {
    let mut all = Vec::new();
    for root in array(&trace["chain"]) {
        collect(&root, &[], &mut all);
    }
    all
}

fn collect(node: &Value, above: &[String], all: &mut Vec<(Vec<String>, String)>) {
    let mut path = above.to_vec();
    path.push(text(&node["what"]));
    all.push((path.clone(), text(&node["state"])));
    for child in array(&node["children"]) {
        collect(&child, &path, all);
    }
}

fn path_to_the_asked(trace: &Value) -> Vec<String> {
    let asked = asked_node(&array(&trace["chain"])).expect("it is in the chain");
    let last = text(&asked["what"]);
    let found = paths(trace)
        .into_iter()
        .find(|(path, _)| path.last() == Some(&last));
    found.map(|(path, _)| path).unwrap_or_default()
}
