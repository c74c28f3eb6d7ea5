//! The post function dies between Odoo's commit and the ledger's write: with time, with the draft
//! of an invoice, and with its posting. Each is in Odoo exactly once, and the ledger knows it in
//! the end.

use std::time::Duration;

use cli::progress::Progress;
use cli::story::eyes::{Invoice, Timesheet};
use cli::story::{self, Firm, StoryError};
use domain::{DecimalText, Reference};
use rust_decimal::{Decimal, dec};
use tests::asked;
use tests::deployed::{self, text};
use tests::fault_proxy::FaultProxy;
use tests::logs::Logs;
use tests::steps;

/// The lease has to end and the sweep, which comes every minute, has to ring.
const RECOVERY: Duration = Duration::from_secs(480);

const TIME: &str = "/json/2/account.analytic.line/load";
const DRAFT: &str = "/json/2/account.move/load";
const POSTING: &str = "/json/2/account.move/action_post";

#[tokio::test(flavor = "multi_thread")]
async fn time_is_logged_once_though_the_post_function_is_killed() -> Result<(), StoryError> {
    let progress = &Progress::new();
    let (firm, proxy) = signed_behind_a_proxy(progress).await?;
    time_is_there_once(&firm, &proxy, progress).await?;
    steps::everything_sent_twice_changes_nothing(&firm, progress).await?;
    steps::no_dead_letters(&firm).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_is_made_once_though_the_post_function_is_killed_twice() -> Result<(), StoryError>
{
    let progress = &Progress::new();
    let (firm, proxy) = signed_behind_a_proxy(progress).await?;
    steps::confirm_the_project(&firm).await?;
    steps::settle(&firm).await?;
    an_invoice_is_there_once(&firm, &proxy, progress).await?;
    steps::everything_sent_twice_changes_nothing(&firm, progress).await?;
    steps::no_dead_letters(&firm).await
}

/// A firm with a signed contract whose time waits, and a proxy before its Odoo.
async fn signed_behind_a_proxy(progress: &Progress) -> Result<(Firm, FaultProxy), StoryError> {
    let mut firm = steps::open(progress).await?;
    steps::signed_with_waiting_time(&mut firm, progress).await?;
    let (proxy, url) = FaultProxy::start(firm.stack.odoo_url(), firm.stack.endpoint_url()).await;
    deployed::set_variable(&firm.stack, "Post", "ODOO_URL", &url).await?;
    Ok((firm, proxy))
}

async fn time_is_there_once(
    firm: &Firm,
    proxy: &FaultProxy,
    progress: &Progress,
) -> Result<(), StoryError> {
    progress.line("\nThe post function is killed while it logs time");
    proxy.kill_after(TIME);
    steps::confirm_the_project(firm).await?;
    let killed = async || Ok(proxy.kills() == 1);
    steps::wait_for(firm, progress, "killed", RECOVERY, killed).await?;
    // Odoo has committed; nobody has written it down.
    let committed = firm.eyes()?.timesheets().await?;
    assert_eq!(committed.len(), 6);
    assert!(
        steps::posted(firm, &steps::time_entry(501))
            .await?
            .is_none()
    );
    let all_posted = async || {
        for id in 501..=505 {
            if steps::posted(firm, &steps::time_entry(id)).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    };
    steps::wait_for(firm, progress, "posted in the ledger", RECOVERY, all_posted).await?;
    steps::settle(firm).await?;
    let sent = proxy.calls(TIME);
    assert_eq!(sent, 1, "Odoo was asked before anything was sent again");
    let now = firm.eyes()?.timesheets().await?;
    assert_eq!(now.len(), 6, "one set of lines");
    assert_eq!(now, committed, "the same lines, untouched");
    assert_eq!(
        rows(&committed),
        EXPECTED_TIME.map(|(entry, h, c, b)| (entry.into(), h, c, b))
    );
    let answers = asked::answers(firm, "time_entry:501").await?;
    assert_eq!(
        answers,
        ["no answer was kept: the worker ended before it could"]
    );
    the_uncertainty_was_told(firm, 1).await
}

/// Entry, hours, cost, whether it is billed: Alice costs 70 an hour, Bob 95.
const EXPECTED_TIME: [(&str, Decimal, Decimal, bool); 6] = [
    ("501", dec!(8), dec!(-560), true),
    ("502", dec!(4), dec!(-380), true),
    ("503", dec!(2), dec!(-140), false),
    ("503", dec!(6), dec!(-420), true),
    ("504", dec!(2), dec!(-140), false),
    ("505", dec!(3), dec!(-210), false),
];

fn rows(lines: &[Timesheet]) -> Vec<(String, Decimal, Decimal, bool)> {
    let number = |DecimalText(number): DecimalText| number;
    let mut rows: Vec<_> = lines
        .iter()
        .map(|line| {
            let billed = line.so_line.is_array();
            (
                text(&line.entry),
                number(line.unit_amount),
                number(line.amount),
                billed,
            )
        })
        .collect();
    rows.sort();
    rows
}

async fn an_invoice_is_there_once(
    firm: &Firm,
    proxy: &FaultProxy,
    progress: &Progress,
) -> Result<(), StoryError> {
    progress.line("\nThe post function is killed while it drafts an invoice");
    proxy.kill_after(DRAFT);
    steps::run_billing(firm).await?;
    let killed = async || Ok(proxy.kills() == 1);
    steps::wait_for(firm, progress, "killed", RECOVERY, killed).await?;
    let draft = only_invoice(firm).await?;
    assert_eq!(draft.state, "draft");
    assert!(!is_posted(firm, &steps::invoice(1)).await?);
    // Another run meanwhile is the same run.
    steps::run_billing(firm).await?;
    progress.line("\nThe post function is killed while it posts the invoice");
    proxy.kill_after(POSTING);
    let killed = async || Ok(proxy.kills() == 2);
    steps::wait_for(firm, progress, "killed", RECOVERY, killed).await?;
    let posted = only_invoice(firm).await?;
    assert_eq!((posted.id, posted.state.as_str()), (draft.id, "posted"));
    let posting = steps::invoice(1).sibling("invoice_posting");
    assert!(!is_posted(firm, &posting).await?);
    let known = async || is_posted(firm, &posting).await;
    steps::wait_for(firm, progress, "posted in the ledger", RECOVERY, known).await?;
    steps::settle(firm).await?;
    assert_eq!(only_invoice(firm).await?, posted, "posted once, untouched");
    let calls = [proxy.calls(DRAFT), proxy.calls(POSTING)];
    assert_eq!(calls, [1, 1], "it is looked for before it is sent again");
    the_invoice_is_right_to_the_cent(firm).await?;
    the_uncertainty_was_told(firm, 2).await
}

async fn only_invoice(firm: &Firm) -> Result<Invoice, StoryError> {
    story::money::only_invoice(firm).await
}

async fn is_posted(firm: &Firm, reference: &Reference) -> Result<bool, StoryError> {
    Ok(steps::posted(firm, reference).await?.is_some())
}

async fn the_invoice_is_right_to_the_cent(firm: &Firm) -> Result<(), StoryError> {
    let invoice = only_invoice(firm).await?;
    // 14 h × 160 less 10 %, 4 h × 210, an instalment of 10,000; 15 % tax.
    assert_eq!(invoice.amount_untaxed.0, dec!(12856.00));
    assert_eq!(invoice.amount_tax.0, dec!(1928.40));
    assert_eq!(invoice.amount_total.0, dec!(14784.40));
    let mut linked = firm.eyes()?.timesheets().await?;
    linked.retain(|line| line.timesheet_invoice_id.is_array());
    let linked: Vec<String> = linked.iter().map(|line| text(&line.entry)).collect();
    assert_eq!(linked, ["501", "502", "503"]);
    let reference = steps::invoice(1);
    for step in [reference.sibling("invoice_links"), reference] {
        assert!(is_posted(firm, &step).await?, "{step} in the ledger");
    }
    Ok(())
}

async fn the_uncertainty_was_told(firm: &Firm, times: usize) -> Result<(), StoryError> {
    let logs = Logs::read(&firm.stack).await?;
    let told = logs.lines("Post", "an earlier worker left an uncertain outcome");
    assert_eq!(told.len(), times);
    assert!(told.iter().all(|line| line.json()["level"] == "WARN"));
    Ok(())
}
