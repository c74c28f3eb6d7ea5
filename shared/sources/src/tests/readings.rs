//! What every sample says: the whole of it, line by line.

use super::samples::{SOURCES, Way, read, said, text};

/// A fixture, how it comes, and what it says.
type Case = (&'static str, Way, &'static [&'static str]);

const CASES: [Case; 55] = [
    (
        "autotask/deactivated.json",
        Way::Pushed,
        &["- the source says that it switched the webhook off"],
    ),
    (
        "autotask/projects.json",
        Way::Pulled,
        &[
            "project 77 @2026-11-03T09:00:00Z: \"Data platform\" of deal Some(\"16024871101\")",
            "ticket 351181 @2026-11-20T14:57:50Z: 5",
        ],
    ),
    (
        "autotask/ticket-deleted.json",
        Way::Pushed,
        &["ticket 351181 @2026-11-20T14:57:50Z: removed"],
    ),
    (
        "autotask/ticket-updated.json",
        Way::Pushed,
        &["fetch ticket 351181"],
    ),
    (
        "autotask/time-entries.json",
        Way::Pulled,
        &[
            "time_entry 501 @2026-11-05T08:00:00Z: 2026-11-03 8/7.5 Billable Approved on 77 by 28 as 29683396",
            "time_entry 502 @2026-11-04T17:00:00Z: 2026-11-04 2/2 Billable PartiallyApproved on 77 by 28 as 29683396",
            "time_entry 503 @2026-11-04T18:00:00Z: 2026-11-04 1/0 DoNotBill Submitted on nothing by 28 as 29683396",
        ],
    ),
    (
        "bamboohr/employee-updated.json",
        Way::Pushed,
        &["fetch person 28"],
    ),
    (
        "bamboohr/employees.json",
        Way::Pushed,
        &[
            "person 28 @2026-11-03T09:00:00Z: Some(\"Active\")",
            "person 29 @2026-11-03T09:00:00Z: removed",
        ],
    ),
    (
        "bamboohr/time-off.json",
        Way::Pulled,
        &["time_off 1342 @2026-11-03T00:00:00Z: person 28 2026-12-21 to 2026-12-23 Approved"],
    ),
    (
        "clockify/approval-request.json",
        Way::Pushed,
        &["fetch approval_request 5e4117fe8c625f38930d57b7"],
    ),
    (
        "clockify/approvals.json",
        Way::Pulled,
        &[
            "time_entry 64c777ddd3fcab07cfbb210c @2026-11-09T09:00:00Z: 2026-11-03 8/8 Billable Approved on 25b687e29ae1f428e7ebe123 by 5a0ab5acb07987125438b60f as Senior Consultant",
            "time_entry 64c777ddd3fcab07cfbb210d @2026-11-09T09:00:00Z: 2026-11-04 1.33/1.33 DoNotBill Approved on 25b687e29ae1f428e7ebe123 by 5a0ab5acb07987125438b60f as nobody",
        ],
    ),
    (
        "clockify/projects.json",
        Way::Pulled,
        &[
            "project 25b687e29ae1f428e7ebe123 @2026-11-22T12:00:00Z: \"Data platform\" of deal Some(\"16024871101\")",
        ],
    ),
    (
        "clockify/time-entry.json",
        Way::Pushed,
        &["fetch time_entry 64c777ddd3fcab07cfbb210c"],
    ),
    (
        "dataverse/opportunities.json",
        Way::Pulled,
        &[
            "deal 3f0a1b2c-0000-4000-8000-000000000099 @2026-11-20T10:00:00Z: won Some(26000) Some(\"company 3f0a1b2c-0000-4000-8000-000000000031\") 1 lines",
        ],
    ),
    (
        "dataverse/rows.json",
        Way::Pulled,
        &[
            "time_entry 3f0a1b2c-0000-4000-8000-000000000501 @2026-11-20T10:00:00Z: 2026-11-03 8/8 Billable Approved on 3f0a1b2c-0000-4000-8000-000000000077 by 3f0a1b2c-0000-4000-8000-000000000028 as 3f0a1b2c-0000-4000-8000-000000000004",
            "project 3f0a1b2c-0000-4000-8000-000000000077 @2026-11-01T09:00:00Z: \"Data platform\" of deal None",
        ],
    ),
    (
        "dataverse/time-entry-deleted.json",
        Way::Pushed,
        &["time_entry 3f0a1b2c-0000-4000-8000-000000000501 @2026-11-21T10:00:00Z: removed"],
    ),
    (
        "dataverse/time-entry-updated.json",
        Way::Pushed,
        &["fetch time_entry 3f0a1b2c-0000-4000-8000-000000000501"],
    ),
    (
        "generic/assignments.csv",
        Way::Pushed,
        &[
            "assignment 9 @2026-11-20T10:00:00Z: 2026-12-01 to 2026-12-18 Some(\"40\") h by Some(\"kim\") as Some(\"Senior Consultant\") on Some(\"77\")",
            "assignment 10 @2026-11-20T10:00:00Z: ? to ? None h by None as Some(\"Architect\") on Some(\"77\"), tentative",
        ],
    ),
    (
        "generic/cloudevent.json",
        Way::Pushed,
        &[
            "time_entry 501 @2026-11-09T09:00:00Z: 2026-11-03 8/7.5 Billable Approved on 77 by kim as Senior Consultant",
        ],
    ),
    (
        "generic/cloudevents-batch.json",
        Way::Pushed,
        &[
            "time_entry 501 @2026-11-09T09:00:00Z: 2026-11-03 8/7.5 Billable Approved on 77 by kim as Senior Consultant",
            "time_entry 502 @2026-11-09T09:00:00Z: removed",
        ],
    ),
    (
        "generic/expenses.csv",
        Way::Pushed,
        &[
            "expense 61 @2026-11-09T09:00:00Z: 2026-11-03 33.35 Some(\"EUR\") Billable Approved",
            "expense 62 @2026-11-09T09:00:00Z: 2026-11-04 12 Some(\"EUR\") DoNotBill Submitted",
        ],
    ),
    (
        "generic/time-entry.json",
        Way::Pushed,
        &[
            "time_entry 501 @2026-11-09T09:00:00Z: 2026-11-03 8/7.5 Billable Approved on 77 by kim as Senior Consultant",
        ],
    ),
    (
        "harvest/expenses.json",
        Way::Pulled,
        &[
            "expense 15297032 @2026-11-09T09:00:00Z: 2026-11-03 33.35 Some(\"EUR\") Billable Approved",
        ],
    ),
    (
        "harvest/projects.json",
        Way::Pulled,
        &["project 14307913 @2026-11-02T09:00:00Z: \"Data platform\" of deal None"],
    ),
    (
        "harvest/time-entries.json",
        Way::Pulled,
        &[
            "time_entry 636709355 @2026-11-09T09:00:00Z: 2026-11-03 7.75/8 Billable Approved on 14307913 by 1782959 as Senior Consultant",
            "time_entry 636709356 @2026-11-04T16:00:00Z: 2026-11-04 1.5/1.5 DoNotBill Submitted on 14307913 by 1782959 as Travel",
        ],
    ),
    (
        "jira/tempo.json",
        Way::Pulled,
        &[
            "time_entry 5001 @2026-11-09T09:00:00Z: 2026-11-03 8/7 Billable Approved on 10077 by 712020:0a1b2c3d as nobody",
            "time_entry 5002 @2026-11-10T09:00:00Z: 2026-11-10 1/1 Billable Draft on 10077 by 712020:0a1b2c3d as nobody",
        ],
    ),
    (
        "jira/worklog-updated.json",
        Way::Pushed,
        &["fetch worklog 8001"],
    ),
    (
        "kantata/subscribed-events.json",
        Way::Pulled,
        &[
            "time_entry 501 @2026-11-09T09:00:00Z: 2026-11-03 8/8 Billable Approved on 77 by 28 as 4",
            "project 77 @2026-11-01T09:00:00Z: \"Data platform\" of deal None",
            "expense 61 @2026-11-03T18:00:00Z: 2026-11-03 33.35 Some(\"USD\") Billable Draft",
            "time_entry 502 @2026-11-10T09:00:00Z: removed",
        ],
    ),
    (
        "moco/activity.json",
        Way::Pushed,
        &[
            "time_entry 982237015 @2026-11-03T16:30:00Z: 2026-11-03 1.25/1.25 Billable Review on 944587499 by 933590696 as Senior Consultant",
        ],
    ),
    (
        "moco/expense.json",
        Way::Pushed,
        &["expense 47266 @2026-11-03T18:00:00Z: 2026-11-03 33.35 Some(\"EUR\") Billable Review"],
    ),
    (
        "moco/project.json",
        Way::Pushed,
        &["project 944587499 @2026-11-01T09:00:00Z: \"Data platform\" of deal None"],
    ),
    (
        "paymo/entries.json",
        Way::Pulled,
        &[
            "time_entry 7891 @2026-11-03T16:00:00Z: 2026-11-03 8/8 Billable Review on 59032 by 1093 as Senior Consultant",
        ],
    ),
    (
        "paymo/entry-deleted.json",
        Way::With("x-paymo-event", "model.delete.Entry"),
        &["time_entry 7891 @2026-11-22T12:00:00Z: removed"],
    ),
    (
        "paymo/entry.json",
        Way::Pushed,
        &[
            "time_entry 7891 @2026-11-03T16:00:00Z: 2026-11-03 8/8 Unknown Review on 59032 by 1093 as Senior Consultant",
        ],
    ),
    (
        "personio/absence-updated.json",
        Way::Pushed,
        &["fetch time_off 6f0c1d2e-0000-4000-8000-000000000061"],
    ),
    (
        "personio/absences.json",
        Way::Pulled,
        &[
            "time_off 6f0c1d2e-0000-4000-8000-000000000061 @2026-11-03T09:00:00Z: person 28 2026-12-21 to 2026-12-23 Approved",
            "person 28 @2026-11-01T09:00:00Z: Some(\"ACTIVE\")",
        ],
    ),
    (
        "pipedrive/answers.json",
        Way::Pulled,
        &["deal 99 @2026-11-20T10:00:00Z: won Some(26000) Some(\"company 31\") 2 lines"],
    ),
    (
        "pipedrive/deal-changed.json",
        Way::Pushed,
        &["fetch deal 99"],
    ),
    (
        "pipedrive/deal-deleted.json",
        Way::Pushed,
        &["deal 99 @2026-11-21T09:00:00Z: removed"],
    ),
    (
        "pipedrive/product-changed.json",
        Way::Pushed,
        &["fetch deal 99"],
    ),
    (
        "pipedrive/project-changed.json",
        Way::Pushed,
        &["project 12 @2026-11-20T11:00:00Z: \"Data platform\" of deal None"],
    ),
    (
        "productive/booking.json",
        Way::Pushed,
        &[
            "assignment 88 @2026-11-20T10:00:00Z: 2026-12-01 to 2026-12-18 Some(\"40\") h by Some(\"28\") as Some(\"4\") on Some(\"77\"), tentative",
        ],
    ),
    (
        "productive/page.json",
        Way::Pulled,
        &[
            "project 77 @2026-11-01T08:00:00Z: \"Data platform\" of deal None",
            "expense 61 @2026-11-03T17:00:00Z: 2026-11-03 33.35 Some(\"EUR\") Unknown Submitted",
        ],
    ),
    (
        "productive/time-entry.json",
        Way::Pushed,
        &[
            "time_entry 501 @2026-11-09T08:00:00Z: 2026-11-03 8/7.5 Billable Approved on 77 by 28 as 4",
        ],
    ),
    (
        "salesforce/change-event-deleted.json",
        Way::Pushed,
        &["deal 0067F000003pmdWQAQ @2026-11-20T10:00:00Z: removed"],
    ),
    (
        "salesforce/change-event.json",
        Way::Pushed,
        &[
            "fetch deal 0067F000003pmdWQAQ",
            "fetch deal 0067F000003pmdXQAQ",
        ],
    ),
    (
        "salesforce/gap-overflow.json",
        Way::Pushed,
        &["missed: Salesforce changed too much at once to say what"],
    ),
    (
        "salesforce/outbound-message.xml",
        Way::Pushed,
        &[
            "fetch deal 0067F000003pmdWQAQ",
            "- the same opportunity again in this message",
            "- not about an opportunity",
        ],
    ),
    (
        "salesforce/query-answer.json",
        Way::Pulled,
        &[
            "deal 0067F000003pmdWQAQ @2026-11-20T10:00:00Z: Closed Won Some(12000000) Some(\"company 0017F00000XyZaBQAV\") 2 lines",
        ],
    ),
    (
        "standard-webhooks/time-entry.json",
        Way::Pushed,
        &[
            "time_entry 501 @2026-11-09T09:00:00Z: 2026-11-03 8/7.5 Billable Approved on 77 by kim as Senior Consultant",
        ],
    ),
    ("teamwork/time.json", Way::Pushed, &["fetch time_entry 501"]),
    (
        "toggl/ping.json",
        Way::Pushed,
        &["- a test of the subscription"],
    ),
    (
        "toggl/time-entries.json",
        Way::Pulled,
        &[
            "time_entry 501 @2026-11-03T16:00:00Z: 2026-11-03 8/8 Billable Review on 77 by 28 as nobody",
            "time_entry 502 @2026-11-05T08:00:00Z: removed",
        ],
    ),
    (
        "toggl/time-entry.json",
        Way::Pushed,
        &[
            "time_entry 501 @2026-11-03T16:00:00Z: 2026-11-03 8/8 Billable Review on 77 by 28 as nobody",
        ],
    ),
    (
        "zendesk/ticket-status-changed.json",
        Way::Pushed,
        &["ticket 35436 @2026-11-20T10:00:00Z: open"],
    ),
    (
        "zendesk/tickets.json",
        Way::Pulled,
        &["ticket 35436 @2026-11-20T10:00:00Z: open"],
    ),
];

#[test]
fn every_sample_says_what_it_should() {
    let mut wrong = Vec::new();
    for (file, way, says) in CASES {
        let source = file.split('/').next().unwrap();
        let lines: Vec<String> = read(source, way, &text(file))
            .map(|readings| readings.iter().map(said).collect())
            .unwrap_or_else(|error| vec![format!("error: {error}")]);
        if lines != says {
            wrong.push(format!("{file}\n  {}", lines.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_sample_lies_about_unread_and_every_source_has_one() {
    for (source, _, page) in SOURCES {
        assert!(page.starts_with("https://"), "{source}");
        let cases = CASES
            .iter()
            .filter(|(file, ..)| file.split('/').next() == Some(source));
        let folder = format!("{}/fixtures/{source}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(folder).unwrap().count();
        assert!(
            files > 0 && cases.count() == files,
            "{source}: {files} files"
        );
    }
}
