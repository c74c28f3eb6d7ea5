//! The page of a source, from its description.

mod changes;
mod dropped;
mod fields;
mod proof;
mod set_up;

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use domain::event::Approval;
use sources::Source;
use sources::facts::api::{Api, Auth, Cursor, Deletions, Limit, Paging, Pull};
use sources::facts::delivery::{Acknowledge, DeliveryFacts, Handshake};
use sources::facts::message::Payload;
use sources::facts::{Facts, Transport};

use crate::commands::CommandError;
use crate::functions::Workspace;

/// Writes the page of every source, where the book looks for them.
pub fn write_all() -> Result<(), CommandError> {
    let root = Workspace::read()?.root;
    let folder = root.join("docs/sources");
    for source in sources::all() {
        let file = folder.join(format!("{}.md", source.name()));
        let written = fs::create_dir_all(&folder)
            .and_then(|()| page(source, &root))
            .and_then(|page| fs::write(&file, page));
        written.map_err(|source| CommandError::NotPlaced { file, source })?;
    }
    Ok(())
}

/// The whole page. `root` is the workspace's folder, with the examples that are read.
fn page(source: &Source, root: &Path) -> io::Result<String> {
    let facts = &source.facts;
    let mut page = format!(
        "# {}\n\nMade from `{}.toml` by `cargo tenon source pages`; a test fails while this page differs.\n\
         The vendor describes it at <{}>.\n",
        facts.title, facts.name, facts.docs
    );
    // Writing into a String does not fail.
    let _ = write!(page, "\n## What comes\n\n{}", what_comes(facts));
    if facts.pushes() {
        let _ = write!(page, "\n## How it is proved\n\n{}", proof::table(facts));
        let _ = write!(page, "\n## What we answer\n\n{}", answers(facts));
    }
    page.push_str(&dropped::section(facts));
    let _ = write!(
        page,
        "\n## What gets lost, and what finds it again\n\n{}",
        lost(facts)
    );
    if let Some(api) = &facts.api {
        let _ = write!(page, "\n## Its API\n\n{}", api_facts(api));
    }
    for (entity, map) in &facts.approval {
        let entity = entity.replace('_', " ");
        let _ = write!(
            page,
            "\n## Its words for approval: {entity}\n\nAt `{}`. A word that is not here is held, \
             and a person looks at it; it never counts as approved.\n\n| theirs | ours |\n|---|---|\n",
            map.at
        );
        for (theirs, ours) in &map.states {
            let _ = writeln!(page, "| {theirs} | {} |", approval(*ours));
        }
    }
    let fields = fields::tables(source, root)?;
    if !fields.is_empty() {
        let _ = write!(
            page,
            "\n## Which fields are read\n\nFound by changing each field of the examples and reading them again.\n{fields}"
        );
    }
    let _ = write!(page, "\n## Setting it up\n\n{}", set_up::steps(facts));
    Ok(page)
}

fn what_comes(facts: &Facts) -> String {
    let ways = facts.transport.iter().map(|way| match way {
        Transport::Push => "- It calls us.\n",
        Transport::Poll => "- We ask what changed.\n",
        Transport::Feed => "- We read its list of events.\n",
        Transport::Stream => {
            "- Events come by Amazon EventBridge, whose channel proves the sender.\n"
        }
        Transport::File => "- A file is put into our bucket.\n",
    });
    let message = &facts.message;
    let much = match message.payload {
        Payload::Thin => "- A message names a record: the record is fetched.\n",
        Payload::Partial => "- A message carries some fields of a record: the record is fetched.\n",
        Payload::Fat if message.event_type.signed => "- A message carries the whole record.\n",
        Payload::Fat => {
            "- A message carries the whole record, but no proof covers what happened to it: it is a hint, \
             and the record is fetched before anything is worth money.\n"
        }
    };
    let order = match &message.order {
        Some(order) if order.gapless => {
            format!(
                "- `{}` tells older from newer, and a missing number is a lost event: then every list is read from the \
                 start.\n",
                order.at
            )
        }
        Some(order) => format!("- `{}` tells older from newer.\n", order.at),
        None => "- Nothing in a message tells older from newer; the record that is fetched does.\n"
            .to_owned(),
    };
    let dedup: Vec<String> = message
        .dedup
        .iter()
        .map(|place| format!("`{place}`"))
        .collect();
    let same = format!(
        "- The same event comes again with the same {}.\n",
        dedup.join(", ")
    );
    format!("{}{much}{same}{order}", ways.collect::<String>())
}

fn answers(facts: &Facts) -> String {
    let answers = &facts.answers;
    let mut text = format!(
        "{} when a message is kept, {} when it proves nothing, {} when it should come again.\n",
        answers.accepted, answers.refused, answers.busy
    );
    match answers.acknowledge {
        Some(Acknowledge::SoapAck) => {
            text.push_str(
                "A kept message is answered by a SOAP envelope that says `<Ack>true</Ack>`.\n",
            );
        }
        None => {}
    }
    match &answers.handshake {
        Some(Handshake::EchoField(name)) => {
            let _ = writeln!(text, "When it is set up, the field `{name}` is sent back.");
        }
        Some(Handshake::EchoHeader(name)) => {
            let _ = writeln!(text, "When it is set up, the header `{name}` is sent back.");
        }
        None => {}
    }
    text
}

fn lost(facts: &Facts) -> String {
    let mut text = String::new();
    if let Some(delivery) = &facts.delivery {
        text.push_str(&delivered(delivery));
    }
    if let Some(seconds) = facts.reconcile_seconds() {
        let _ = writeln!(
            text,
            "- So what changed has to be asked for at least every {}.",
            period(seconds)
        );
    }
    for pull in facts.pull.iter().flat_map(Pull::all) {
        text.push_str(&pulled(pull));
    }
    text
}

fn delivered(delivery: &DeliveryFacts) -> String {
    let mut text = match delivery.acknowledge_seconds {
        Some(seconds) => format!("- It waits {seconds} s for our answer.\n"),
        None => {
            "- How long it waits for our answer is not documented; 5 s are assumed.\n".to_owned()
        }
    };
    let span = delivery
        .retry_span_seconds
        .map(|span| format!(" within {}", period(span)));
    let span = span.unwrap_or_default();
    let after = match delivery.retried.iter().any(|word| word == "any") {
        true => "whatever is no success".to_owned(),
        false => delivery.retried.join(", "),
    };
    let _ = match (delivery.retries, delivery.retried.is_empty()) {
        (Some(times), false) => writeln!(
            text,
            "- It sends again up to {times} times{span}, after {after}."
        ),
        (None, false) => writeln!(text, "- It sends again{span}, after {after}."),
        (_, true) => writeln!(text, "- How often it sends again is not documented."),
    };
    if let Some(stops) = &delivery.stops {
        let _ = writeln!(text, "- It gives up: {stops}.");
    }
    text
}

fn pulled(pull: &Pull) -> String {
    let Cursor {
        asked_by,
        from,
        overlap_seconds,
    } = &pull.cursor;
    let mut text = format!(
        "- Asked: `{}` by `{asked_by}`, from `{from}` of the last record on, {} of it a second time.\n",
        pull.path,
        period(*overlap_seconds)
    );
    if pull.list.is_none() {
        text.push_str("- It is not pulled yet: how its list is asked for is not described.\n");
    }
    if let Some(paging) = &pull.paging {
        text.push_str(&pages(paging));
    }
    text.push_str(match pull.deletions {
        Deletions::Reported => "- Deletions are among what changed.\n",
        Deletions::WindowComparison => {
            "- Deletions are found by comparing a whole window of records with what is known.\n"
        }
    });
    if let Some(seconds) = pull.retention_seconds {
        let _ = writeln!(
            text,
            "- It keeps events for {}; after a longer silence everything is read again.",
            period(seconds)
        );
    }
    text
}

fn pages(paging: &Paging) -> String {
    match paging {
        Paging::Number { parameter, size } => {
            format!("- Pages of {size} by the number `{parameter}`.\n")
        }
        Paging::Next { at, size, .. } => {
            format!("- Pages of {size}; `{at}` says where the next one is.\n")
        }
        Paging::Header { name, size, .. } => {
            format!("- Pages of {size}; the header `{name}` says which is the last.\n")
        }
        Paging::Id { size } => {
            format!("- Pages of {size}, each beyond the id of the last record.\n")
        }
    }
}

fn api_facts(api: &Api) -> String {
    let version = api.version.as_ref().map(|v| format!(", version {v}"));
    let mut text = format!("`{}`{}.\n", api.base_url, version.unwrap_or_default());
    text.push_str(&token(&api.auth));
    for limit in &api.limits {
        let _ = match limit {
            Limit::Rate {
                requests,
                seconds,
                per,
                ..
            } => {
                writeln!(
                    text,
                    "- At most {requests} requests in {} per {per}.",
                    period(*seconds)
                )
            }
            Limit::Concurrent { requests, per } => {
                writeln!(text, "- At most {requests} requests at once per {per}.")
            }
        };
    }
    text
}

/// What the secret needs where a short-lived token is made first.
fn token(auth: &Auth) -> String {
    let (url, fields) = match auth {
        Auth::Bearer | Auth::Basic | Auth::Headers(_) => return String::new(),
        Auth::ClientCredentials { token_url } => (token_url, "`client_id` and `client_secret`"),
        Auth::JwtBearer { token_url, .. } => {
            (token_url, "`client_id`, `user` and `private_key` (PEM)")
        }
        Auth::RefreshToken { token_url, .. } => (
            token_url,
            "`client_id`, `client_secret` and `refresh_token`",
        ),
    };
    format!("- A short-lived token is made at `{url}`, with the secret's {fields}.\n")
}

const fn approval(word: Approval) -> &'static str {
    match word {
        Approval::Draft => "draft",
        Approval::Submitted => "submitted",
        Approval::PartiallyApproved => "partially approved",
        Approval::Approved => "approved",
        Approval::Rejected => "rejected",
        Approval::Invoiced => "invoiced",
        Approval::WrittenOff => "written off",
        Approval::Review => "review",
    }
}

/// A time in the largest unit that divides it.
pub fn period(seconds: u32) -> String {
    for (unit, length) in [("days", 86_400), ("h", 3600), ("min", 60)] {
        let is_whole = seconds >= length && seconds.is_multiple_of(length);
        if is_whole && (unit != "days" || seconds > length) {
            return format!("{} {unit}", seconds / length);
        }
    }
    format!("{seconds} s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_every_source_says_what_its_description_says() {
        for source in sources::all() {
            let name = source.name();
            let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
            let file = root.join(format!("docs/sources/{name}.md"));
            let text = fs::read_to_string(file).unwrap_or_default();
            let stale = format!("docs/sources/{name}.md is stale: cargo tenon source pages");
            assert!(text == page(source, root).unwrap(), "{stale}");
        }
    }

    #[test]
    fn a_time_is_told_in_its_largest_unit() {
        for (seconds, told) in [
            (6, "6 s"),
            (60, "1 min"),
            (3600, "1 h"),
            (5400, "90 min"),
            (86_400, "24 h"),
            (777_600, "9 days"),
        ] {
            assert_eq!(period(seconds), told);
        }
    }
}
