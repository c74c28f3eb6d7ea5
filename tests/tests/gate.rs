//! Odoo asks to be left alone, and then only one lane's calls fail: no call is made inside the
//! window that Odoo asked for, by any worker, and what does not fail goes on.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use cli::progress::Progress;
use cli::standin::connectwise::{Action, Project, TimeEntry};
use cli::standin::demo;
use cli::story::firm::COMPANY;
use cli::story::{Firm, StoryError, day};
use domain::Reference;
use serde_json::Value;
use tests::deployed::{self, array};
use tests::logs::Logs;
use tests::outage::{Outage, Weather};
use tests::steps;

/// How long Odoo wants to be left alone.
const WINDOW: Duration = Duration::from_secs(12);
const PATIENCE: Duration = Duration::from_secs(240);
/// How many entries are posted while the master lane fails.
const ENTRIES: u64 = 50;

#[tokio::test(flavor = "multi_thread")]
async fn odoo_is_left_alone_as_asked_and_a_failing_lane_stops_no_other() -> Result<(), StoryError> {
    let progress = &Progress::new();
    let mut firm = steps::open(progress).await?;
    steps::signed_with_waiting_time(&mut firm, progress).await?;
    let (weather, url) = Weather::start(firm.stack.odoo_url()).await;
    for function in ["Post", "Pull"] {
        deployed::set_variable(&firm.stack, function, "ODOO_URL", &url).await?;
    }
    nobody_calls_inside_the_window(&firm, &weather, progress).await?;
    work_goes_on_while_master_fails(&mut firm, &weather, progress).await?;
    steps::no_dead_letters(&firm).await?;
    the_change_was_told(&firm).await
}

async fn nobody_calls_inside_the_window(
    firm: &Firm,
    weather: &Weather,
    progress: &Progress,
) -> Result<(), StoryError> {
    weather.set(Some(Outage {
        path: "/".to_owned(),
        status: StatusCode::TOO_MANY_REQUESTS,
        retry_after: Some(12),
    }));
    steps::confirm_the_project(firm).await?;
    let asked = async || Ok(weather.failed() > 0);
    steps::wait_for(
        firm,
        progress,
        "Odoo asked to be left alone",
        PATIENCE,
        asked,
    )
    .await?;
    weather.set(None);
    let gate = firm.status().await?["gate"].clone();
    assert_eq!(gate["state"], "closed", "{gate}");
    assert_eq!(gate["why"], "Odoo is left alone: it asked for it", "{gate}");
    let posted = async || Ok(firm.eyes()?.timesheets().await?.len() == 6);
    steps::wait_for(firm, progress, "all time is posted", PATIENCE, posted).await?;
    let calls = weather.calls();
    let first = calls
        .iter()
        .find(|call| call.failed)
        .expect("one failed")
        .at;
    // Calls that were under way when the first was answered are no new ones.
    let under_way = Duration::from_millis(200);
    let inside = |at: Instant| at > first + under_way && at < first + WINDOW;
    let inside: Vec<_> = calls.iter().filter(|call| inside(call.at)).collect();
    assert!(inside.is_empty(), "{inside:?}");
    steps::settle(firm).await
}

/// The link of a second project fails, again and again; fifty entries of the first do not wait
/// for it.
async fn work_goes_on_while_master_fails(
    firm: &mut Firm,
    weather: &Weather,
    progress: &Progress,
) -> Result<(), StoryError> {
    let before = firm.eyes()?.timesheets().await?.len();
    let failed_before = weather.failed();
    weather.set(Some(Outage {
        path: "/json/2/project.project/".to_owned(),
        status: StatusCode::BAD_GATEWAY,
        retry_after: None,
    }));
    let second = Project::new(78, "Acme data platform, phase two", Some(demo::DEAL));
    let callback = firm.connectwise.project(Action::Added, &second);
    assert_eq!(firm.connectwise_sends(callback).await?, 200);
    let failing = async || Ok(weather.failed() > failed_before);
    steps::wait_for(firm, progress, "the link fails", PATIENCE, failing).await?;
    approve(firm, ENTRIES).await?;
    let expected = before + usize::try_from(ENTRIES).expect("a small number");
    let posted = async || Ok(firm.eyes()?.timesheets().await?.len() == expected);
    steps::wait_for(firm, progress, "fifty entries are posted", PATIENCE, posted).await?;
    let link = Reference::new("connectwise", COMPANY, "project", "78");
    assert!(
        steps::posted(firm, &link).await?.is_none(),
        "it fails all the time"
    );
    let lanes = array(&firm.status().await?["lanes"]);
    let waits = |lane: &Value| lane["pending"].as_u64() > Some(0);
    let waiting: Vec<_> = lanes.iter().filter(|lane| waits(lane)).collect();
    let only_master = |lane: &&Value| deployed::text(&lane["partition"]).starts_with("master");
    assert!(waiting.iter().all(only_master), "{waiting:?}");
    weather.set(None);
    let linked = async || Ok(steps::posted(firm, &link).await?.is_some());
    steps::wait_for(firm, progress, "the link is posted", PATIENCE, linked).await
}

/// Entries of the first project, approved as they come.
async fn approve(firm: &mut Firm, entries: u64) -> Result<(), StoryError> {
    let project = Project::new(77, "Acme data platform", None);
    let day = day::today().yesterday().expect("a day");
    for id in 601..601 + entries {
        let entry = TimeEntry::new(
            id,
            &project,
            day,
            "AConsultant",
            "Senior Consultant",
            "0.10",
        );
        let entry = entry.in_status("ApprovedByTierTwo");
        let callback = firm.connectwise.time_entry(Action::Added, &entry);
        assert_eq!(firm.connectwise_sends(callback).await?, 200);
    }
    Ok(())
}

/// A metric says when the gate closed, and when Odoo answered again.
async fn the_change_was_told(firm: &Firm) -> Result<(), StoryError> {
    let logs = Logs::read(&firm.stack).await?;
    let told = |closed: u64| {
        let is_told = |line: &&tests::logs::Line| line.json()["OdooClosed"] == closed;
        logs.0.iter().filter(is_told).count()
    };
    assert!(told(1) >= 1 && told(0) >= 1, "{} {}", told(1), told(0));
    assert!(!logs.naming(&["Odoo is left alone"]).is_empty());
    Ok(())
}
