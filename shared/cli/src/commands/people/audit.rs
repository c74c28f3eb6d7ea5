//! What happened, and whether it still says what was written down.

use clap::Subcommand;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::page::{Page, STRONG, list, text, time, word};
use crate::commands::CommandError;
use crate::commands::deployment::Deployment;

pub const EXAMPLES: &str =
    "Examples:\n  cargo tenon audit show INV/2026/00001\n  cargo tenon audit check";

/// How long after its end a day may be without its seal, which is made hourly.
const SEALED_AFTER: SignedDuration = SignedDuration::from_hours(2);
/// How much of a digest is shown: enough to find it again.
const SHORT: usize = 12;

/// What is asked of the audit.
#[derive(Debug, Subcommand)]
pub enum AuditQuestion {
    /// What happened to a thing, step by step, and who decided what about it.
    Show {
        /// Any id, as for `trace`; or a book, a queue, a flow.
        #[arg(required = true, value_name = "ID")]
        identifier: Vec<String>,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Look at every block from the first one on, and at every day's seal: nothing was changed,
    /// taken out or put in.
    Check {
        #[command(flatten)]
        deployment: Deployment,
    },
}

impl AuditQuestion {
    /// Asks the console and prints its answer.
    pub async fn ask(self) -> Result<(), CommandError> {
        match self {
            Self::Show {
                identifier,
                deployment,
            } => show(&identifier.join(" "), &deployment).await,
            Self::Check { deployment } => check(&deployment).await,
        }
    }
}

async fn show(asked: &str, deployment: &Deployment) -> Result<(), CommandError> {
    let id = utf8_percent_encode(asked, NON_ALPHANUMERIC);
    let (mut entries, mut path) = (Vec::new(), format!("audit?id={id}"));
    let mut answer = loop {
        let answer = deployment.get(&path).await?;
        entries.extend(list(&answer, "entries").iter().cloned());
        match answer.get("next") {
            Some(next) if !next.is_null() => {
                let next = next.to_string();
                let place = utf8_percent_encode(&next, NON_ALPHANUMERIC);
                path = format!("audit?id={id}&place={place}");
            }
            Some(_) | None => break answer,
        }
    };
    entries.sort_by_key(when);
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("entries".to_owned(), Value::Array(entries));
    }
    deployment.print(&answer, |answer| page(asked, answer).print())
}

fn when(found: &Value) -> Option<Timestamp> {
    found.get("entry")?.get("at")?.as_str()?.parse().ok()
}

fn page(asked: &str, answer: &Value) -> Page {
    let mut page = Page::default();
    let entries = list(answer, "entries");
    page.styled("", "", asked, &[(asked, STRONG)]);
    if entries.is_empty() {
        page.wrapped("  ", "  ", "nothing is written down about it");
    }
    for found in entries {
        page.wrapped("  ", "      ", &line(found));
    }
    for version in list(answer, "ledger") {
        let said = format!(
            "the ledger's {} version {} ({}) is {}",
            word(version, "reference"),
            word(version, "version"),
            word(version, "state"),
            comparison(version, entries),
        );
        page.wrapped("  ", "      ", &said);
    }
    page
}

/// Whether the ledger says of a version what was written down of it last.
fn comparison(version: &Value, entries: &[Value]) -> &'static str {
    let of_it = |entry: &&Value| {
        ["reference", "version"]
            .iter()
            .all(|name| plain(entry, name) == plain(version, name))
    };
    let mut entries = entries.iter().filter_map(|found| found.get("entry"));
    match entries.rfind(of_it) {
        None => "not written down (yet)",
        Some(entry) if text(entry, "content") == text(version, "content") => "as written down",
        Some(_) => "NOT as written down: it was changed past Tenon, or is on its way",
    }
}

/// A version is a number in the ledger and twenty digits in its key.
fn plain(value: &Value, name: &str) -> String {
    let word = word(value, name);
    word.trim_start_matches('0').to_owned()
}

fn line(found: &Value) -> String {
    let Some(entry) = found.get("entry") else {
        return String::new();
    };
    let at = time(entry, "at").unwrap_or_default();
    let digest: String = word(found, "digest").chars().take(SHORT).collect();
    let place = format!(
        "[{} {} {digest}]",
        word(found, "chain"),
        word(found, "block")
    );
    match text(entry, "what") {
        Some("decision") => format!(
            "{at} {} {}: {} {place}",
            word(entry, "who"),
            word(entry, "asked"),
            word(entry, "outcome"),
        ),
        Some(_) | None => format!(
            "{at} {} version {} {}, {} {place}",
            word(entry, "reference"),
            plain(entry, "version"),
            word(entry, "state"),
            match text(entry, "command") {
                Some(command) => command.replace('_', " "),
                None => "nothing to do in Odoo".to_owned(),
            },
        ),
    }
}

/// What was found of one chain.
struct Chain {
    blocks: u64,
    since: Option<Timestamp>,
}

async fn check(deployment: &Deployment) -> Result<(), CommandError> {
    let (mut blocks, mut since) = (0, None::<Timestamp>);
    for chain in domain::audit::chains() {
        let whole = check_chain(chain, deployment).await?;
        blocks += whole.blocks;
        since = match (since, whole.since) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    let (seals, root) = check_seals(since, deployment).await?;
    let answer = json!({"blocks": blocks, "since": since, "seals": seals, "newest_root": root});
    deployment.print(&answer, |answer| {
        let sealed = match seals {
            0 => "no day of it is over yet, so there is no seal".to_owned(),
            seals => format!("{seals} seals hold"),
        };
        println!("{blocks} blocks follow one another as they were written; {sealed}");
        if let Some(root) = text(answer, "newest_root") {
            println!("the newest seal's root, to be kept elsewhere: {root}");
        }
    })
}

async fn check_chain(chain: &str, deployment: &Deployment) -> Result<Chain, CommandError> {
    let (mut last, mut since) = (json!({"number": 0}), None);
    loop {
        let body = json!({"chain": chain, "last": last});
        let answer = deployment.post("audit/check", &body).await?;
        if let Some(tampered) = text(&answer, "tampered") {
            return Err(CommandError::Tampered(format!("{chain}: {tampered}")));
        }
        since = since.or_else(|| text(&answer, "since")?.parse().ok());
        last = answer.get("last").cloned().unwrap_or_default();
        if answer.get("is_whole").and_then(Value::as_bool) == Some(true) {
            let blocks = last.get("number").and_then(Value::as_u64);
            let blocks = blocks.unwrap_or_default();
            return Ok(Chain { blocks, since });
        }
    }
}

/// The seal of every day that is over for a while, since the first block.
async fn check_seals(
    since: Option<Timestamp>,
    deployment: &Deployment,
) -> Result<(u64, Option<String>), CommandError> {
    let (mut seals, mut root) = (0, None);
    let day_of = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let Some(mut day) = since.map(day_of) else {
        return Ok((0, None));
    };
    while day < sealed_before() {
        let answer = deployment.get(&format!("audit/seal?day={day}")).await?;
        if let Some(tampered) = text(&answer, "tampered") {
            return Err(CommandError::Tampered(tampered.to_owned()));
        }
        root = text(&answer, "root").map(str::to_owned);
        if root.is_none() {
            let missing = format!("{day} has no seal: it was taken away, or the audit stood still");
            return Err(CommandError::Tampered(missing));
        }
        seals += 1;
        day = day.tomorrow().unwrap_or(Date::MAX);
    }
    Ok((seals, root))
}

#[expect(
    clippy::disallowed_methods,
    reason = "which days are over is asked of the machine of the person who asks"
)]
fn sealed_before() -> Date {
    let lately = Timestamp::now() - SEALED_AFTER;
    lately.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_said_in_order_and_compared_with_the_ledger() {
        let entry = |state: &str, content: &str| {
            json!({"chain": "records-1", "block": 7, "digest": "0123456789abcdef", "entry": {
                "what": "record", "at": "2026-11-23T10:00:00Z", "reference": "s__a__deal__1",
                "version": "00000000000000000007", "state": state, "command": "create_order",
                "correlation": "c", "content": content}})
        };
        let answer = |content: &str| {
            json!({"entries": [entry("waiting", "aa"), entry("posted", "bb")],
                "ledger": [{"reference": "s__a__deal__1", "version": 7, "state": "posted", "content": content}]})
        };
        let whole = page("deal 1", &answer("bb")).plain();
        assert!(whole.contains("version 7 waiting, create order"), "{whole}");
        assert!(whole.contains("is as written down"), "{whole}");
        let changed = page("deal 1", &answer("cc")).plain();
        assert!(changed.contains("NOT as written"), "{changed}");
    }

    #[test]
    fn a_persons_decision_names_them_and_how_it_ended() {
        let answer = json!({"entries": [{"chain": "people", "block": 3, "digest": "ff", "entry": {
            "what": "decision", "at": "2026-11-23T10:00:00Z", "who": "arn:aws:iam::1:user/ada",
            "asked": "retry", "about": ["s__a__deal__1"], "content": "aa", "outcome": "done"}}]});
        let page = page("s__a__deal__1", &answer).plain();
        assert!(page.contains("user/ada retry: done"), "{page}");
    }
}
