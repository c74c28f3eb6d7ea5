//! Prints a trace: the answer in a sentence, then the chain as a tree.

use serde_json::Value;

use super::page::{COLUMNS, FAINT, Page, STRONG, colour, list, number, text, time, word};

/// How much of a time says it to the minute.
const MINUTES: usize = 16;

/// Prints the answer of `trace`.
pub fn print(trace: &Value) {
    page(trace).print();
}

fn page(trace: &Value) -> Page {
    let mut page = Page::default();
    page.styled(
        "",
        "",
        text(trace, "sentence").unwrap_or_default(),
        &[(&word(trace, "identifier"), STRONG)],
    );
    for found in list(trace, "found") {
        let state = word(found, "state");
        let said = format!("{}  {state}", word(found, "what"));
        page.styled("  ", "    ", &said, &[(&state, colour(&state))]);
        page.line(&format!("    tenon trace {}", word(found, "reference")));
    }
    for root in list(trace, "chain") {
        page.line("");
        branch(&mut page, root, "", "");
    }
    let links = list(trace, "links");
    if !links.is_empty() {
        page.line("");
    }
    for link in links {
        let (to, by) = (word(link, "to"), word(link, "by"));
        let since = time(link, "since").unwrap_or_default();
        page.wrapped("", "  ", &format!("known as {to} ({by}, {since})"));
    }
    page
}

/// One node and everything below it. `own` begins its line, `below` the lines of its children.
fn branch(page: &mut Page, node: &Value, own: &str, below: &str) {
    let children = list(node, "children");
    let rest = match children.is_empty() {
        true => format!("{below}  "),
        false => format!("{below}│ "),
    };
    let is_asked = node.get("asked").and_then(Value::as_bool) == Some(true);
    head(page, node, own, &rest, is_asked);
    if let Some(record) = node.get("record").filter(|record| record.is_object()) {
        match is_asked {
            true => details(page, record, &rest),
            false => trouble(page, record, &rest),
        }
    }
    for (position, child) in children.iter().enumerate() {
        let (joint, line) = match position + 1 == children.len() {
            true => ("└─ ", "   "),
            false => ("├─ ", "│  "),
        };
        branch(
            page,
            child,
            &format!("{below}{joint}"),
            &format!("{below}{line}"),
        );
    }
}

fn head(page: &mut Page, node: &Value, own: &str, rest: &str, is_asked: bool) {
    let (what, state) = (word(node, "what"), word(node, "state"));
    let mark = if is_asked { "▶ " } else { "" };
    let mut said = format!("{mark}{what}  {state}");
    if let Some(odoo) = node.get("odoo").filter(|odoo| odoo.is_object()) {
        let name = text(odoo, "name").filter(|name| !what.ends_with(name));
        let name = name.map(|name| format!("  {name}")).unwrap_or_default();
        let id = format!("{} {}", word(odoo, "model"), word(odoo, "id"));
        let others: Vec<String> = list(odoo, "others").iter().map(Value::to_string).collect();
        let others = match others.is_empty() {
            true => String::new(),
            false => format!(" and {}", others.join(", ")),
        };
        said.push_str(&format!("{name}  {id}{others}"));
    }
    let at = time(node, "at").filter(|_| !is_asked).unwrap_or_default();
    let short: String = at.chars().take(MINUTES).collect();
    // The page is for reading: a time that would take a line of its own is left to --json.
    let columns = own.chars().count() + said.chars().count() + 2 + short.chars().count();
    if !short.is_empty() && columns <= COLUMNS {
        said.push_str(&format!("  {short}"));
    }
    let what_style = if is_asked {
        STRONG
    } else {
        anstyle::Style::new()
    };
    page.styled(
        own,
        &format!("{rest}  "),
        &said,
        &[
            (&what, what_style),
            (&state, colour(&state)),
            (&short, FAINT),
        ],
    );
}

/// Everything about the fact that was asked for.
fn details(page: &mut Page, record: &Value, rest: &str) {
    let mut row = |name: &str, value: &str| {
        let first = format!("{rest}  {name:<10} ");
        let next = format!("{rest}  {:<10} ", "");
        page.styled(&first, &next, value, &[(name, FAINT)]);
    };
    row("reference", &word(record, "reference"));
    let brought = text(record, "correlation").map(|by| format!(" by {by}"));
    if let Some(received) = time(record, "received_at") {
        row("received", &received);
    }
    if let Some(brought) = &brought {
        row("brought", brought.trim_start());
    }
    if let Some(judged) = time(record, "judged_at") {
        row(
            "judged",
            &format!("{judged}, book {}", word(record, "book")),
        );
    }
    for attempt in list(record, "attempts") {
        row("tried", &tried(attempt));
    }
    if let Some(changed) = time(record, "changed_at") {
        let state = word(record, "state");
        row(&state, &changed);
    }
    // What it waits for is said by its state.
    let reason = text(record, "reason").filter(|_| text(record, "state") != Some("waiting"));
    if let Some(reason) = reason {
        row("because", reason);
    }
    for (position, written) in written(record).iter().enumerate() {
        row(if position == 0 { "writes" } else { "" }, written);
    }
    for older in list(record, "older") {
        let (state, at) = (word(older, "state"), time(older, "at").unwrap_or_default());
        let version = word(older, "version");
        row("earlier", &format!("version {version} {state} {at}"));
    }
    trouble(page, record, rest);
}

/// What people must decide.
fn trouble(page: &mut Page, record: &Value, rest: &str) {
    for open in list(record, "exceptions") {
        let owner = word(open, "owner");
        let since = time(open, "raised_at").unwrap_or_default();
        let said = format!(
            "! {owner} must decide since {since}: {}",
            word(open, "sentence")
        );
        page.styled(
            &format!("{rest}  "),
            &format!("{rest}    "),
            &said,
            &[("!", colour("held"))],
        );
        for item in list(open, "items") {
            let item = item.as_str().unwrap_or_default();
            page.wrapped(&format!("{rest}    - "), &format!("{rest}      "), item);
        }
        page.line(&format!("{rest}    {}", word(open, "fix")));
    }
}

/// What a record writes: the lines of an order or invoice one by one, the rest together.
fn written(record: &Value) -> Vec<String> {
    let said = |field: &Value| format!("{} {}", word(field, "name"), word(field, "value"));
    let is_line = |field: &&Value| word(field, "name").starts_with("line ");
    let (lines, rest): (Vec<&Value>, Vec<&Value>) =
        list(record, "fields").iter().partition(is_line);
    let rest: Vec<String> = rest.into_iter().map(said).collect();
    let together = (!rest.is_empty()).then(|| rest.join(", "));
    together
        .into_iter()
        .chain(lines.into_iter().map(said))
        .collect()
}

fn tried(attempt: &Value) -> String {
    let at = time(attempt, "at").unwrap_or_default();
    let answer = word(attempt, "answer");
    match (time(attempt, "until"), number(attempt, "times")) {
        (Some(until), times) => format!("{times} times, {at} to {until}: {answer}"),
        (None, _) => format!("{at}: {answer}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn node(what: &str, state: &str, odoo: Value, children: Value) -> Value {
        json!({
            "what": what, "state": state, "asked": false, "at": "2026-11-22T13:40:05.123Z",
            "odoo": odoo, "record": null, "children": children,
        })
    }

    fn place(model: &str, id: u32, name: Option<&str>) -> Value {
        json!({"model": model, "id": id, "others": [], "name": name})
    }

    fn canned() -> Value {
        let mut entry = node(
            "Time entry 501",
            "in Odoo",
            json!({"model": "account.analytic.line", "id": 3, "others": [4], "name": null}),
            json!([{"what": "Unit of 8 h", "state": "8 h = 1152.00 on INV/2026/00001",
                "asked": false, "at": null, "odoo": null, "record": null, "children": []}]),
        );
        entry["asked"] = json!(true);
        entry["record"] = json!({
            "reference": "connectwise___43obalt__time_5fentry__501",
            "state": "posted",
            "version": 1_780_000_000_000_u64,
            "received_at": "2026-11-22T13:39:01Z",
            "judged_at": "2026-11-22T13:39:02Z",
            "changed_at": "2026-11-22T13:40:05.123Z",
            "correlation": "6a0b7f6e-3f6e-4f0c-9e4e-0123456789ab",
            "book": "0123456789ab",
            "reason": null,
            "fields": [
                {"name": "date", "value": "2026-11-21"},
                {"name": "service", "value": "senior_consultant"},
                {"name": "worked", "value": "8 h"},
                {"name": "billable", "value": "8 h"},
            ],
            "attempts": [{"at": "2026-11-22T13:39:10Z", "until": "2026-11-22T13:39:40Z",
                "times": 4, "answer": "Odoo could not be reached"}],
            "exceptions": [],
            "older": [{"version": 1, "state": "superseded", "at": "2026-11-22T13:00:00Z",
                "correlation": "x"}],
        });
        let linked = node(
            "PSA project 77",
            "linked to its contract",
            Value::Null,
            json!([entry]),
        );
        let invoice = node(
            "Invoice INV/2026/00001",
            "posted in Odoo, paid",
            place("account.move", 1, None),
            json!([]),
        );
        let deal = node(
            "Deal 16024871101",
            "in Odoo",
            place("sale.order", 1, Some("S00001")),
            json!([linked, invoice]),
        );
        json!({
            "identifier": "501",
            "sentence": "Time entry 501 is in Odoo (account.analytic.line 3, order S00001), \
                billed on INV/2026/00001, paid.",
            "found": [],
            "chain": [deal],
            "links": [],
        })
    }

    const PRINTED: &str = "\
Time entry 501 is in Odoo (account.analytic.line 3, order S00001), billed on
INV/2026/00001, paid.

Deal 16024871101  in Odoo  S00001  sale.order 1  2026-11-22 13:40
├─ PSA project 77  linked to its contract  2026-11-22 13:40
│  └─ ▶ Time entry 501  in Odoo  account.analytic.line 3 and 4
│     │   reference  connectwise___43obalt__time_5fentry__501
│     │   received   2026-11-22 13:39:01 UTC
│     │   brought    by 6a0b7f6e-3f6e-4f0c-9e4e-0123456789ab
│     │   judged     2026-11-22 13:39:02 UTC, book 0123456789ab
│     │   tried      4 times, 2026-11-22 13:39:10 UTC to
│     │              2026-11-22 13:39:40 UTC: Odoo could not be reached
│     │   posted     2026-11-22 13:40:05 UTC
│     │   writes     date 2026-11-21, service senior_consultant, worked 8 h,
│     │              billable 8 h
│     │   earlier    version 1 superseded 2026-11-22 13:00:00 UTC
│     └─ Unit of 8 h  8 h = 1152.00 on INV/2026/00001
└─ Invoice INV/2026/00001  posted in Odoo, paid  account.move 1
";

    #[test]
    fn a_chain_is_a_tree_of_eighty_columns() {
        assert_eq!(page(&canned()).plain(), PRINTED);
    }

    #[test]
    fn an_id_of_several_things_lists_how_to_ask_for_each() {
        let trace = json!({
            "identifier": "77",
            "sentence": "77 is the id of 2 things: ask for one of them.",
            "found": [
                {"reference": "hubspot__1__deal__77", "what": "Deal 77", "state": "in Odoo"},
                {"reference": "psa__1__project__77", "what": "PSA project 77", "state": "held"},
            ],
        });
        let printed = page(&trace).plain();
        assert!(
            printed.contains("  Deal 77  in Odoo\n    tenon trace hubspot__1__deal__77\n"),
            "{printed}"
        );
    }
}
