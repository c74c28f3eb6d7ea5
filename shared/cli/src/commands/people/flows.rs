//! Flows for people: what the book says of each, and what is held back.

use clap::Subcommand;
use serde_json::{Value, json};

use super::page::{FAINT, Page, STRONG, list, number, text, time, word};
use crate::commands::CommandError;
use crate::commands::deployment::Deployment;

/// What the help ends with.
pub const EXAMPLES: &str = "Examples:\n  \
    cargo tenon flow report\n  \
    cargo tenon flow report invoices --entity us   # record by record\n  \
    cargo tenon flow run time\n  \
    cargo tenon flow promote invoices --entity us";

/// Something asked about flows.
#[derive(Debug, Subcommand)]
pub enum FlowQuestion {
    /// Each flow of each entity: its turn, its mode, and what it holds back, with the money.
    Report {
        /// Only this flow, record by record: customers, contracts, projects, time or invoices.
        flow: Option<String>,
        /// Only this entity, by its key in the book.
        #[arg(long)]
        entity: Option<String>,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Let what waits for the flow's turn go now; for invoices, start a billing run within a minute.
    Run {
        /// The flow.
        flow: String,
        /// Only this entity.
        #[arg(long)]
        entity: Option<String>,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Let what was held while the flow was off, in shadow or left drafts go, as far as the book lets
    /// it go today.
    Promote {
        /// The flow.
        flow: String,
        /// Only this entity.
        #[arg(long)]
        entity: Option<String>,
        #[command(flatten)]
        deployment: Deployment,
    },
}

impl FlowQuestion {
    /// Asks the console and prints its answer.
    pub async fn ask(self) -> Result<(), CommandError> {
        let (path, flow, entity, deployment) = match self {
            Self::Report {
                flow,
                entity,
                deployment,
            } => {
                let mut report = deployment.get("flows").await?;
                choose(&mut report, flow.as_deref(), entity.as_deref());
                let print = |report: &Value| page(report, flow.is_some()).print();
                return deployment.print(&report, print);
            }
            Self::Run {
                flow,
                entity,
                deployment,
            } => ("flows/run", flow, entity, deployment),
            Self::Promote {
                flow,
                entity,
                deployment,
            } => ("flows/promote", flow, entity, deployment),
        };
        let body = json!({"flow": flow, "entity": entity});
        let answer = deployment.post(path, &body).await?;
        deployment.print(&answer, |answer| println!("{}", decided(answer)))
    }
}

/// Leaves what was asked for.
fn choose(report: &mut Value, flow: Option<&str>, entity: Option<&str>) {
    let Some(flows) = report.get_mut("flows").and_then(Value::as_array_mut) else {
        return;
    };
    flows.retain(|row| {
        flow.is_none_or(|flow| text(row, "flow") == Some(flow))
            && entity.is_none_or(|entity| text(row, "entity") == Some(entity))
    });
}

fn page(report: &Value, record_by_record: bool) -> Page {
    let mut page = Page::default();
    for row in list(report, "flows") {
        let name = format!("{} of {}", word(row, "flow"), word(row, "entity"));
        let line = format!("{name}: {}, {}", word(row, "mode"), turn(row));
        page.styled("", "  ", &line, &[(&name, STRONG)]);
        let wanted = wanted(row);
        if !wanted.is_empty() {
            page.styled("  ", "  ", &wanted, &[(&wanted, FAINT)]);
        }
        if let Some(held) = held(row) {
            page.wrapped("  ", "  ", &held);
        }
        let records = if record_by_record {
            list(row, "records")
        } else {
            &[]
        };
        for record in records {
            page.wrapped("    ", "      ", &listed(record));
        }
    }
    page
}

/// What makes the flow go.
fn turn(row: &Value) -> String {
    let next = time(row, "next").map(|next| format!(", next {next}"));
    let next = next.unwrap_or_default();
    match text(row, "trigger") {
        Some("webhook") if text(row, "flow") == Some("invoices") => {
            "by the deployment's schedule".to_owned()
        }
        Some("webhook") => "at once".to_owned(),
        Some("micro_batch") => format!("gathered{next} for what comes now"),
        Some("batch") => format!("by schedule{next}"),
        Some("manual") => "when a person says so".to_owned(),
        Some(other) => other.to_owned(),
        None => "-".to_owned(),
    }
}

/// What the firm wants of it.
fn wanted(row: &Value) -> String {
    let target = row.get("latency_target_seconds").and_then(Value::as_u64);
    let target = target.map(|seconds| format!("target {}", super::page::age(seconds)));
    let unless = |name: &str, usual: &str| {
        let said = text(row, name).filter(|said| *said != usual);
        said.map(|said| format!("{name} {said}"))
    };
    let said = [
        unless("criticality", "normal"),
        target,
        unless("approval", ""),
        unless("reconciliation", "none"),
    ];
    said.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What it holds back, and what that is worth.
fn held(row: &Value) -> Option<String> {
    let held = row.get("held")?.as_object()?;
    let kinds = held.iter().map(|(hold, count)| match hold.as_str() {
        "schedule" => format!("{count} wait for its turn"),
        "off" => format!("{count} held while it is off"),
        "shadow" => format!("{count} would have been posted"),
        "draft" => format!("{count} left as drafts"),
        other => format!("{count} {other}"),
    });
    let kinds: Vec<String> = kinds.collect();
    if kinds.is_empty() {
        return None;
    }
    let untaxed = row.get("untaxed").and_then(Value::as_object);
    let untaxed = untaxed.into_iter().flatten();
    let money = untaxed.map(|(currency, amount)| format!("{} {currency}", plain(amount)));
    let hours = row.get("hours").map(plain).filter(|hours| hours != "0");
    let hours = hours.map(|hours| format!("{hours} h"));
    let worth: Vec<String> = money.chain(hours).collect();
    Some(match worth.is_empty() {
        true => kinds.join(", "),
        false => format!("{}: {}", kinds.join(", "), worth.join(", ")),
    })
}

fn listed(record: &Value) -> String {
    let untaxed = record.get("untaxed").filter(|amount| !amount.is_null());
    let untaxed = untaxed.map(|amount| format!(" {} {}", plain(amount), word(record, "currency")));
    let hours = record.get("hours").filter(|hours| !hours.is_null());
    let hours = hours.map(|hours| format!(" {} h", plain(hours)));
    format!(
        "{} {} ({}){}{}",
        word(record, "reference"),
        word(record, "command"),
        word(record, "hold"),
        untaxed.unwrap_or_default(),
        hours.unwrap_or_default(),
    )
}

/// What became of a decision.
fn decided(answer: &Value) -> String {
    let flow = word(answer, "flow");
    let let_go = number(answer, "let_go");
    let mut said = format!("{let_go} records of the flow {flow} go on");
    let runs: Vec<&str> = list(answer, "runs")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if !runs.is_empty() {
        said.push_str(&format!(
            "; a billing run of {} starts within a minute",
            runs.join(", ")
        ));
    }
    match number(answer, "left") {
        0 => {}
        left => said.push_str(&format!("; {left} stay: the book does not let them go")),
    }
    said
}

/// A number's own digits.
fn plain(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_is_held_back_and_what_it_is_worth() {
        let report = json!({"flows": [{
            "flow": "invoices", "entity": "us", "mode": "shadow", "trigger": "batch",
            "next": "2026-11-30T23:00:00Z", "criticality": "high",
            "latency_target_seconds": 900, "approval": "finance", "reconciliation": "none",
            "held": {"shadow": 1}, "untaxed": {"USD": "11080.00"}, "hours": "0",
            "records": [{"reference": "hubspot__1__invoice_5fshadow__9_2f1", "hold": "shadow",
                "command": "draft_invoice", "untaxed": "11080.00", "currency": "USD", "hours": null}],
        }]});
        let plain = page(&report, true).plain();
        let expected = "invoices of us: shadow, by schedule, next 2026-11-30 23:00:00 UTC\n  \
            criticality high, target 15 min, approval finance\n  \
            1 would have been posted: 11080.00 USD\n    \
            hubspot__1__invoice_5fshadow__9_2f1 draft_invoice (shadow) 11080.00 USD\n";
        assert_eq!(plain, expected);
    }

    #[test]
    fn a_decision_says_what_goes_on_and_what_stays() {
        let answer = json!({"flow": "invoices", "let_go": 2, "left": 1, "runs": ["us"]});
        let expected = "2 records of the flow invoices go on; a billing run of us starts within a \
            minute; 1 stay: the book does not let them go";
        assert_eq!(decided(&answer), expected);
    }
}
