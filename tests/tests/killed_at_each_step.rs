//! The deployed post function is killed at each step of posting an entry, and once it waits too
//! long: each entry is in Odoo exactly once.
//!
//! The limits are shorter than the local ones, so that a lease need not be waited for; their
//! inequality is the same.

use std::time::Duration;

use cli::progress::Progress;
use cli::standin::connectwise::{Action, Project, TimeEntry};
use cli::story::{Firm, StoryError, day};
use reqwest::Method;
use rust_decimal::dec;
use serde_json::json;
use tests::deployed::{self, text};
use tests::fault::{Answer, Fault};
use tests::fault_proxy::FaultProxy;
use tests::steps;

const LOAD: &str = "/json/2/account.analytic.line/load";
const READ: &str = "/json/2/account.analytic.line/read";
const RESOLVE: &str = "/json/2/ir.model.data/check_object_reference";

/// Read 4 < post 5; lease 12 ≥ 5 + 4 + 3. The budget is wide: who was killed counts as a call in
/// flight for half a minute.
const LIMITS: [(&str, &str); 7] = [
    ("ODOO_READ_SECONDS", "4"),
    ("POST_TIMEOUT_SECONDS", "5"),
    ("ODOO_LIMIT_SECONDS", "4"),
    ("MARGIN_SECONDS", "3"),
    ("LEASE_SECONDS", "12"),
    ("ODOO_CALLS_IN_FLIGHT", "16"),
    ("ODOO_CALLS_PER_SECOND", "50"),
];

/// How long an entry may take to be posted after its fault.
const RECOVERY: Duration = Duration::from_secs(120);

/// Fault 1, fault 2.
#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_posted_once_at_whatever_step_its_worker_is_killed() -> Result<(), StoryError> {
    let progress = &Progress::new();
    let mut firm = steps::open(progress).await?;
    steps::signed_with_waiting_time(&mut firm, progress).await?;
    steps::confirm_the_project(&firm).await?;
    steps::settle(&firm).await?;
    let (proxy, url) = FaultProxy::start(firm.stack.odoo_url(), firm.stack.endpoint_url()).await;
    deployed::set_variable(&firm.stack, "Post", "ODOO_URL", &url).await?;
    for (name, value) in LIMITS {
        deployed::set_variable(&firm.stack, "Post", name, value).await?;
    }
    for (id, path, fault) in [
        (601, RESOLVE, Fault::before(Answer::Death)),
        (602, LOAD, Fault::before(Answer::Death)),
        (603, LOAD, Fault::after(Answer::Death)),
        (604, READ, Fault::after(Answer::Death)),
        (
            605,
            LOAD,
            Fault::after(Answer::Odoos).waiting(Duration::from_secs(8)),
        ),
    ] {
        let what = format!("posted though {path} met {fault:?}");
        proxy.arm(path, fault);
        approved(&mut firm, id).await?;
        let posted = async || {
            sweep(&firm).await?;
            Ok(proxy.armed() == 0
                && steps::posted(&firm, &steps::time_entry(id))
                    .await?
                    .is_some())
        };
        steps::wait_for(&firm, progress, &what, RECOVERY, posted).await?;
    }
    assert_eq!(proxy.kills(), 4);
    let mut lines = firm.eyes()?.timesheets().await?;
    lines.retain(|line| text(&line.entry).starts_with("60"));
    let mut entries: Vec<String> = lines.iter().map(|line| text(&line.entry)).collect();
    entries.sort();
    assert_eq!(entries, ["601", "602", "603", "604", "605"]);
    assert!(lines.iter().all(|line| line.unit_amount.0 == dec!(2)));
    steps::no_dead_letters(&firm).await
}

/// ConnectWise tells of an approved entry of two hours.
async fn approved(firm: &mut Firm, id: u64) -> Result<(), StoryError> {
    let project = Project::new(77, "Acme data platform", None);
    let (member, role) = ("AConsultant", "Senior Consultant");
    let entry = TimeEntry::new(id, &project, day::today(), member, role, "2.00");
    let entry = entry.in_status("ApprovedByTierTwo");
    let told = firm.connectwise.time_entry(Action::Updated, &entry);
    assert_eq!(firm.connectwise_sends(told).await?, 200);
    Ok(())
}

/// What every minute brings, now.
async fn sweep(firm: &Firm) -> Result<(), StoryError> {
    let functions = deployed::functions(firm.stack.aws()).await?;
    let sweep = functions.iter().find(|function| function.name == "Sweep");
    let name = &sweep.expect("it is deployed").deployed;
    let path = format!("/2015-03-31/functions/{name}/invocations");
    let minute = json!({"sweep": true});
    firm.stack
        .aws()
        .rest("lambda", Method::POST, &path, Some(&minute))
        .await?;
    Ok(())
}
