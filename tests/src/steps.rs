//! Steps that bring a firm to where a test begins, and looks that several tests take.

use std::time::{Duration, Instant};

use cli::aws_api::DYNAMODB;
use cli::functions::Profile;
use cli::progress::Progress;
use cli::standin::demo;
use cli::story::{Firm, StoryError, sale, work};
use domain::Reference;
use reqwest::Method;
use serde_json::{Value, json};

use crate::deployed::{self, array};

/// The PSA project that the story's first entries are booked on.
const PROJECT: &str = "77";

/// A firm in a world of its own, from whose functions nothing is asked yet.
///
/// # Errors
/// When a part of the world does not start.
pub async fn open(progress: &Progress) -> Result<Firm, StoryError> {
    Firm::open(Profile::Quick, progress).await
}

/// A won, complete and signed deal is an order with a project; six approved entries wait for the
/// project's link.
///
/// # Errors
/// When a step does not find what it must.
pub async fn signed_with_waiting_time(
    firm: &mut Firm,
    progress: &Progress,
) -> Result<(), StoryError> {
    sale::incomplete_deal(firm, progress).await?;
    sale::completed_deal(firm, progress).await?;
    sale::signature(firm, progress).await?;
    work::projects_and_time(firm, progress).await
}

/// The steward links the PSA's project to the contract: the entries go to Odoo.
///
/// # Errors
/// When the console refuses.
pub async fn confirm_the_project(firm: &Firm) -> Result<(), StoryError> {
    let body = json!({"project": project().to_string(), "deal": deal().to_string()});
    firm.console(Method::POST, "crosswalk", &body)
        .await
        .map(drop)
}

/// The deal of the story.
pub fn deal() -> Reference {
    Reference::new("hubspot", demo::PORTAL.to_string(), "deal", demo::DEAL)
}

/// The PSA's project of the story.
pub fn project() -> Reference {
    Reference::new("connectwise", cli::story::firm::COMPANY, "project", PROJECT)
}

/// A time entry of the story.
pub fn time_entry(id: u64) -> Reference {
    Reference::new(
        "connectwise",
        cli::story::firm::COMPANY,
        "time_entry",
        id.to_string(),
    )
}

/// The deal's invoice of this number, counted from 1.
pub fn invoice(number: u32) -> Reference {
    let id = format!("{}/{number}", demo::DEAL);
    Reference::new("hubspot", demo::PORTAL.to_string(), "invoice", id)
}

/// What the console says became of a reference: its versions, newest first.
///
/// # Errors
/// When the console refuses.
pub async fn versions(firm: &Firm, reference: &Reference) -> Result<Vec<Value>, StoryError> {
    let path = format!("trace?id={reference}");
    Ok(array(
        &firm.console(Method::GET, &path, &Value::Null).await?["versions"],
    ))
}

/// The version of a reference that is in Odoo.
///
/// # Errors
/// When the console refuses.
pub async fn posted(firm: &Firm, reference: &Reference) -> Result<Option<Value>, StoryError> {
    let versions = versions(firm, reference).await?;
    Ok(versions
        .into_iter()
        .find(|version| version["state"] == "posted"))
}

/// The exceptions that are open.
///
/// # Errors
/// When the console refuses.
pub async fn exceptions(firm: &Firm) -> Result<Vec<Value>, StoryError> {
    Ok(array(&firm.status().await?["exceptions"]))
}

/// How many items the ledger has.
///
/// # Errors
/// When the table does not answer.
pub async fn items_in_ledger(firm: &Firm) -> Result<u64, StoryError> {
    let scan = json!({"TableName": firm.stack.output("LedgerTableName")?, "Select": "COUNT"});
    let answer = firm.stack.aws().json(DYNAMODB, "Scan", &scan).await?;
    Ok(answer["Count"].as_u64().expect("a count"))
}

/// Waits for something that takes longer than a story's patience, and says what is awaited.
///
/// # Errors
/// When it cannot be asked, or takes longer than `limit`.
pub async fn wait_for(
    firm: &Firm,
    progress: &Progress,
    what: &str,
    limit: Duration,
    holds: impl AsyncFn() -> Result<bool, StoryError>,
) -> Result<(), StoryError> {
    let began = Instant::now();
    while !holds().await? {
        if began.elapsed() > limit {
            let (what, status) = (what.to_owned(), Box::new(firm.status().await?));
            return Err(StoryError::Restless { what, status });
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    progress.line(&format!("   {what} after {} s", began.elapsed().as_secs()));
    Ok(())
}

/// Takes groups from one of Odoo's users, or gives them back.
///
/// # Errors
/// When Odoo refuses.
pub async fn rights(
    firm: &Firm,
    login: &str,
    groups: &[(&str, &str)],
    allowed: bool,
) -> Result<(), StoryError> {
    let eyes = firm.eyes()?;
    let users: Vec<Value> = eyes
        .search("res.users", json!([["login", "=", login]]), &["login"])
        .await?;
    let user = users.first().expect("the user exists");
    let mut commands = Vec::new();
    for (module, name) in groups {
        let named = json!([["module", "=", module], ["name", "=", name]]);
        let found: Vec<Value> = eyes.search("ir.model.data", named, &["res_id"]).await?;
        // Odoo's words for linking (4) and unlinking (3) a record.
        let command = if allowed { 4 } else { 3 };
        commands.push(json!([command, found[0]["res_id"]]));
    }
    let write = json!({"ids": [user["id"]], "vals": {"group_ids": commands}});
    let _: Value = eyes.call("res.users", "write", write).await?;
    Ok(())
}

/// Checks that no dead-letter queue has a message.
///
/// # Errors
/// When a queue does not answer, or has one.
pub async fn no_dead_letters(firm: &Firm) -> Result<(), StoryError> {
    for queue in firm.stack.output("DeadLetterQueues")?.split(',') {
        assert_eq!(firm.messages_in(queue).await?, 0, "messages in {queue}");
    }
    Ok(())
}

/// Waits until nothing is under way. The bells of the lanes are not counted: a bell whose worker
/// was killed stays invisible for minutes, and what is pending is in the ledger.
///
/// # Errors
/// When it takes too long.
pub async fn settle(firm: &Firm) -> Result<(), StoryError> {
    firm.wait_until("nothing is under way but bells", async || {
        let mut under_way = pending(firm).await?;
        for queue in firm.stack.output("Queues")?.split(',') {
            if !["-MasterQueue-", "-WorkQueue-", "-BillingQueue-"]
                .iter()
                .any(|b| queue.contains(b))
            {
                under_way += firm.messages_in(queue).await?;
            }
        }
        Ok(under_way == 0)
    })
    .await
}

/// What the billing schedule does when it fires: one invoice.
///
/// # Errors
/// When the function does not answer.
pub async fn run_billing(firm: &Firm) -> Result<(), StoryError> {
    let due = json!({"bill": "all"});
    let answer = deployed::invoke(firm.stack.aws(), "Bill", &due).await?;
    assert_eq!(
        (&answer["invoices"], &answer["failed"]),
        (&json!(1), &json!(0)),
        "{answer}"
    );
    Ok(())
}

/// Every delivery comes twice more, forwards and backwards; no record of Odoo is written.
///
/// # Errors
/// When something is refused, or does not end.
pub async fn everything_sent_twice_changes_nothing(
    firm: &Firm,
    progress: &Progress,
) -> Result<(), StoryError> {
    progress.line("\nEverything comes again, forwards and backwards");
    let before = firm.eyes()?.fingerprint().await?;
    for sent in firm.sent.iter().chain(firm.sent.iter().rev()) {
        assert_eq!(firm.send(sent).await?, 200);
    }
    settle(firm).await?;
    assert_eq!(firm.eyes()?.fingerprint().await?, before);
    Ok(())
}

/// How many records wait for their turn in Odoo.
///
/// # Errors
/// When the console refuses.
pub async fn pending(firm: &Firm) -> Result<u64, StoryError> {
    let lanes = array(&firm.status().await?["lanes"]);
    Ok(lanes
        .iter()
        .filter_map(|lane| lane["pending"].as_u64())
        .sum())
}
