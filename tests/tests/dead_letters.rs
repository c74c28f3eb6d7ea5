//! A message that nobody can read ends in the dead letters with its reason, while the others are
//! handled; what is sent back from there comes late and changes nothing that is newer.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cli::aws_api::SQS;
use cli::progress::Progress;
use cli::standin::connectwise::{Action, Project, TimeEntry};
use cli::story::firm::COMPANY;
use cli::story::{Firm, StoryError, day};
use reqwest::Method;
use serde_json::{Value, json};
use tests::deployed::{array, text};
use tests::logs::Logs;
use tests::steps;

/// Eight receives, two seconds apart, and a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// Nobody can read it, and nobody must see it.
const POISON: &str = "<html>jane@doe.example</html>";

#[tokio::test(flavor = "multi_thread")]
async fn poison_stops_nothing_is_explained_and_what_is_sent_back_changes_nothing_newer()
-> Result<(), StoryError> {
    let progress = &Progress::new();
    let mut firm = steps::open(progress).await?;
    steps::signed_with_waiting_time(&mut firm, progress).await?;
    steps::confirm_the_project(&firm).await?;
    firm.rest().await?;

    let deliveries = queue(&firm, "Queues", "-DeliveriesQueue-")?;
    let letters = queue(&firm, "DeadLetterQueues", "-DeliveriesDeadLetters-")?;
    is_delivered_again_soon(&firm, &deliveries).await?;
    send(&firm, &deliveries, POISON).await?;
    let old = approved(601, "8.00");
    report(&mut firm, Action::Added, &old).await?;
    report(&mut firm, Action::Added, &approved(602, "1.00")).await?;
    let there = async || Ok(firm.eyes()?.timesheets().await?.len() == 8);
    steps::wait_for(&firm, progress, "the others are posted", PATIENCE, there).await?;
    let dead = async || Ok(firm.messages_in(&letters).await? == 1);
    steps::wait_for(
        &firm,
        progress,
        "the poison is a dead letter",
        PATIENCE,
        dead,
    )
    .await?;
    it_is_explained(&firm).await?;

    tokio::time::sleep(Duration::from_millis(5)).await;
    let corrected = approved(601, "4.00");
    report(&mut firm, Action::Updated, &corrected).await?;
    firm.rest().await?;
    let before = firm.eyes()?.timesheets().await?;
    let versions = steps::versions(&firm, &steps::time_entry(601)).await?;
    // The old version, as if it had been a dead letter all the time.
    send(&firm, &letters, &delivery(&firm, &old)).await?;
    let redriven = redrive(&firm, "deliveries").await?;
    assert_eq!(redriven["sent_back"], 2, "{redriven}");
    let dead = async || Ok(firm.messages_in(&letters).await? == 1);
    steps::wait_for(
        &firm,
        progress,
        "the poison is a dead letter again",
        PATIENCE,
        dead,
    )
    .await?;
    firm.rest().await?;
    assert_eq!(firm.eyes()?.timesheets().await?, before);
    let after = steps::versions(&firm, &steps::time_entry(601)).await?;
    assert_eq!(
        after, versions,
        "the old version is known, and stays what it was"
    );
    what_cannot_be_sent_back_is_refused(&firm).await
}

/// An approved entry, changed now.
fn approved(id: u64, hours: &str) -> TimeEntry {
    let project = Project::new(77, "Acme data platform", None);
    let day = day::today().yesterday().expect("a day");
    let entry = TimeEntry::new(id, &project, day, "AConsultant", "Senior Consultant", hours);
    entry.in_status("ApprovedByTierTwo")
}

async fn report(firm: &mut Firm, action: Action, entry: &TimeEntry) -> Result<(), StoryError> {
    let callback = firm.connectwise.time_entry(action, entry);
    assert_eq!(firm.connectwise_sends(callback).await?, 200);
    Ok(())
}

/// The message that `intake` makes of an entry's callback.
fn delivery(firm: &Firm, entry: &TimeEntry) -> String {
    let body = firm.connectwise.time_entry(Action::Added, entry).body;
    let message = json!({
        "v": 1, "id": "a-dead-letter", "source": "connectwise", "account": COMPANY,
        "received_at": entry.info.last_updated, "headers": {}, "body": BASE64_STANDARD.encode(body),
    });
    message.to_string()
}

/// The address of a deployed queue.
fn queue(firm: &Firm, output: &str, part: &str) -> Result<String, StoryError> {
    let urls = firm.stack.output(output)?;
    let url = urls.split(',').find(|url| url.contains(part));
    Ok(url.expect("the queue is deployed").to_owned())
}

async fn send(firm: &Firm, url: &str, body: &str) -> Result<(), StoryError> {
    let message = json!({"QueueUrl": url, "MessageBody": body});
    firm.stack.aws().json(SQS, "SendMessage", &message).await?;
    Ok(())
}

/// Three minutes between two deliveries of a message are too long for a test.
async fn is_delivered_again_soon(firm: &Firm, url: &str) -> Result<(), StoryError> {
    let soon = json!({"QueueUrl": url, "Attributes": {"VisibilityTimeout": "2"}});
    firm.stack
        .aws()
        .json(SQS, "SetQueueAttributes", &soon)
        .await?;
    Ok(())
}

async fn redrive(firm: &Firm, queue: &str) -> Result<Value, StoryError> {
    firm.console(Method::POST, "dead-letters", &json!({"queue": queue}))
        .await
}

/// Which message, how often it was received and why it cannot be handled; never what it says.
async fn it_is_explained(firm: &Firm) -> Result<(), StoryError> {
    let answer = firm
        .console(Method::GET, "dead-letters", &Value::Null)
        .await?;
    let letters = array(&answer["letters"]);
    assert_eq!(letters.len(), 1, "{answer}");
    let letter = &letters[0];
    assert_eq!(letter["queue"], "deliveries", "{letter}");
    assert_eq!(
        letter["reason"], "the message cannot be read: line 1 column 1",
        "{letter}"
    );
    assert!(letter["receives"].as_u64() >= Some(8), "{letter}");
    assert!(letter["age_seconds"].as_u64().is_some(), "{letter}");
    assert!(!answer.to_string().contains("jane"), "{answer}");
    let again = firm
        .console(Method::GET, "dead-letters", &Value::Null)
        .await?;
    assert_eq!(
        array(&again["letters"]).len(),
        1,
        "looking at it does not hide it"
    );
    let logs = Logs::read(&firm.stack).await?;
    let id = text(&letter["message_id"]);
    let lines = logs.lines("Validate", &id);
    assert!(
        lines.len() >= 8,
        "each failure is in the log: {}",
        lines.len()
    );
    let tells = |line: &&tests::logs::Line| line.text.contains("cannot be read");
    assert!(lines.iter().all(tells), "with its reason");
    assert_eq!(logs.naming(&["jane"]), [""; 0]);
    Ok(())
}

async fn what_cannot_be_sent_back_is_refused(firm: &Firm) -> Result<(), StoryError> {
    for queue in ["stream", "nonsense"] {
        let refused = redrive(firm, queue).await;
        let told = refused.err().map(|error| error.to_string());
        let told = told.expect("there is no such queue");
        assert!(told.contains("see tenon dead-letters"), "{told}");
    }
    Ok(())
}
