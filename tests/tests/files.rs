//! A file that is dropped in the bucket goes the way of a webhook: the deployed functions, the bucket's
//! own notifications, and roles that are enforced.

use std::time::Duration;

use cli::progress::Progress;
use cli::story::{Firm, StoryError};
use domain::Reference;
use reqwest::Method;
use serde_json::{Value, json};
use tests::deployed::{array, text};
use tests::steps;

/// A notification, a start of two functions, and a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

const BOOK: &str = domain::book::DEMO;

const PAYROLL: &str = "\
event,id,changed_at,project,member,date,worked,billing,work_role,status,notes
time_entry,9001,2026-11-20T10:00:00Z,77,AConsultant,2026-11-19,7.5,billable,Senior Consultant,ApprovedByTierTwo,\"Workshop,
and what followed\"
time_entry,9002,2026-11-20T10:00:00Z,77,AConsultant,2026-11-19,eight,billable,Senior Consultant,ApprovedByTierTwo,
time_entry,9003,2026-11-20T10:00:00Z,77,AConsultant,2026-11-20,2,billable,Senior Consultant,PendingApproval,
";

#[tokio::test(flavor = "multi_thread")]
async fn a_payroll_file_in_the_bucket_goes_the_way_of_a_webhook() -> Result<(), StoryError> {
    let progress = &Progress::new();
    let firm = steps::open(progress).await?;
    let book = BOOK.replace(
        "source = \"connectwise\"\naccount = \"Cobalt\"",
        "source = \"generic\"\naccount = \"north\"",
    );
    firm.adopt(&book).await?;

    its_rows_are_taken_and_the_bad_one_asked_about(&firm, progress).await?;
    the_same_rows_again_change_nothing(&firm, progress).await?;
    the_corrected_row_closes_its_question(&firm, progress).await?;
    what_cannot_be_taken_is_asked_about_once(&firm, progress).await?;
    steps::no_dead_letters(&firm).await
}

async fn its_rows_are_taken_and_the_bad_one_asked_about(
    firm: &Firm,
    progress: &Progress,
) -> Result<(), StoryError> {
    drop_file(firm, "generic/north/payroll%202026-11.csv", PAYROLL).await?;
    let is_asked = async || Ok(asked(firm, "row_unreadable").await?.len() == 1);
    steps::wait_for(
        firm,
        progress,
        "the bad row is asked about",
        PATIENCE,
        is_asked,
    )
    .await?;
    firm.rest().await?;
    let rows = asked(firm, "row_unreadable").await?;
    assert_eq!(
        text(&rows[0]["sentence"]),
        "A row cannot be read: payroll 2026-11.csv, line 4"
    );
    assert_eq!(
        rows[0]["items"],
        json!(["the field worked is not a plain decimal number"])
    );
    assert_eq!(states(firm, "9001").await?, ["waiting"]);
    assert_eq!(states(firm, "9002").await?, [""; 0]);
    assert_eq!(states(firm, "9003").await?, ["held"]);
    it_is_shown(firm).await
}

/// Under the same name or another one.
async fn the_same_rows_again_change_nothing(
    firm: &Firm,
    progress: &Progress,
) -> Result<(), StoryError> {
    let before = everything(firm).await?;
    drop_file(firm, "generic/north/payroll%202026-11.csv", PAYROLL).await?;
    drop_file(
        firm,
        "generic/north/payroll%20copy.csv",
        &PAYROLL.replace("eight", "8"),
    )
    .await?;
    let is_taken = async || Ok(states(firm, "9002").await? == ["waiting"]);
    steps::wait_for(firm, progress, "the copy is taken", PATIENCE, is_taken).await?;
    firm.rest().await?;
    assert_eq!(
        everything(firm).await?,
        before,
        "the same rows change nothing"
    );
    assert_eq!(asked(firm, "row_unreadable").await?.len(), 1);
    Ok(())
}

async fn the_corrected_row_closes_its_question(
    firm: &Firm,
    progress: &Progress,
) -> Result<(), StoryError> {
    let corrected = PAYROLL.replace("eight", "8");
    drop_file(firm, "generic/north/payroll%202026-11.csv", &corrected).await?;
    let is_closed = async || Ok(asked(firm, "row_unreadable").await?.is_empty());
    steps::wait_for(
        firm,
        progress,
        "the corrected row closes the question",
        PATIENCE,
        is_closed,
    )
    .await?;
    Ok(())
}

/// A file is refused as a whole, by name, with what is wrong; dropped again as it should be, it is taken.
async fn what_cannot_be_taken_is_asked_about_once(
    firm: &Firm,
    progress: &Progress,
) -> Result<(), StoryError> {
    let latin = "event,id,changed_at\nticket,1,caf\u{e9}\n".chars();
    let latin: Vec<u8> = latin.map(|one| one as u8).collect();
    let bucket = firm.stack.output("FilesBucketName")?;
    let aws = firm.stack.aws();
    aws.put_object(bucket, "in/generic/north/tickets.csv", latin)
        .await?;
    drop_file(firm, "generic/North/tickets.csv", PAYROLL).await?;
    drop_file(firm, "nobody/north/tickets.json", "[]").await?;
    drop_file(firm, "generic/north/tickets.json", "[{},").await?;
    aws.put_object(bucket, "elsewhere/tickets.csv", Vec::new())
        .await?;
    let are_asked = async || Ok(asked(firm, "file_refused").await?.len() == 4);
    steps::wait_for(
        firm,
        progress,
        "four files are asked about",
        PATIENCE,
        are_asked,
    )
    .await?;
    let mut said: Vec<String> = asked(firm, "file_refused")
        .await?
        .iter()
        .map(|one| format!("{} {}", text(&one["sentence"]), text(&one["items"][0])))
        .collect();
    said.sort();
    for (line, part) in said.iter().zip([
        "in/generic/North/tickets.csv was not taken: no row of it is in the book in force names no such account",
        "in/generic/north/tickets.csv was not taken: no row of it is in line 2 is not UTF-8",
        "in/generic/north/tickets.json was not taken: no row of it is in it is not valid JSON from line 1 on",
        "in/nobody/north/tickets.json was not taken: no row of it is in its place says not whose it is",
    ]) {
        assert!(line.contains(part), "{line}");
    }
    drop_file(
        firm,
        "generic/north/tickets.csv",
        "event;id;changed_at;status\n",
    )
    .await?;
    drop_file(firm, "generic/north/tickets.json", "[]").await?;
    let are_taken = async || Ok(asked(firm, "file_refused").await?.len() == 2);
    steps::wait_for(
        firm,
        progress,
        "the corrected files are taken",
        PATIENCE,
        are_taken,
    )
    .await
}

/// The file is among the ways that were heard, and its delivery leads to what it brought.
async fn it_is_shown(firm: &Firm) -> Result<(), StoryError> {
    let heard = array(&firm.status().await?["sources"]);
    let is_file = |way: &&Value| way["way"] == "files" && way["source"] == "generic";
    assert_eq!(heard.iter().filter(is_file).count(), 1, "{heard:?}");
    let versions = steps::versions(firm, &entry("9001")).await?;
    let delivery = text(&versions[0]["correlation"]);
    assert!(delivery.starts_with("file-") && delivery.ends_with("-1"));
    let path = format!("trace?id={delivery}");
    let trace = firm.console(Method::GET, &path, &Value::Null).await?;
    let sentence = text(&trace["sentence"]);
    let brought = format!("{delivery} brought ");
    assert!(sentence.starts_with(&brought), "{sentence}");
    assert!(sentence.contains("Time entry 9001"), "{sentence}");
    Ok(())
}

async fn drop_file(firm: &Firm, place: &str, content: &str) -> Result<(), StoryError> {
    let bucket = firm.stack.output("FilesBucketName")?;
    let key = format!("in/{place}");
    let put = firm.stack.aws().put_object(bucket, &key, content.into());
    Ok(put.await?)
}

fn entry(id: &str) -> Reference {
    Reference::new("generic", "north", "time_entry", id)
}

async fn states(firm: &Firm, id: &str) -> Result<Vec<String>, StoryError> {
    let versions = steps::versions(firm, &entry(id)).await?;
    Ok(versions.iter().map(|one| text(&one["state"])).collect())
}

/// What the ledger says of the rows of the first file.
async fn everything(firm: &Firm) -> Result<Vec<Value>, StoryError> {
    let mut all = Vec::new();
    for id in ["9001", "9003"] {
        all.extend(steps::versions(firm, &entry(id)).await?);
    }
    Ok(all)
}

/// The open questions of this code.
async fn asked(firm: &Firm, code: &str) -> Result<Vec<Value>, StoryError> {
    let open = steps::exceptions(firm).await?.into_iter();
    Ok(open.filter(|one| one["code"] == code).collect())
}
