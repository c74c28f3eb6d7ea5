//! Prints a status: what is pending, waits and is held, who must decide, and what was heard last.

use jiff::Timestamp;
use serde_json::Value;

use super::page::{FAINT, Page, STRONG, age, colour, list, number, text, time, word};

/// How many exceptions of one owner are printed in full.
const SHOWN: usize = 10;

/// Prints the answer of `status`.
pub fn print(status: &Value) {
    page(status).print();
}

fn page(status: &Value) -> Page {
    let mut page = Page::default();
    lanes(&mut page, status);
    let groups = ["waiting_groups", "held_groups", "exceptions"];
    if groups.iter().all(|name| list(status, name).is_empty()) {
        page.line("nothing waits, nothing is held, no open exceptions");
    }
    for group in list(status, "waiting_groups") {
        let said = format!(
            "{} for {}, which {} ({})",
            number(group, "count"),
            word(group, "what"),
            which(&word(group, "why")),
            age(number(group, "oldest_seconds"))
        );
        reason(&mut page, "waiting", group, &said);
    }
    for group in list(status, "held_groups") {
        let oldest = age(number(group, "oldest_seconds"));
        let (count, why) = (number(group, "count"), word(group, "why"));
        let said = format!("{count}: {why} ({oldest})");
        reason(&mut page, "held", group, &said);
    }
    exceptions(&mut page, status);
    gate(&mut page, status);
    for source in list(status, "sources") {
        let name = format!("{} {}", word(source, "source"), word(source, "account"));
        let (way, ago) = (word(source, "way"), age(number(source, "age_seconds")));
        row(&mut page, "heard", &format!("{name}: {way}, {ago} ago"));
    }
    for lost in list(status, "lost") {
        let name = format!("{} {}", word(lost, "source"), word(lost, "account"));
        let lists = list(lost, "lists").iter().filter_map(Value::as_str);
        let lists: Vec<String> = lists.map(|list| list.replace('_', " ")).collect();
        let said = format!(
            "{name}: {}, {} ago; read from the start for that: {}",
            word(lost, "what"),
            age(number(lost, "age_seconds")),
            lists.join(", ")
        );
        row(&mut page, "lost", &said);
    }
    posted(&mut page, status);
    match status.get("book").filter(|book| book.is_object()) {
        Some(book) => {
            let since = time(book, "since").map(|since| format!(", in force since {since}"));
            let said = format!("{}{}", word(book, "version"), since.unwrap_or_default());
            row(&mut page, "book", &said);
        }
        None => row(&mut page, "book", "none: tenon book publish FOLDER"),
    }
    page
}

/// One line: a word, and what it says.
fn row(page: &mut Page, name: &str, said: &str) {
    let first = format!("{name:<10} ");
    page.styled(&first, "           ", said, &[(name, STRONG)]);
}

fn lanes(page: &mut Page, status: &Value) {
    let mut busy = 0;
    for lane in list(status, "lanes") {
        let (pending, state) = (number(lane, "pending"), word(lane, "state"));
        if pending == 0 && state == "open" {
            continue;
        }
        busy += 1;
        let oldest = lane.get("oldest_seconds").and_then(Value::as_u64);
        let oldest = oldest.map(|seconds| format!(", the oldest for {}", age(seconds)));
        let said = format!(
            "{} {pending} pending{}, {state}{}",
            word(lane, "partition"),
            oldest.unwrap_or_default(),
            why(lane, &state)
        );
        page.styled(
            "pending    ",
            "           ",
            &said,
            &[("pending    ", STRONG), (&state, colour(&state))],
        );
    }
    if busy == 0 {
        row(page, "pending", "nothing");
    }
}

/// What belongs to a partition's state.
fn why(lane: &Value, state: &str) -> String {
    let answer = text(lane, "last_answer").map(|answer| format!(": {answer}"));
    let answer = answer.unwrap_or_default();
    let until = |name| time(lane, name).unwrap_or_default();
    match state {
        "waiting(odoo)" => format!(" until {}{answer}", until("resting_until")),
        "working" => format!(" until {} at the latest", until("worker_until")),
        "uncertain" => {
            let sent = lane.get("uncertain").unwrap_or(&Value::Null);
            let (from, to) = (word(sent, "from"), word(sent, "to"));
            let what = match from == to {
                true => from,
                false => format!("{from} to {to}"),
            };
            let at = time(sent, "sent_at").unwrap_or_default();
            format!(
                ": {what} was sent at {at} and no answer was kept; looked for again after {}",
                until("worker_until")
            )
        }
        _ => String::new(),
    }
}

/// Records for one reason.
fn reason(page: &mut Page, name: &str, group: &Value, said: &str) {
    page.styled(
        &format!("{name:<10} "),
        "           ",
        said,
        &[(name, colour(name))],
    );
    let first = list(group, "first");
    for reference in first {
        let reference = reference.as_str().unwrap_or_default();
        page.line(&format!("             {FAINT}{reference}{FAINT:#}"));
    }
    let more = number(group, "count").saturating_sub(first.len() as u64);
    if more > 0 {
        page.line(&format!("             and {more} more"));
    }
}

/// "waits for …" and "is held" after "which".
fn which(why: &str) -> String {
    match why.starts_with("waits") || why.starts_with("no delivery") {
        true => why.to_owned(),
        false => format!("is: {why}"),
    }
}

fn exceptions(page: &mut Page, status: &Value) {
    for owner in list(status, "owners") {
        let name = word(owner, "owner");
        let said = format!(
            "{name} must decide {}, the oldest for {} (no deadline is set)",
            number(owner, "open"),
            age(number(owner, "oldest_seconds"))
        );
        page.styled(
            "exceptions ",
            "           ",
            &said,
            &[("exceptions", colour("held")), (&name, STRONG)],
        );
        let its = |open: &&Value| text(open, "owner") == Some(&name);
        for open in list(status, "exceptions").iter().filter(its).take(SHOWN) {
            let since = open_for(status, open);
            let said = format!("{}{since}", word(open, "sentence"));
            page.wrapped("           ", "             ", &said);
            for item in list(open, "items") {
                let item = item.as_str().unwrap_or_default();
                page.wrapped("             - ", "               ", item);
            }
            page.line(&format!("             {}", word(open, "fix")));
        }
    }
}

/// How long a question is open, when it was asked.
fn open_for(status: &Value, open: &Value) -> String {
    let instant = |value: &Value, name| text(value, name)?.parse::<Timestamp>().ok();
    let (Some(raised), Some(now)) = (instant(open, "raised_at"), instant(status, "at")) else {
        return String::new();
    };
    let seconds = now.duration_since(raised).as_secs().max(0);
    format!(" ({})", age(seconds.unsigned_abs()))
}

/// Whether Odoo is called, and how much of what it may be called.
fn gate(page: &mut Page, status: &Value) {
    let Some(gate) = status.get("gate") else {
        return;
    };
    let at = |name| time(gate, name).unwrap_or_default();
    match word(gate, "state").as_str() {
        "closed" => {
            let said = format!(
                "{}, since {}, until {}",
                word(gate, "why"),
                at("since"),
                at("until")
            );
            row(page, "odoo", &said);
        }
        "probing" => {
            let said = format!(
                "one call tries out if it answers again: {} since {}",
                word(gate, "why"),
                at("since")
            );
            row(page, "odoo", &said);
        }
        _ => {}
    }
    let minute = match time(gate, "minute") {
        Some(minute) => format!(
            "{} calls in the minute of {minute}, {} % of the budget",
            number(gate, "minute_calls"),
            number(gate, "minute_percent")
        ),
        None => "not called yet".to_owned(),
    };
    let budget = format!(
        "{} calls a second, {} at once",
        number(gate, "calls_per_second"),
        number(gate, "calls_in_flight")
    );
    row(page, "odoo", &format!("{minute} ({budget})"));
    let resting: Vec<&str> = list(gate, "resting")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if !resting.is_empty() {
        row(
            page,
            "odoo",
            &format!("left alone by {}", resting.join(", ")),
        );
    }
}

/// When each lane last had success.
fn posted(page: &mut Page, status: &Value) {
    for lane in ["master", "work", "billing"] {
        let of_lane = list(status, "lanes").iter().filter(|one| {
            text(one, "partition").is_some_and(|partition| partition.starts_with(lane))
        });
        let last = of_lane.filter_map(|one| time(one, "posted_at")).max();
        if let Some(last) = last {
            row(page, "posted", &format!("{lane}: last {last}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lane(partition: &str, pending: u32, state: &str) -> Value {
        json!({
            "partition": partition, "pending": pending, "oldest_seconds": (pending > 0).then_some(200),
            "state": state, "worker_until": null, "resting_until": "2026-11-22T14:00:10Z",
            "uncertain": null, "last_answer": "Odoo could not be reached", "posted_at": null,
        })
    }

    #[test]
    fn a_status_says_who_waits_for_whom_and_who_must_decide() {
        let status = json!({
            "lanes": [lane("master#0", 0, "open"), lane("work#2", 6, "waiting(odoo)")],
            "at": "2026-11-22T14:00:00Z",
            "waiting_groups": [{"count": 6, "oldest_seconds": 200, "what": "PSA project 77",
                "why": "waits for steward: PSA project 77 is not linked to a contract; its time waits",
                "first": ["psa__1__time_5fentry__501"]}],
            "held_groups": [{"count": 1, "oldest_seconds": 4, "why": "Time entry 506 is not approved yet: its status is Open",
                "first": ["psa__1__time_5fentry__506"]}],
            "exceptions": [{"owner": "steward", "raised_at": "2026-11-22T12:53:20Z", "sentence": "PSA project 77 is not linked to a contract; its time waits",
                "items": ["the project names no deal"],
                "fix": "Confirm the link: tenon crosswalk confirm psa__1__project__77 <deal>"}],
            "owners": [{"owner": "steward", "open": 1, "oldest_seconds": 4000}],
            "gate": {"state": "closed", "why": "Odoo is left alone: it did not answer several times in a row",
                "since": "2026-11-22T13:58:00Z", "until": "2026-11-22T14:00:40Z", "calls_per_second": 1, "calls_in_flight": 1,
                "in_flight": 0, "minute": "2026-11-22T13:58:00Z", "minute_calls": 30, "minute_percent": 50, "resting": ["work#2"]},
            "sources": [{"source": "hubspot", "account": "48807704", "way": "deliveries", "age_seconds": 12}],
            "lost": [{"source": "autotask", "account": "acme", "what": "number 4 came after number 2 of a1",
                "age_seconds": 50, "lists": ["ticket", "time_entry"]}],
            "book": {"version": "0123456789ab", "since": "2026-11-22T13:00:00Z"},
        });
        let printed = "\
pending    work#2 6 pending, the oldest for 3 min, waiting(odoo) until
           2026-11-22 14:00:10 UTC: Odoo could not be reached
waiting    6 for PSA project 77, which waits for steward: PSA project 77 is not
           linked to a contract; its time waits (3 min)
             psa__1__time_5fentry__501
             and 5 more
held       1: Time entry 506 is not approved yet: its status is Open (4 s)
             psa__1__time_5fentry__506
exceptions steward must decide 1, the oldest for 1 h (no deadline is set)
           PSA project 77 is not linked to a contract; its time waits (1 h)
             - the project names no deal
             Confirm the link: tenon crosswalk confirm psa__1__project__77 <deal>
odoo       Odoo is left alone: it did not answer several times in a row, since
           2026-11-22 13:58:00 UTC, until 2026-11-22 14:00:40 UTC
odoo       30 calls in the minute of 2026-11-22 13:58:00 UTC, 50 % of the budget
           (1 calls a second, 1 at once)
odoo       left alone by work#2
heard      hubspot 48807704: deliveries, 12 s ago
lost       autotask acme: number 4 came after number 2 of a1, 50 s ago; read
           from the start for that: ticket, time entry
book       0123456789ab, in force since 2026-11-22 13:00:00 UTC
";
        assert_eq!(page(&status).plain(), printed);
    }

    #[test]
    fn a_quiet_deployment_says_so() {
        let status = json!({"lanes": [lane("work#0", 0, "open")]});
        let printed = page(&status).plain();
        assert!(
            printed.contains("nothing waits, nothing is held, no open exceptions"),
            "{printed}"
        );
        assert!(
            printed.contains("none: tenon book publish FOLDER"),
            "{printed}"
        );
    }
}
