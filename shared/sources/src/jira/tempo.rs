//! Tempo's worklogs, each with the approval of its author's period.
//!
//! What was asked is put together as `worklogs`, `approvals` (one answer per author and period)
//! and, to know an issue's project, `issues` as Jira answers a search.
//! <https://apidocs.tempo.io/>

use std::collections::BTreeMap;

use domain::event::{Personal, TimeEntry};
use domain::{Reference, Version};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::json::{Object, Unreadable};
use crate::reading::{OneReading, Reading, each, time};
use crate::work;

/// The state of an author's period.
struct Period {
    author: String,
    from: Date,
    to: Date,
    state: String,
    changed_at: Option<Timestamp>,
}

pub(super) fn read(account: &str, top: &Object<'_>) -> Result<Vec<Reading>, Unreadable> {
    let mut periods = Vec::new();
    for approval in top.objects("approvals")? {
        let (span, status) = (approval.object("period")?, approval.object("status")?);
        periods.push(Period {
            author: approval.object("user")?.id("accountId")?,
            from: span.day("from")?,
            to: span.day("to")?,
            state: status.text("key")?,
            changed_at: status.optional_instant("updatedAt")?,
        });
    }
    let mut projects = BTreeMap::new();
    if let Some(answer) = top.optional_object("issues")? {
        for issue in answer.objects("issues")? {
            let project = issue.object("fields")?.object("project")?;
            projects.insert(issue.id("id")?, project.id("id")?);
        }
    }
    let worklogs = top.object("worklogs")?.elements("results")?;
    Ok(each(worklogs, |worklog| {
        read_worklog(account, worklog, &periods, &projects)
    }))
}

fn read_worklog(
    account: &str,
    worklog: &Object<'_>,
    periods: &[Period],
    projects: &BTreeMap<String, String>,
) -> OneReading {
    let named = |entity, id: &str| Reference::new("jira", account, entity, id);
    let author = worklog.object("author")?.id("accountId")?;
    let date = worklog.day("startDate")?;
    let covers =
        |period: &&Period| period.author == author && (period.from..=period.to).contains(&date);
    let period = periods.iter().find(covers);
    // Of no period nothing is known, so it is not submitted either.
    let status = period.map_or("OPEN", |period| period.state.as_str());
    let changed = worklog.instant("updatedAt")?;
    let approved = period.and_then(|period| period.changed_at);
    let version = Version::at(approved.map_or(changed, |at| at.max(changed)));
    let issue = worklog.object("issue")?.id("id")?;
    let worked = work::hours_of_seconds(worklog.decimal("timeSpentSeconds")?);
    let billable = worklog.optional_decimal("billableSeconds")?;
    let reference = named("time_entry", &worklog.id("tempoWorklogId")?);
    Ok(time(TimeEntry {
        project: projects.get(&issue).map(|id| named("project", id)),
        billable: billable.map_or(worked, work::hours_of_seconds),
        billing: work::billing(billable.map(|seconds| !seconds.is_zero())),
        status: status.to_owned(),
        notes: Personal(worklog.optional_text("description")?.unwrap_or_default()),
        ..work::entry(reference, version, author, date, worked)
    }))
}
