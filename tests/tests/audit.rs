//! What happened is written down by the deployed whole, shown by the id of a thing, and whoever
//! changes, removes or cuts off something of it is found out.

use std::time::Duration;

use cli::aws_api::DYNAMODB;
use cli::progress::Progress;
use cli::story::{Firm, StoryError, day};
use domain::audit::{PEOPLE, chains};
use jiff::tz::TimeZone;
use reqwest::Method;
use serde_json::{Value, json};
use tests::deployed::{self, array, text};
use tests::steps;

const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_shown_with_its_digests_and_tampering_is_found() -> Result<(), StoryError>
{
    let progress = &Progress::new();
    let mut firm = steps::open(progress).await?;
    steps::signed_with_waiting_time(&mut firm, progress).await?;
    steps::confirm_the_project(&firm).await?;
    firm.rest().await?;

    everything_is_written_down(&firm, progress).await?;
    a_decision_names_its_person(&firm).await?;
    assert_eq!(examine_all(&firm).await?, None, "nothing was touched");

    seal(&firm).await?;
    assert_eq!(sealed(&firm).await?, None, "the seal holds");
    a_changed_block_is_found(&firm).await?;
    a_removed_block_is_found(&firm).await?;
    a_cut_off_chain_is_found_by_the_seal(&firm).await?;
    steps::no_dead_letters(&firm).await
}

/// Of a deal and of a time entry the last thing that is written down is what the ledger says.
async fn everything_is_written_down(firm: &Firm, progress: &Progress) -> Result<(), StoryError> {
    for reference in [steps::deal(), steps::time_entry(501)] {
        let as_it_is = async || {
            let answer = happened(firm, &reference.to_string()).await?;
            let entries = array(&answer["entries"]);
            let written = |what: &str, value: &Value| {
                entries.iter().any(|found| &found["entry"][what] == value)
            };
            let ledger = array(&answer["ledger"]);
            let all = ledger
                .iter()
                .all(|version| written("content", &version["content"]));
            let begun = written("state", &json!("waiting")) && written("state", &json!("posted"));
            Ok(begun && all && !ledger.is_empty())
        };
        let what = format!("{reference} is written down");
        steps::wait_for(firm, progress, &what, PATIENCE, as_it_is).await?;
    }
    Ok(())
}

async fn a_decision_names_its_person(firm: &Firm) -> Result<(), StoryError> {
    let answer = happened(firm, &steps::project().to_string()).await?;
    let entries = array(&answer["entries"]);
    let decisions = entries.iter().filter(|found| found["chain"] == PEOPLE);
    let said: Vec<(String, String)> = decisions
        .map(|found| {
            (
                text(&found["entry"]["asked"]),
                text(&found["entry"]["outcome"]),
            )
        })
        .collect();
    let pair = |outcome: &str| ("crosswalk".to_owned(), outcome.to_owned());
    assert_eq!(said, [pair("asked"), pair("done")], "{answer}");
    let who = entries.iter().find(|found| found["chain"] == PEOPLE);
    let who = text(&who.expect("a decision")["entry"]["who"]);
    assert!(who.ends_with("user/stella.steward"), "{who}");
    Ok(())
}

async fn a_changed_block_is_found(firm: &Firm) -> Result<(), StoryError> {
    let (first, second) = (block(firm, 1).await?, block(firm, 2).await?);
    let mut changed = first.clone();
    changed["content"] = second["content"].clone();
    put(firm, &changed).await?;
    let found = examine_all(firm).await?.expect("it is found");
    assert!(found.contains("block 1 was changed"), "{found}");
    // With a digest that fits, the block behind it does not.
    changed["digest"] = second["digest"].clone();
    put(firm, &changed).await?;
    let found = examine_all(firm).await?.expect("it is found");
    assert!(found.contains("does not follow"), "{found}");
    put(firm, &first).await?;
    assert_eq!(examine_all(firm).await?, None, "as it was");
    Ok(())
}

async fn a_removed_block_is_found(firm: &Firm) -> Result<(), StoryError> {
    let first = block(firm, 1).await?;
    delete(firm, &first).await?;
    let found = examine_all(firm).await?.expect("it is found");
    assert!(found.contains("block 1 is missing"), "{found}");
    put(firm, &first).await
}

/// Without its last blocks a chain is whole by itself.
async fn a_cut_off_chain_is_found_by_the_seal(firm: &Firm) -> Result<(), StoryError> {
    let mut number = 1;
    while !block(firm, number + 1).await?.is_null() {
        number += 1;
    }
    let last = block(firm, number).await?;
    delete(firm, &last).await?;
    assert_eq!(examine_all(firm).await?, None, "no block tells");
    let found = sealed(firm).await?.expect("the seal tells");
    assert!(found.contains(&format!("names block {number}")), "{found}");
    put(firm, &last).await
}

/// All that happened to a thing.
async fn happened(firm: &Firm, id: &str) -> Result<Value, StoryError> {
    let path = format!("audit?id={id}");
    let answer = firm.console(Method::GET, &path, &Value::Null).await?;
    assert!(answer["next"].is_null(), "one answer is enough: {answer}");
    Ok(answer)
}

/// What is found in the chains.
async fn examine_all(firm: &Firm) -> Result<Option<String>, StoryError> {
    for chain in chains() {
        let body = json!({"chain": chain, "last": {"number": 0}});
        let answer = firm.console(Method::POST, "audit/check", &body).await?;
        if let Some(found) = answer["tampered"].as_str() {
            return Ok(Some(format!("{chain}: {found}")));
        }
        assert_eq!(answer["is_whole"], true, "{answer}");
    }
    Ok(None)
}

/// The function seals the day before today.
async fn seal(firm: &Firm) -> Result<(), StoryError> {
    let answer = deployed::invoke(firm.stack.aws(), "Audit", &json!({"seal": true})).await?;
    assert_eq!(answer, json!({"chains": chains().count()}));
    Ok(())
}

/// What is found with the seal of the day before today.
async fn sealed(firm: &Firm) -> Result<Option<String>, StoryError> {
    let today = day::now().to_zoned(TimeZone::UTC).date();
    let day = today.yesterday().expect("a day");
    let path = format!("audit/seal?day={day}");
    let answer = firm.console(Method::GET, &path, &Value::Null).await?;
    assert!(answer["root"].is_string(), "{answer}");
    Ok(answer["tampered"].as_str().map(str::to_owned))
}

/// A block of what people decided, as an administrator of the table sees it.
async fn block(firm: &Firm, number: u64) -> Result<Value, StoryError> {
    let key = json!({"pk": {"S": format!("a#{PEOPLE}")}, "sk": {"S": format!("{number:012}")}});
    let get = json!({"TableName": table(firm)?, "Key": key, "ConsistentRead": true});
    let answer = firm.stack.aws().json(DYNAMODB, "GetItem", &get).await?;
    Ok(answer["Item"].clone())
}

async fn put(firm: &Firm, item: &Value) -> Result<(), StoryError> {
    let put = json!({"TableName": table(firm)?, "Item": item});
    firm.stack.aws().json(DYNAMODB, "PutItem", &put).await?;
    Ok(())
}

async fn delete(firm: &Firm, item: &Value) -> Result<(), StoryError> {
    let key = json!({"pk": item["pk"], "sk": item["sk"]});
    let delete = json!({"TableName": table(firm)?, "Key": key});
    firm.stack
        .aws()
        .json(DYNAMODB, "DeleteItem", &delete)
        .await?;
    Ok(())
}

fn table(firm: &Firm) -> Result<String, StoryError> {
    Ok(firm.stack.output("AuditTableName")?.to_owned())
}
