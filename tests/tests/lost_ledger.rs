//! The ledger is restored to yesterday, and then lost altogether. Everything is replayed, and
//! nothing comes twice; what a person deleted does not come back.

use std::time::Duration;

use cli::progress::Progress;
use cli::story::{Firm, StoryError};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{ledger_table, steps};

const PATIENCE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_of_yesterday_or_none_posts_nothing_twice() -> Result<(), StoryError> {
    let progress = &Progress::new();
    let mut firm = steps::open(progress).await?;
    steps::signed_with_waiting_time(&mut firm, progress).await?;
    let yesterday = ledger_table::items(&firm).await?;
    steps::confirm_the_project(&firm).await?;
    steps::settle(&firm).await?;
    steps::run_billing(&firm).await?;
    invoice_is_posted(&firm, progress).await?;
    let before = firm.eyes()?.fingerprint().await?;

    progress.line("\nThe ledger is restored to yesterday, and everything comes again");
    ledger_table::restore(&firm, &yesterday).await?;
    assert!(
        steps::posted(&firm, &steps::time_entry(501))
            .await?
            .is_none()
    );
    everything_comes_again(&firm).await?;
    time_is_posted(&firm, progress, 501..=505).await?;
    steps::run_billing(&firm).await?;
    invoice_is_posted(&firm, progress).await?;
    assert_eq!(firm.eyes()?.fingerprint().await?, before, "restored");

    progress.line("\nThe ledger is lost, rebuilt from Odoo, and everything comes again");
    ledger_table::restore(&firm, &[]).await?;
    firm.console(Method::POST, "ledger/rebuild", &json!({}))
        .await?;
    time_is_posted(&firm, progress, 501..=505).await?;
    a_person_deletes_unbilled_time(&firm).await?;
    let before = firm.eyes()?.fingerprint().await?;
    everything_comes_again(&firm).await?;
    the_deleted_one_is_a_question(&firm, progress).await?;
    steps::run_billing(&firm).await?;
    invoice_is_posted(&firm, progress).await?;
    assert_eq!(firm.eyes()?.fingerprint().await?, before, "rebuilt");
    steps::no_dead_letters(&firm).await
}

/// The sources send everything once more, and the steward's decision is taken once more.
async fn everything_comes_again(firm: &Firm) -> Result<(), StoryError> {
    for sent in &firm.sent {
        assert_eq!(firm.send(sent).await?, 200);
    }
    let deal_is_known = async || Ok(steps::posted(firm, &steps::deal()).await?.is_some());
    firm.wait_until("the deal is judged again", deal_is_known)
        .await?;
    steps::confirm_the_project(firm).await?;
    steps::settle(firm).await
}

async fn invoice_is_posted(firm: &Firm, progress: &Progress) -> Result<(), StoryError> {
    let posting = steps::invoice(1).sibling("invoice_posting");
    let known = async || Ok(steps::posted(firm, &posting).await?.is_some());
    steps::wait_for(firm, progress, "the invoice is posted", PATIENCE, known).await
}

async fn time_is_posted(
    firm: &Firm,
    progress: &Progress,
    ids: std::ops::RangeInclusive<u64>,
) -> Result<(), StoryError> {
    let all = async || {
        for id in ids.clone() {
            if steps::posted(firm, &steps::time_entry(id)).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    };
    steps::wait_for(firm, progress, "time is posted", PATIENCE, all).await
}

/// Entry 504 is not billed: Odoo lets a person delete its line.
async fn a_person_deletes_unbilled_time(firm: &Firm) -> Result<(), StoryError> {
    let eyes = firm.eyes()?;
    let lines = eyes.timesheets().await?;
    let line = lines
        .iter()
        .find(|line| line.entry == json!("504"))
        .expect("the entry's line");
    let unlink = json!({"ids": [line.id]});
    let _: Value = eyes.call("account.analytic.line", "unlink", unlink).await?;
    Ok(())
}

async fn the_deleted_one_is_a_question(firm: &Firm, progress: &Progress) -> Result<(), StoryError> {
    let name = steps::time_entry(504).to_string();
    let asked = async || {
        let open = steps::exceptions(firm).await?;
        Ok(open.iter().any(|one| one["reference"] == json!(name)))
    };
    steps::wait_for(firm, progress, "a question about 504", PATIENCE, asked).await
}
