//! People work, and only approved work reaches Odoo.

use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;
use reqwest::Method;
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};

use super::sale::text;
use super::{Firm, StoryError, day, must};
use crate::progress::Progress;
use crate::standin::connectwise::{Action, Named, Project, TimeEntry};
use crate::standin::demo;

/// The PSA project of the contract.
const MAIN: u64 = 77;
/// The one whose callback comes after its first time entry.
const LATE: u64 = 78;

fn project(id: u64) -> Project {
    let (name, deal) = match id {
        MAIN => ("Acme data platform", None),
        _ => ("Acme data platform, phase two", Some(demo::DEAL)),
    };
    Project::new(id, name, deal)
}

/// The entries of the story, each as it is handed in and where it ends in approval.
pub fn entries(day: Date) -> Vec<(TimeEntry, &'static str)> {
    let main = project(MAIN);
    let entry = |id, member, role, hours| TimeEntry::new(id, &main, day, member, role, hours);
    let senior = |id, hours| entry(id, "AConsultant", "Senior Consultant", hours);
    let agreement = Named {
        id: 9,
        name: "Managed services 2026".to_owned(),
    };
    let less = TimeEntry {
        hours_billed: "6.00".to_owned(),
        ..senior(503, "8.00")
    };
    let no_charge = TimeEntry {
        billable_option: "NoCharge",
        ..senior(504, "2.00")
    };
    let covered = TimeEntry {
        agreement: Some(agreement),
        agreement_hours: "3.00".to_owned(),
        ..senior(505, "3.00")
    };
    let early = TimeEntry::new(510, &project(LATE), day, "BArchitect", "Architect", "2.00");
    vec![
        (senior(501, "8.00"), "ApprovedByTierTwo"),
        (entry(502, "BArchitect", "Architect", "4.00"), "ReadyToBill"),
        (less, "ApprovedByTierTwo"),
        (no_charge, "ApprovedByTierTwo"),
        (covered, "ApprovedByTierTwo"),
        (senior(506, "5.00"), "Open"),
        (senior(507, "5.00"), "PendingApproval"),
        (senior(508, "2.00"), "Rejected"),
        (
            entry(509, "ZContractor", "Senior Consultant", "4.00"),
            "ApprovedByTierTwo",
        ),
        (early, "ApprovedByTierTwo"),
    ]
}

/// ConnectWise tells of a project and of ten time entries: nothing reaches Odoo yet, because the
/// project is not linked to the contract.
pub async fn projects_and_time(firm: &mut Firm, progress: &Progress) -> Result<(), StoryError> {
    progress.tell("\n4  ConnectWise tells of a project and of ten time entries");
    let callback = firm.connectwise.project(Action::Added, &project(MAIN));
    must("callback", firm.connectwise_sends(callback).await?, 200)?;
    let day = day::today().saturating_sub(1.day());
    for (entry, ends) in entries(day) {
        firm.connectwise.keep(&entry);
        let opened = firm.connectwise.time_entry(Action::Added, &entry);
        must("callback", firm.connectwise_sends(opened).await?, 200)?;
        if ends != "Open" {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let entry = entry.in_status(ends);
            firm.connectwise.keep(&entry);
            let decided = firm.connectwise.time_entry(Action::Updated, &entry);
            must("callback", firm.connectwise_sends(decided).await?, 200)?;
        }
    }
    firm.rest().await?;
    must(
        "timesheets in Odoo",
        firm.eyes()?.timesheets().await?.len(),
        0,
    )?;
    let status = firm.status().await?;
    must(
        "entries that wait for their project",
        count(&status["waiting"], "log_time"),
        6,
    )?;
    progress.tell("   Odoo shows no time: the project is not linked to a contract yet");
    print_exceptions(progress, &status);
    Ok(())
}

/// Odoo is down while the steward confirms the link: everything waits, and goes on by itself.
pub async fn odoo_stops_and_the_steward_confirms(
    firm: &mut Firm,
    progress: &Progress,
) -> Result<(), StoryError> {
    progress.tell("\n5  Odoo is stopped; a steward confirms the link meanwhile");
    firm.stack.stop_odoo();
    let project = format!("connectwise___43obalt__project__{MAIN}");
    let deal = format!("hubspot__{}__deal__{}", demo::PORTAL, demo::DEAL);
    progress.tell(&format!("   tenon crosswalk confirm {project} {deal}"));
    firm.console(
        Method::POST,
        "crosswalk",
        &json!({"project": project, "deal": deal}),
    )
    .await?;
    firm.wait_until("records wait for Odoo", async || {
        let status = firm.status().await?;
        let lanes = status["lanes"].as_array().cloned().unwrap_or_default();
        Ok(lanes.iter().any(|lane| lane["state"] == "waiting(odoo)"))
    })
    .await?;
    progress.tell("   the ledger says waiting(odoo); Odoo is started again");
    firm.stack.start_odoo()?;
    firm.rest().await?;
    let status = firm.status().await?;
    must(
        "entries that still wait",
        count(&status["waiting"], "log_time"),
        1,
    )?;
    print_time(firm, progress).await?;
    print_entries(firm, progress).await
}

/// The project that an entry was waiting for arrives, signed with a key that is new to us.
pub async fn late_project(firm: &mut Firm, progress: &Progress) -> Result<(), StoryError> {
    progress.tell("\n6  The late project arrives, signed with a new key");
    firm.connectwise
        .sign_with("demo-connectwise-signing-key-2-b7e4");
    let callback = firm.connectwise.project(Action::Added, &project(LATE));
    let first = firm
        .send(&super::firm::Sent::ConnectWise(clone(&callback)))
        .await?;
    must("unknown key", first, 429)?;
    progress.tell("   unknown key: answered 429, which ConnectWise retries; the key is fetched");
    let mut status = first;
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        status = firm
            .send(&super::firm::Sent::ConnectWise(clone(&callback)))
            .await?;
        if status == 200 {
            break;
        }
    }
    must("callback after the key was fetched", status, 200)?;
    must(
        "times the key was asked for",
        firm.connectwise.key_requests(),
        1,
    )?;
    firm.sent.push(super::firm::Sent::ConnectWise(callback));
    firm.rest().await?;
    must(
        "entries that still wait",
        count(&firm.status().await?["waiting"], "log_time"),
        0,
    )?;
    progress.tell("   it names its deal, is linked by that id, and releases the entry that waited");
    print_time(firm, progress).await
}

fn clone(webhook: &crate::standin::Webhook) -> crate::standin::Webhook {
    crate::standin::Webhook {
        headers: webhook.headers.clone(),
        body: webhook.body.clone(),
    }
}

/// Where each of the ten entries stands, in a sentence.
pub async fn print_entries(firm: &Firm, progress: &Progress) -> Result<(), StoryError> {
    for entry in 501..=510 {
        let reference = format!("connectwise___43obalt__time_5fentry__{entry}");
        let trace = firm
            .console(Method::GET, &format!("trace?id={reference}"), &Value::Null)
            .await?;
        let newest = &trace["versions"][0];
        let state = text(&newest["state"]);
        let sentence = match newest["reason"].as_str() {
            Some(reason) => reason.to_owned(),
            None => format!(
                "Odoo {} {}",
                text(&newest["odoo"]["model"]),
                newest["odoo"]["id"]
            ),
        };
        must(
            "an entry's state",
            state.as_str(),
            expected_state(entry, &sentence),
        )?;
        progress.tell(&format!("   {entry}  {state:<9} {sentence}"));
    }
    Ok(())
}

fn expected_state(entry: u64, sentence: &str) -> &'static str {
    match entry {
        506 | 507 | 509 => "held",
        508 => "rejected",
        510 if sentence.starts_with("waits for") => "waiting",
        _ => "posted",
    }
}

/// How many of these records carry this command.
pub fn count(records: &Value, command: &str) -> usize {
    records
        .as_array()
        .into_iter()
        .flatten()
        .filter(|r| r["command"] == command)
        .count()
}

async fn print_time(firm: &Firm, progress: &Progress) -> Result<(), StoryError> {
    let lines = firm.eyes()?.timesheets().await?;
    for line in &lines {
        let bills = match line.so_line.is_array() {
            true => text(&line.so_line[1]),
            false => format!("not billed: {}", line.name),
        };
        progress.tell(&format!(
            "     entry {:<4} {:>6} h  cost {:>9.2}  {bills}",
            text(&line.entry),
            line.unit_amount.0.normalize(),
            line.amount.0
        ));
    }
    let late = lines.iter().any(|line| line.entry == "510");
    let hours: Decimal = lines.iter().map(|line| line.unit_amount.0).sum();
    let cost: Decimal = lines.iter().map(|line| line.amount.0).sum();
    // Alice 8 + 8 + 2 + 3 h at 70, Bob 4 h at 95, and 2 h once the late project is there.
    must(
        "hours in Odoo",
        hours,
        if late { dec!(27) } else { dec!(25) },
    )?;
    must(
        "cost in Odoo",
        cost,
        if late { dec!(-2040) } else { dec!(-1850) },
    )?;
    progress.tell(&format!(
        "     together   {:>6} h  cost {cost:>9.2}",
        hours.normalize()
    ));
    Ok(())
}

fn print_exceptions(progress: &Progress, status: &Value) {
    for exception in status["exceptions"].as_array().into_iter().flatten() {
        progress.tell(&format!(
            "   exception for {}: {}",
            text(&exception["owner"]),
            text(&exception["sentence"])
        ));
        for item in exception["items"].as_array().into_iter().flatten() {
            progress.tell(&format!("     - {}", text(item)));
        }
    }
}
